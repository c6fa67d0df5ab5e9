// How the state of a stock follows from its events, and the timers of its holds.
#include <algorithm>

#include "libs/base/proto_time.h"
#include "services/catalog/stock.h"
#include "services/catalog/stock_index.h"

namespace souk::catalog {
namespace {

template <typename Messages>
void KeepLast(Messages& messages, int count) {
  if (messages.size() > count) messages.DeleteSubrange(0, messages.size() - count);
}

// Remembers how the reservation ended, and nothing else of it.
void End(v1::StockState& stock, const v1::Reservation& reservation, v1::EndedReservation::End end) {
  v1::EndedReservation& ended = *stock.add_ended();
  ended.set_hold_id(reservation.hold_id());
  ended.set_end(end);
  ended.set_order_id(reservation.order_id());
  ended.set_dispatched_quantity(reservation.dispatched_quantity());
  KeepLast(*stock.mutable_ended(), kEndedMax);
  Remove(stock, reservation);
}

// A hold is over before an order had it.
void EndHold(v1::StockState& stock, const std::string& hold_id, v1::EndedReservation::End end) {
  if (const v1::Reservation* const held = FindReservation(stock, hold_id)) {
    stock.set_held(stock.held() - held->quantity());
    End(stock, *held, end);
    return;
  }
  v1::EndedReservation& ended = *stock.add_ended();  // Released before it was made.
  ended.set_hold_id(hold_id);
  ended.set_end(end);
  KeepLast(*stock.mutable_ended(), kEndedMax);
}

// Takes `quantity` from the reservations of an order, the oldest first.
void TakeAllocated(v1::StockState& stock, std::string_view order_id, std::int64_t quantity, bool dispatched) {
  stock.set_allocated(stock.allocated() - quantity);
  for (v1::Reservation* const reservation : ReservationsOf(stock, order_id)) {
    if (quantity <= 0) return;
    const std::int64_t taken = std::min(quantity, reservation->quantity());
    quantity -= taken;
    reservation->set_quantity(reservation->quantity() - taken);
    if (dispatched) reservation->set_dispatched_quantity(reservation->dispatched_quantity() + taken);
    if (reservation->quantity() > 0) continue;
    End(stock, *reservation,
        dispatched ? v1::EndedReservation::END_DISPATCHED : v1::EndedReservation::END_RELEASED);
  }
}

// Takes what comes back, `quantity` pieces at most, off what left of a reservation.
template <typename Reservation>
void TakeBack(Reservation& reservation, std::int64_t& quantity) {
  const std::int64_t back = std::min(quantity, reservation.dispatched_quantity());
  quantity -= back;
  reservation.set_dispatched_quantity(reservation.dispatched_quantity() - back);
}

void Return(v1::StockState& stock, std::string_view order_id, std::int64_t quantity) {
  stock.set_on_hand(stock.on_hand() + quantity);
  for (v1::EndedReservation& ended : *stock.mutable_ended()) {
    if (ended.order_id() == order_id) TakeBack(ended, quantity);
  }
  for (v1::Reservation* const reservation : ReservationsOf(stock, order_id)) TakeBack(*reservation, quantity);
}

void SettleEarly(v1::StockState& stock, const v1::StockSettledEarly& settled) {
  for (v1::StockSettledEarly& early : *stock.mutable_early()) {
    if (early.order_id() != settled.order_id()) continue;
    early.set_released_quantity(early.released_quantity() + settled.released_quantity());
    early.set_dispatched_quantity(early.dispatched_quantity() + settled.dispatched_quantity());
    return;
  }
  *stock.add_early() = settled;
  KeepLast(*stock.mutable_early(), kEarlyMax);
}

void Allocate(v1::StockState& stock, const v1::StockAllocated& allocated) {
  if (v1::Reservation* const held = FindReservation(stock, allocated.hold_id())) {
    SetOrder(stock, *held, allocated.order_id());
  }
  stock.set_held(stock.held() - allocated.quantity());
  stock.set_allocated(stock.allocated() + allocated.quantity());
  for (int i = 0; i < stock.early_size(); ++i) {
    if (stock.early(i).order_id() != allocated.order_id()) continue;
    stock.mutable_early()->DeleteSubrange(i, 1);
    return;
  }
}

}  // namespace

void Stock::Evolve(State& stock, const Event& event) {
  switch (event.kind_case()) {
    case Event::kOpened:
      stock.set_product_id(event.opened().product_id());
      stock.set_seller_id(event.opened().seller_id());
      stock.set_low_level(event.opened().low_level());
      break;
    case Event::kReceived:
      stock.set_on_hand(stock.on_hand() + event.received().quantity());
      break;
    case Event::kAdjusted:
      stock.set_on_hand(stock.on_hand() + event.adjusted().delta());
      break;
    case Event::kLowLevelSet:
      stock.set_low_level(event.low_level_set().low_level());
      break;
    case Event::kReserved:
      AddReservation(stock, event.reserved());
      stock.set_held(stock.held() + event.reserved().quantity());
      break;
    case Event::kReservationExtended:
      if (v1::Reservation* const held = FindReservation(stock, event.reservation_extended().hold_id())) {
        SetExpireTime(stock, *held, event.reservation_extended().expire_time());
      }
      break;
    case Event::kReservationExpired:
      EndHold(stock, event.reservation_expired().hold_id(), v1::EndedReservation::END_EXPIRED);
      break;
    case Event::kReservationReleased:
      EndHold(stock, event.reservation_released().hold_id(), v1::EndedReservation::END_RELEASED);
      break;
    case Event::kAllocated:
      Allocate(stock, event.allocated());
      break;
    case Event::kAllocationReleased:
      TakeAllocated(stock, event.allocation_released().order_id(), event.allocation_released().quantity(),
                    /*dispatched=*/false);
      break;
    case Event::kDispatched:
      stock.set_on_hand(stock.on_hand() - event.dispatched().quantity());
      TakeAllocated(stock, event.dispatched().order_id(), event.dispatched().quantity(), /*dispatched=*/true);
      break;
    case Event::kReturned:
      Return(stock, event.returned().order_id(), event.returned().quantity());
      break;
    case Event::kSettledEarly:
      SettleEarly(stock, event.settled_early());
      break;
    case Event::kLowReached:
    case Event::kDepleted:
    case Event::kReplenished:
    case Event::KIND_NOT_SET:  // The engine refuses these.
      break;
  }
}

void Stock::React(const Id&, const State&, const Event& event, absl::Time, Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kReserved:
      reactions.Start({.kind = kExpireHoldTimer,
                       .key = event.reserved().hold_id(),
                       .due = FromProto(event.reserved().expire_time())});
      break;
    case Event::kReservationExtended:
      reactions.Start({.kind = kExpireHoldTimer,
                       .key = event.reservation_extended().hold_id(),
                       .due = FromProto(event.reservation_extended().expire_time())});
      break;
    case Event::kReservationExpired:
      reactions.Cancel(kExpireHoldTimer, event.reservation_expired().hold_id());
      break;
    case Event::kReservationReleased:
      reactions.Cancel(kExpireHoldTimer, event.reservation_released().hold_id());
      break;
    case Event::kAllocated:
      reactions.Cancel(kExpireHoldTimer, event.allocated().hold_id());
      break;
    case Event::kOpened:
    case Event::kReceived:
    case Event::kAdjusted:
    case Event::kLowLevelSet:
    case Event::kAllocationReleased:
    case Event::kDispatched:
    case Event::kReturned:
    case Event::kSettledEarly:
    case Event::kLowReached:
    case Event::kDepleted:
    case Event::kReplenished:
    case Event::KIND_NOT_SET:
      break;
  }
}

}  // namespace souk::catalog
