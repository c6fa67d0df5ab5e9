#include "services/payment/earning.h"

#include <algorithm>

#include "services/payment/money_proto.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

using Event = v1::EarningEvent;
using Events = std::vector<Event>;

Status CheckAccrued(const v1::EarningState& state) {
  if (state.order_id().empty()) return IllegalTransition("nothing was earned with the order yet");
  return OkStatus();
}

}  // namespace

StatusOr<Events> Earning::Decide(const State& state, const Accrue& accrue, absl::Time) {
  if (!state.order_id().empty()) return Events{};
  Event event;
  Event::Accrued& accrued = *event.mutable_accrued();
  accrued.set_seller_id(accrue.seller_id);
  accrued.set_order_id(accrue.order_id);
  *accrued.mutable_amount() = AsProto(accrue.amount);
  *accrued.mutable_commission() = AsProto({accrue.commission, accrue.amount.currency_code});
  return Events{event};
}

StatusOr<Events> Earning::Decide(const State& state, const Release&, absl::Time) {
  RETURN_IF_ERROR(CheckAccrued(state));
  if (state.released()) return Events{};
  Event event;
  Event::Released& released = *event.mutable_released();
  released.set_seller_id(state.seller_id());
  released.set_order_id(state.order_id());
  *released.mutable_amount() = state.pending();
  return Events{event};
}

StatusOr<Events> Earning::Decide(const State& state, const ReserveRefund& reserve, absl::Time) {
  RETURN_IF_ERROR(CheckAccrued(state));
  if (FindReservation(state, reserve.refund_id) != nullptr) return Events{};
  Event event;
  Event::RefundReserved& reserved = *event.mutable_refund_reserved();
  reserved.set_refund_id(reserve.refund_id);
  reserved.set_from_pending(std::min(state.pending().minor_units(), reserve.amount));
  return Events{event};
}

StatusOr<Events> Earning::Decide(const State& state, const RestoreRefund& restore, absl::Time) {
  const State::Reservation* const reservation = FindReservation(state, restore.refund_id);
  if (reservation == nullptr) return IllegalTransition("nothing was reserved for the refund");
  if (reservation->restored()) return Events{};
  Event event;
  Event::RefundRestored& restored = *event.mutable_refund_restored();
  restored.set_refund_id(restore.refund_id);
  restored.set_to_pending(state.released() ? 0 : reservation->from_pending());
  return Events{event};
}

void Earning::Evolve(State& state, const Event& event) {
  const auto add_pending = [&](std::int64_t minor_units) {
    state.mutable_pending()->set_minor_units(state.pending().minor_units() + minor_units);
  };
  switch (event.kind_case()) {
    case Event::kAccrued:
      state.set_seller_id(event.accrued().seller_id());
      state.set_order_id(event.accrued().order_id());
      *state.mutable_pending() = event.accrued().amount();
      return;
    case Event::kReleased:
      state.set_released(true);
      state.mutable_pending()->set_minor_units(0);
      return;
    case Event::kRefundReserved: {
      State::Reservation& reservation = *state.add_reservations();
      reservation.set_refund_id(event.refund_reserved().refund_id());
      reservation.set_from_pending(event.refund_reserved().from_pending());
      add_pending(-event.refund_reserved().from_pending());
      return;
    }
    case Event::kRefundRestored:
      for (State::Reservation& reservation : *state.mutable_reservations()) {
        if (reservation.refund_id() == event.refund_restored().refund_id()) reservation.set_restored(true);
      }
      add_pending(event.refund_restored().to_pending());
      return;
    case Event::KIND_NOT_SET:
      return;
  }
}

std::string Earning::PartitionKey(const Id& id) { return SellerOf(id.str()); }

const v1::EarningState::Reservation* FindReservation(const v1::EarningState& state,
                                                     std::string_view refund_id) {
  for (const auto& reservation : state.reservations()) {
    if (reservation.refund_id() == refund_id) return &reservation;
  }
  return nullptr;
}

}  // namespace souk::payment
