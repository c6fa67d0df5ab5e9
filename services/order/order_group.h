// The order group aggregate: one purchase of a buyer, with one order per seller. It is
// placed once, by the checkout of the same id, in the same transaction as its orders. How
// it goes is a pure function of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/order/v1/order_events.pb.h"
#include "souk/order/v1/order_group_events.pb.h"
#include "souk/order/v1/order_service.pb.h"

namespace souk::order {

// The checkout places it. Again: nothing.
struct PlaceGroup {
  v1::OrderGroupPlaced facts;  // Without time.
};

struct OrderGroup {
  static constexpr const char* kName = "order_group";
  using Id = StrongId<OrderGroup>;
  using State = v1::OrderGroupState;
  using Event = v1::OrderGroupEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& group, const PlaceGroup& command, absl::Time now);
  static void Evolve(State& group, const Event& event);
};
using OrderGroupId = OrderGroup::Id;

// How a purchase goes, seen from its orders.
v1::OrderGroup::State StateOfGroup(std::span<const v1::OrderState::State> orders);

}  // namespace souk::order
