#include "services/order/order_group.h"

#include <algorithm>

#include "libs/base/proto_time.h"

namespace souk::order {

StatusOr<OrderGroup::Events> OrderGroup::Decide(const State& group, const PlaceGroup& command,
                                                absl::Time now) {
  if (group.has_placed()) return Events();
  Events events(1);
  *events[0].mutable_placed() = command.facts;
  *events[0].mutable_placed()->mutable_place_time() = ToProto(now);
  return events;
}

void OrderGroup::Evolve(State& group, const Event& event) {
  switch (event.kind_case()) {
    case Event::kPlaced:
      *group.mutable_placed() = event.placed();
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

v1::OrderGroup::State StateOfGroup(std::span<const v1::OrderState::State> orders) {
  const auto all = [&](auto&& holds) { return std::all_of(orders.begin(), orders.end(), holds); };
  const auto cancelled = [](auto order) { return order == v1::OrderState::STATE_CANCELLED; };
  const auto ended = [&](auto order) { return order == v1::OrderState::STATE_COMPLETED || cancelled(order); };
  if (orders.empty()) return v1::OrderGroup::STATE_UNSPECIFIED;
  if (all(cancelled)) return v1::OrderGroup::STATE_CANCELLED;
  return all(ended) ? v1::OrderGroup::STATE_COMPLETED : v1::OrderGroup::STATE_ACTIVE;
}

}  // namespace souk::order
