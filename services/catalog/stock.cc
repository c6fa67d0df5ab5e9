#include "services/catalog/stock.h"

#include <algorithm>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/catalog/stock_index.h"
#include "services/catalog/text.h"

namespace souk::catalog {

using Events = Stock::Events;

namespace {

constexpr std::int64_t kQuantityMax = 1'000'000'000;

// Decides step by step: each event counts for what is decided next. Keeps account of what
// it needs instead of folding a copy: a product that sells well has thousands of
// reservations.
class Steps {
 public:
  explicit Steps(const v1::StockState& before) : before_(before), available_(Available(before)) {}

  // Pieces for sale after the events so far.
  std::int64_t available() const { return available_; }

  // `for_sale`: how many more pieces are for sale because of the event.
  void Add(v1::StockEvent event, std::int64_t for_sale = 0) {
    available_ += for_sale;
    if (event.has_low_level_set()) low_level_ = event.low_level_set().low_level();
    events_.push_back(std::move(event));
  }

  // Gives back what lapsed holds hold.
  void ExpireLapsed(absl::Time now) {
    for (const v1::Reservation* const hold : LapsedHolds(before_, now)) {
      v1::StockEvent event;
      event.mutable_reservation_expired()->set_hold_id(hold->hold_id());
      event.mutable_reservation_expired()->set_quantity(hold->quantity());
      Add(std::move(event), hold->quantity());
    }
  }

  // What is held becomes the order's.
  void Allocate(std::string_view order_id, const v1::Reservation& held) {
    v1::StockEvent event;
    event.mutable_allocated()->set_hold_id(held.hold_id());
    event.mutable_allocated()->set_order_id(std::string(order_id));
    event.mutable_allocated()->set_quantity(held.quantity());
    settled_ -= held.quantity();
    Add(std::move(event));
  }

  void Release(std::string_view order_id, std::int64_t quantity) {
    quantity = std::min(quantity, AllocatedTo(order_id));
    if (quantity <= 0) return;
    v1::StockEvent event;
    event.mutable_allocation_released()->set_order_id(std::string(order_id));
    event.mutable_allocation_released()->set_quantity(quantity);
    settled_ += quantity;
    Add(std::move(event), quantity);
  }

  void Dispatch(std::string_view order_id, std::int64_t quantity) {
    quantity = std::min(quantity, AllocatedTo(order_id));
    if (quantity <= 0) return;
    v1::StockEvent event;
    event.mutable_dispatched()->set_order_id(std::string(order_id));
    event.mutable_dispatched()->set_quantity(quantity);
    settled_ += quantity;
    Add(std::move(event));
  }

  // All events, with the notices that the new number of pieces for sale gives rise to.
  Events Finish() && {
    const std::int64_t was = Available(before_);
    const std::int64_t is = available_;
    const std::int64_t low_level = low_level_.value_or(before_.low_level());
    if (was > before_.low_level() && is <= low_level) {
      v1::LowStockReached& low = *events_.emplace_back().mutable_low_reached();
      low.set_product_id(before_.product_id());
      low.set_seller_id(before_.seller_id());
      low.set_available_quantity(is);
    }
    if (was > 0 && is == 0) {
      v1::StockDepleted& depleted = *events_.emplace_back().mutable_depleted();
      depleted.set_product_id(before_.product_id());
      depleted.set_seller_id(before_.seller_id());
    }
    if (was == 0 && is > 0) {
      v1::StockReplenished& replenished = *events_.emplace_back().mutable_replenished();
      replenished.set_product_id(before_.product_id());
      replenished.set_seller_id(before_.seller_id());
      replenished.set_available_quantity(is);
    }
    return std::move(events_);
  }

 private:
  // After the events so far. They are all about the same order, if about any.
  std::int64_t AllocatedTo(std::string_view order_id) const {
    std::int64_t sum = -settled_;
    for (const v1::Reservation* const reservation : ReservationsOf(before_, order_id)) {
      sum += reservation->quantity();
    }
    return sum;
  }

  const v1::StockState& before_;
  std::int64_t available_;
  std::int64_t settled_ = 0;  // Released or dispatched by the events so far, less what they allocated.
  std::optional<std::int64_t> low_level_;
  Events events_;
};

Status CheckOpen(const v1::StockState& stock) {
  return stock.product_id().empty() ? NotFound("no such product") : OkStatus();
}

Status CheckQuantity(std::int64_t quantity) {
  if (quantity >= 1 && quantity <= kQuantityMax) return OkStatus();
  return InvalidField("quantity", "must be 1 to 1000000000");
}

Status OutOfStock(const v1::StockState& stock, std::int64_t available) {
  return Rejected("OUT_OF_STOCK",
                  {{"available", absl::StrFormat("%d", available)}, {"product_id", stock.product_id()}},
                  "only %d left", available);
}

// Why nothing can be done with a hold that is not there.
Status NoHold(const v1::StockState& stock, std::string_view hold_id) {
  if (FindEnded(stock, hold_id) == nullptr) return NotFound("no hold %s", hold_id);
  return Rejected("HOLD_ENDED", {}, "hold %s has ended; hold again under another id", hold_id);
}

bool OrderIsKnown(const v1::StockState& stock, std::string_view order_id) {
  const auto had_it = [order_id](const auto& ended) { return ended.order_id() == order_id; };
  return !ReservationsOf(stock, order_id).empty() ||
         std::any_of(stock.ended().begin(), stock.ended().end(), had_it);
}

const v1::StockSettledEarly* FindEarly(const v1::StockState& stock, std::string_view order_id) {
  for (const v1::StockSettledEarly& early : stock.early()) {
    if (early.order_id() == order_id) return &early;
  }
  return nullptr;
}

v1::StockEvent SettledEarly(const std::string& order_id, std::int64_t released, std::int64_t dispatched) {
  v1::StockEvent event;
  event.mutable_settled_early()->set_order_id(order_id);
  event.mutable_settled_early()->set_released_quantity(released);
  event.mutable_settled_early()->set_dispatched_quantity(dispatched);
  return event;
}

}  // namespace

StatusOr<Events> Stock::Decide(const State& stock, const OpenStock& command, absl::Time) {
  if (!stock.product_id().empty()) return IllegalTransition("product has a stock already");
  Event event;
  event.mutable_opened()->set_product_id(command.product_id);
  event.mutable_opened()->set_seller_id(command.seller_id);
  event.mutable_opened()->set_low_level(command.low_level);
  return Events{event};
}

StatusOr<Events> Stock::Decide(const State& stock, const ReceiveStock& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckQuantity(command.quantity));
  if (stock.on_hand() + command.quantity > kQuantityMax) return InvalidField("quantity", "is more than fits");
  Steps steps(stock);
  Event event;
  event.mutable_received()->set_quantity(command.quantity);
  steps.Add(std::move(event), command.quantity);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const AdjustStock& command, absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(stock));
  std::vector<FieldViolation> violations;
  CheckText(violations, "reason", command.reason, {.min = 1, .max = 500});
  if (command.delta == 0 || command.delta < -kQuantityMax || command.delta > kQuantityMax - stock.on_hand()) {
    violations.push_back({"delta", "must not be 0, nor more than fits"});
  }
  RETURN_IF_ERROR(InvalidFields(violations));
  Steps steps(stock);
  steps.ExpireLapsed(now);
  if (steps.available() + command.delta < 0) return OutOfStock(stock, steps.available());
  Event event;
  event.mutable_adjusted()->set_delta(command.delta);
  event.mutable_adjusted()->set_reason(command.reason);
  steps.Add(std::move(event), command.delta);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const SetLowStockLevel& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  if (command.low_level < 0 || command.low_level > kQuantityMax) {
    return InvalidField("low_level", "must be 0 to 1000000000");
  }
  if (stock.low_level() == command.low_level) return Events{};
  Steps steps(stock);
  Event event;
  event.mutable_low_level_set()->set_low_level(command.low_level);
  steps.Add(std::move(event));
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const HoldStock& command, absl::Time now) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckId("hold_id", command.hold_id));
  RETURN_IF_ERROR(CheckQuantity(command.quantity));
  if (const v1::Reservation* const held = FindReservation(stock, command.hold_id)) {
    if (held->order_id().empty() && held->quantity() != command.quantity) {
      return Rejected("HOLD_MISMATCH", {}, "hold %s is for %d", command.hold_id, held->quantity());
    }
    return Events{};
  }
  if (FindEnded(stock, command.hold_id) != nullptr) return NoHold(stock, command.hold_id);
  if (command.expire_time <= now) return InvalidField("expire_time", "must be in the future");

  Steps steps(stock);
  steps.ExpireLapsed(now);
  if (steps.available() < command.quantity) return OutOfStock(stock, steps.available());
  Event event;
  event.mutable_reserved()->set_hold_id(command.hold_id);
  event.mutable_reserved()->set_quantity(command.quantity);
  *event.mutable_reserved()->mutable_expire_time() = ToProto(command.expire_time);
  steps.Add(std::move(event), -command.quantity);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const ExtendHold& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  const v1::Reservation* const held = FindReservation(stock, command.hold_id);
  if (held == nullptr) return NoHold(stock, command.hold_id);
  if (!held->order_id().empty() || command.expire_time <= FromProto(held->expire_time())) return Events{};
  Event event;
  event.mutable_reservation_extended()->set_hold_id(command.hold_id);
  *event.mutable_reservation_extended()->mutable_expire_time() = ToProto(command.expire_time);
  return Events{event};
}

StatusOr<Events> Stock::Decide(const State& stock, const CommitHold& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckId("order_id", command.order_id));
  const v1::Reservation* const held = FindReservation(stock, command.hold_id);
  const v1::EndedReservation* const ended = held == nullptr ? FindEnded(stock, command.hold_id) : nullptr;
  const std::string& owner = held != nullptr ? held->order_id() : ended != nullptr ? ended->order_id() : "";
  if (owner == command.order_id) return Events{};
  if (!owner.empty()) return Rejected("HOLD_MISMATCH", {}, "hold %s is order %s's", command.hold_id, owner);
  if (held == nullptr) return NoHold(stock, command.hold_id);

  Steps steps(stock);
  steps.Allocate(command.order_id, *held);
  if (const v1::StockSettledEarly* const early = FindEarly(stock, command.order_id)) {
    steps.Release(command.order_id, early->released_quantity());
    steps.Dispatch(command.order_id, early->dispatched_quantity());
  }
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const ReleaseHold& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckId("hold_id", command.hold_id));
  if (FindEnded(stock, command.hold_id) != nullptr) return Events{};
  const v1::Reservation* const held = FindReservation(stock, command.hold_id);
  if (held != nullptr && !held->order_id().empty()) {
    return Rejected("HOLD_COMMITTED", {{"order_id", held->order_id()}}, "an order has what was held");
  }
  Steps steps(stock);
  Event event;
  event.mutable_reservation_released()->set_hold_id(command.hold_id);
  const std::int64_t quantity = held != nullptr ? held->quantity() : 0;
  event.mutable_reservation_released()->set_quantity(quantity);
  steps.Add(std::move(event), quantity);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const ExpireHolds&, absl::Time now) {
  Steps steps(stock);
  steps.ExpireLapsed(now);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const ReleaseAllocation& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckQuantity(command.quantity));
  if (!OrderIsKnown(stock, command.order_id)) {
    return Events{SettledEarly(command.order_id, command.quantity, 0)};
  }
  Steps steps(stock);
  steps.Release(command.order_id, command.quantity);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const DispatchStock& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckQuantity(command.quantity));
  if (!OrderIsKnown(stock, command.order_id)) {
    return Events{SettledEarly(command.order_id, 0, command.quantity)};
  }
  Steps steps(stock);
  steps.Dispatch(command.order_id, command.quantity);
  return std::move(steps).Finish();
}

StatusOr<Events> Stock::Decide(const State& stock, const ReturnStock& command, absl::Time) {
  RETURN_IF_ERROR(CheckId("order_id", command.order_id));
  RETURN_IF_ERROR(CheckOpen(stock));
  RETURN_IF_ERROR(CheckQuantity(command.quantity));
  std::int64_t got = 0;
  for (const v1::Reservation* const reservation : ReservationsOf(stock, command.order_id)) {
    got += reservation->dispatched_quantity();
  }
  for (const v1::EndedReservation& ended : stock.ended()) {
    if (ended.order_id() == command.order_id) got += ended.dispatched_quantity();
  }
  if (command.quantity > got) {
    return Rejected("QUANTITY_LIMIT", {{"max", absl::StrFormat("%d", got)}},
                    "order %s has %d to give back; adjust the stock for anything else", command.order_id,
                    got);
  }
  Steps steps(stock);
  Event event;
  event.mutable_returned()->set_order_id(command.order_id);
  event.mutable_returned()->set_quantity(command.quantity);
  steps.Add(std::move(event), command.quantity);
  return std::move(steps).Finish();
}

std::int64_t Available(const v1::StockState& stock) {
  return stock.on_hand() - stock.allocated() - stock.held();
}

std::int64_t AvailableAt(const v1::StockState& stock, absl::Time now) {
  std::int64_t lapsed = 0;
  for (const v1::Reservation* const hold : LapsedHolds(stock, now)) lapsed += hold->quantity();
  return Available(stock) + lapsed;
}

const v1::EndedReservation* FindEnded(const v1::StockState& stock, std::string_view hold_id) {
  for (const v1::EndedReservation& ended : stock.ended()) {
    if (ended.hold_id() == hold_id) return &ended;
  }
  return nullptr;
}

}  // namespace souk::catalog
