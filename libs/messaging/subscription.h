// A service listens to another one's public events: each becomes a call of a handler, and
// each handler turns it into commands whose request ids derive from the event, so that a
// repeated delivery has no second effect.
//
//   Subscription& orders = context.Subscribe("order");
//   orders.On<order::events::v1::OrderPlaced>([this](Delivery delivery, order::events::v1::OrderPlaced
//   placed)
//       -> Task<Status> { return PlanShipment(std::move(delivery), std::move(placed)); });
//
// (Hand parameters over by value and return another coroutine: a lambda that is itself a
// coroutine must not use its captures after the first await.)
//
// Events of one aggregate are delivered in order, one at a time; those of different
// aggregates may overlap. A handler that fails for a passing reason is tried again, with
// growing pauses. One that fails for any other reason kDeliveryAttemptsMax times is set
// aside as a dead letter, with the later events of the same aggregate behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/shared.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// One public event on its way to a handler.
struct Delivery {
  std::string source;                    // The service it comes from.
  Shared<event::v1::EventRecord> event;  // Its payload is the public message.

  absl::Time occur_time() const;
  // For what the handler does: request ids derived from the event and `step`.
  CommandMetadata Metadata(std::string_view step = "") const;
};

inline constexpr int kDeliveryAttemptsMax = 5;

// The handlers for the events of one service. Set up before the feeds start.
class Subscription {
 public:
  using Handler = std::function<Task<Status>(Delivery)>;
  using Handlers = std::map<std::string, Handler, std::less<>>;  // By type of event.

  explicit Subscription(std::string source, Handlers handlers = {})
      : source_(std::move(source)), handlers_(std::move(handlers)) {}

  template <typename Event>
  void On(std::function<Task<Status>(Delivery, Event)> handler) {
    handlers_[std::string(Event::descriptor()->full_name())] = [handler =
                                                                    std::move(handler)](Delivery delivery) {
      Event event;
      if (!event.ParseFromString(delivery.event->payload())) return Malformed(std::move(delivery));
      return handler(std::move(delivery), std::move(event));
    };
  }

  const std::string& source() const { return source_; }
  // Null for a type that nobody cares about.
  const Handler* Find(std::string_view type) const;
  const Handlers& handlers() const { return handlers_; }

 private:
  static Task<Status> Malformed(Delivery delivery);

  const std::string source_;
  Handlers handlers_;
};

}  // namespace souk
