// What events make of an order, which timers they set, and how it is found.
#include <algorithm>
#include <string>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/order/order.h"

namespace souk::order {
namespace {

using State = Order::State;
using Event = Order::Event;

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

v1::LineProgress* FindLine(State& order, std::string_view line_id) {
  const auto it = std::find_if(order.mutable_lines()->begin(), order.mutable_lines()->end(),
                               [&](const v1::LineProgress& line) { return line.line_id() == line_id; });
  return it == order.mutable_lines()->end() ? nullptr : &*it;
}

// Nothing waits to be dispatched any more.
bool AllDispatched(const State& order) {
  return std::all_of(order.lines().begin(), order.lines().end(),
                     [](const v1::LineProgress& line) { return Awaiting(line) == 0; });
}

bool AllDelivered(const State& order) {
  return AllDispatched(order) && std::all_of(order.parcels().begin(), order.parcels().end(),
                                             [](const auto& parcel) { return parcel.has_delivery_time(); });
}

}  // namespace

void Order::Evolve(State& order, const Event& event) {
  switch (event.kind_case()) {
    case Event::kPlaced:
      order.set_state(State::STATE_PLACED);
      order.set_payment(event.placed().snapshot().payment_method() == v1::PAYMENT_METHOD_CARD
                            ? State::PAYMENT_AUTHORIZED
                            : State::PAYMENT_UNPAID);
      *order.mutable_snapshot() = event.placed().snapshot();
      order.set_content_hash(event.placed().content_hash());
      *order.mutable_policy() = event.placed().policy();
      for (const v1::OrderLine& line : event.placed().snapshot().lines()) {
        v1::LineProgress& progress = *order.add_lines();
        progress.set_line_id(line.line_id());
        progress.set_ordered(line.quantity());
      }
      break;
    case Event::kConfirmed:
      order.set_state(State::STATE_AWAITING_DISPATCH);
      if (event.confirmed().paid()) order.set_payment(State::PAYMENT_PAID);
      *order.mutable_confirm_time() = event.confirmed().confirm_time();
      break;
    case Event::kPaid:
      order.set_payment(State::PAYMENT_PAID);
      break;
    case Event::kPaymentFailed:
      order.set_payment(State::PAYMENT_FAILED);
      break;
    case Event::kNoteAttached:
      *order.mutable_note() = event.note_attached().note();
      break;
    case Event::kDispatched: {
      const v1::OrderDispatched& dispatched = event.dispatched();
      v1::OrderParcel& parcel = *order.add_parcels();
      parcel.set_shipment_id(dispatched.shipment_id());
      parcel.set_carrier(dispatched.carrier());
      parcel.set_tracking_code(dispatched.tracking_code());
      *parcel.mutable_dispatch_time() = dispatched.dispatch_time();
      for (const v1::LineQuantity& part : dispatched.lines()) {
        if (v1::LineProgress* const line = FindLine(order, part.line_id()); line != nullptr) {
          line->set_in_transit(line->in_transit() + part.quantity());
        }
      }
      if (AllDispatched(order)) order.set_state(State::STATE_DISPATCHED);
      break;
    }
    case Event::kDelivered:
      for (v1::OrderParcel& parcel : *order.mutable_parcels()) {
        if (parcel.shipment_id() != event.delivered().shipment_id()) continue;
        *parcel.mutable_delivery_time() = event.delivered().delivery_time();
      }
      break;
    case Event::kReceiptReminded:
      order.set_receipt_reminded(true);
      break;
    case Event::kReceived:
      order.set_state(State::STATE_RECEIVED);
      order.set_received_by(event.received().received_by());
      *order.mutable_receive_time() = event.received().receive_time();
      for (v1::LineProgress& line : *order.mutable_lines()) {
        line.set_received(line.received() + line.in_transit());
        line.set_in_transit(0);
      }
      break;
    case Event::kCompleted:
      order.set_state(State::STATE_COMPLETED);
      break;
    case Event::kCancelled:
      order.set_state(State::STATE_CANCELLED);
      order.set_cancel_reason(event.cancelled().reason());
      order.set_cancelled_by(event.cancelled().cancelled_by());
      for (v1::LineProgress& line : *order.mutable_lines())
        line.set_cancelled(Awaiting(line) + line.cancelled());
      break;
    case Event::kRefunded: {
      const type::v1::Money& amount = event.refunded().amount();
      order.mutable_refunded()->set_currency_code(amount.currency_code());
      order.mutable_refunded()->set_minor_units(order.refunded().minor_units() + amount.minor_units());
      order.add_refund_ids(event.refunded().refund_id());
      const bool all = order.refunded().minor_units() >= order.snapshot().total().minor_units();
      order.set_payment(all ? State::PAYMENT_REFUNDED : State::PAYMENT_PARTIALLY_REFUNDED);
      break;
    }
    case Event::KIND_NOT_SET:
      break;
  }
}

// Times are counted from the moment at which we learn of something, not from that at which
// it is said to have happened: only then can those who wait for it do something about it.
void Order::React(const Id&, const State& order, const Event& event, absl::Time now, Reactions& reactions) {
  const v1::OrderPolicy& policy = order.policy();
  switch (event.kind_case()) {
    case Event::kPlaced:
      reactions.Start({.kind = kUnpaidTimer, .due = now + FromProto(policy.unpaid_cancel_after())});
      break;
    case Event::kConfirmed: {
      reactions.Cancel(kUnpaidTimer);
      const absl::Time ship_by = std::max(now, souk::FromProto(event.confirmed().ship_by_time()));
      const absl::Time overdue = ship_by + FromProto(policy.auto_cancel_after_ship_by());
      reactions.Start({.kind = kDispatchOverdueTimer, .due = overdue});
      break;
    }
    case Event::kDispatched:
      if (order.state() != State::STATE_DISPATCHED) break;
      reactions.Cancel(kDispatchOverdueTimer);
      reactions.Start(
          {.kind = kReceiptReminderTimer, .due = now + FromProto(policy.receipt_reminder_after())});
      reactions.Start({.kind = kReceiveTimer, .due = now + FromProto(policy.receive_after_dispatch())});
      break;
    case Event::kDelivered:
      if (order.state() != State::STATE_DISPATCHED || !AllDelivered(order)) break;
      reactions.Cancel(kReceiptReminderTimer);
      reactions.Start({.kind = kReceiveTimer, .due = now + FromProto(policy.receive_after_delivery())});
      break;
    case Event::kReceived:
      reactions.Cancel(kReceiptReminderTimer);
      reactions.Cancel(kReceiveTimer);
      break;
    case Event::kReceiptReminded:
      reactions.Cancel(kReceiptReminderTimer);
      break;
    case Event::kCancelled:
      reactions.Cancel(kUnpaidTimer);
      reactions.Cancel(kDispatchOverdueTimer);
      break;
    case Event::kPaid:
    case Event::kPaymentFailed:
    case Event::kNoteAttached:
    case Event::kCompleted:
    case Event::kRefunded:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Order::Index(const Id& id, const State& order, IndexRows& rows) {
  if (order.state() == State::STATE_UNSPECIFIED) return;
  const v1::OrderSnapshot& snapshot = order.snapshot();
  const std::string placed = SortableTime(souk::FromProto(snapshot.place_time()));
  const std::string ship_by = SortableTime(souk::FromProto(snapshot.delivery().ship_by_time()));
  const std::string state = "/" + NameOf(order.state()) + "/";
  rows.Add("orders_by_seller", snapshot.seller_id() + "/" + placed + "/" + id.str());
  rows.Add("orders_by_seller_and_state", snapshot.seller_id() + state + ship_by + "/" + id.str(), placed);
  rows.Add("orders_by_buyer", snapshot.buyer_id() + "/" + placed + "/" + id.str());
  rows.Add("orders_by_buyer_and_state", snapshot.buyer_id() + state + placed + "/" + id.str());
}

}  // namespace souk::order
