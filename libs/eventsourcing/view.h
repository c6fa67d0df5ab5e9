// A view is a read model that follows the log on its own: for questions that no index of
// one aggregate answers, such as full-text search or counters over many aggregates. It
// lags behind commands by moments. Prefer an index (aggregate.h) where one will do.
//
// Rows and the position they belong to are written together, so that a crash neither
// loses nor repeats an event. A view of a new version is built from the log at the
// start, beside the old one, which is dropped when the new one is complete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// The rows of one view in one partition, with the changes of the batch being built.
class ViewRows {
 public:
  virtual ~ViewRows() = default;
  virtual StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;
  virtual void Put(std::string_view key, std::string value) = 0;
  virtual void Delete(std::string_view key) = 0;
};

class View {
 public:
  virtual ~View() = default;

  // Stable, such as "product_search".
  virtual std::string name() const = 0;
  // Raise it when Project changes, and the view is built anew.
  virtual std::uint32_t version() const = 0;

  // Brings the rows up to date with one more event. Pure but for `rows`. An event that
  // the view does not care about is no error.
  virtual Status Project(const event::v1::EventRecord& event, ViewRows& rows) = 0;
};

// How a stored event appears to other services: another message, under the same id.
struct PublicEvent {
  std::string type;     // The full name of the message, such as "souk.order.events.v1.OrderPlaced".
  std::string payload;  // The message, serialised.

  template <typename Message>
  static PublicEvent Of(const Message& message) {
    return {message.GetTypeName(), message.SerializeAsString()};
  }
};

// What `map` makes of the event in a record, and of the aggregate's id if it wants that. Nothing when the
// record holds no such event, which the engine refuses to store.
template <typename Event>
std::optional<PublicEvent> Publish(const event::v1::EventRecord& record,
                                   std::optional<PublicEvent> (*map)(const Event&)) {
  Event event;
  if (!event.ParseFromString(record.payload())) return std::nullopt;
  return map(event);
}
template <typename Event>
std::optional<PublicEvent> Publish(const event::v1::EventRecord& record,
                                   std::optional<PublicEvent> (*map)(const std::string&, const Event&)) {
  Event event;
  if (!event.ParseFromString(record.payload())) return std::nullopt;
  return map(record.aggregate_id(), event);
}

}  // namespace souk
