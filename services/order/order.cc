#include "services/order/order.h"

#include <algorithm>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/proto_time.h"

namespace souk::order {
namespace {

using State = Order::State;
using Event = Order::Event;
using Events = Order::Events;

v1::OrderRef RefOf(const v1::OrderSnapshot& snapshot) {
  v1::OrderRef ref;
  ref.set_order_id(snapshot.order_id());
  ref.set_group_id(snapshot.group_id());
  ref.set_buyer_id(snapshot.buyer_id());
  ref.set_seller_id(snapshot.seller_id());
  ref.set_payment_intent_id(snapshot.payment_intent_id());
  ref.set_payment_method(snapshot.payment_method());
  return ref;
}

Event Confirmed(const v1::OrderSnapshot& snapshot, bool paid, absl::Time now) {
  Event event;
  v1::OrderConfirmed& confirmed = *event.mutable_confirmed();
  confirmed.set_paid(paid);
  *confirmed.mutable_confirm_time() = ToProto(now);
  *confirmed.mutable_ship_by_time() = snapshot.delivery().ship_by_time();
  *confirmed.mutable_order() = RefOf(snapshot);
  return event;
}

Event Cancelled(const State& order, v1::CancelReason reason, v1::Party by, bool paid) {
  Event event;
  v1::OrderCancelled& cancelled = *event.mutable_cancelled();
  cancelled.set_reason(reason);
  cancelled.set_cancelled_by(by);
  for (const v1::OrderLine& line : order.snapshot().lines()) {
    v1::LineQuantity& quantity = *cancelled.add_lines();
    quantity.set_line_id(line.line_id());
    quantity.set_product_id(line.product_id());
    quantity.set_quantity(line.quantity());
  }
  cancelled.set_paid(paid);
  *cancelled.mutable_total() = order.snapshot().total();
  *cancelled.mutable_order() = RefOf(order.snapshot());
  return event;
}

Status Illegal(const State& order, std::string_view what) {
  if (order.state() == State::STATE_UNSPECIFIED) return NotFound("no such order");
  return IllegalTransition("the order is %s; it cannot be %s", NameOf(order.state()), what);
}

const v1::OrderParcel* FindParcel(const State& order, std::string_view shipment_id) {
  const auto it =
      std::find_if(order.parcels().begin(), order.parcels().end(),
                   [&](const v1::OrderParcel& parcel) { return parcel.shipment_id() == shipment_id; });
  return it == order.parcels().end() ? nullptr : &*it;
}

// Nothing leaves that was not ordered, or has left already.
Status CheckParcel(const State& order, const RecordDispatch& command) {
  for (const v1::LineQuantity& part : command.lines) {
    const auto line = std::find_if(order.lines().begin(), order.lines().end(), [&](const auto& candidate) {
      return candidate.line_id() == part.line_id();
    });
    if (line == order.lines().end()) return InvalidArgument("the order has no line %s", part.line_id());
    std::int64_t leaving = 0;
    for (const v1::LineQuantity& other : command.lines) {
      if (other.line_id() == part.line_id()) leaving += other.quantity();
    }
    if (part.quantity() < 1 || leaving > Awaiting(*line)) {
      return Rejected("QUANTITY_LIMIT",
                      {{"line_id", part.line_id()}, {"left", std::to_string(Awaiting(*line))}},
                      "%d of line %s cannot leave; %d are left", leaving, part.line_id(), Awaiting(*line));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<Events> Order::Decide(const State& order, const Place& command, absl::Time now) {
  if (order.state() != State::STATE_UNSPECIFIED) return Events();
  Events events(1);
  v1::OrderPlaced& placed = *events[0].mutable_placed();
  *placed.mutable_snapshot() = command.snapshot;
  *placed.mutable_snapshot()->mutable_place_time() = ToProto(now);
  placed.set_content_hash(ContentHash(placed.snapshot()));
  *placed.mutable_policy() = command.policy;
  if (command.paid || command.snapshot.payment_method() == v1::PAYMENT_METHOD_CASH_ON_DELIVERY) {
    events.push_back(Confirmed(command.snapshot, command.paid, now));
  }
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const ConfirmPayment&, absl::Time now) {
  if (order.state() == State::STATE_UNSPECIFIED) return Illegal(order, "paid");
  if (order.state() == State::STATE_CANCELLED) return Events();
  if (order.state() == State::STATE_PLACED) return Events{Confirmed(order.snapshot(), /*paid=*/true, now)};
  if (order.payment() != State::PAYMENT_UNPAID && order.payment() != State::PAYMENT_FAILED) return Events();
  Events events(1);
  *events[0].mutable_paid()->mutable_pay_time() = ToProto(now);
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const FailPayment& command, absl::Time) {
  if (order.state() == State::STATE_UNSPECIFIED) return Illegal(order, "left unpaid");
  if (order.state() == State::STATE_CANCELLED || order.payment() == State::PAYMENT_FAILED) return Events();
  Events events(1);
  events[0].mutable_payment_failed()->set_failure_code(command.failure_code);
  if (!AnyDispatched(order)) {
    events.push_back(Cancelled(order, v1::CANCEL_REASON_PAYMENT_FAILED, v1::PARTY_SYSTEM, /*paid=*/false));
  }
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const AttachNote& command, absl::Time) {
  const bool open = order.state() == State::STATE_PLACED || order.state() == State::STATE_AWAITING_DISPATCH;
  if (!open || AnyDispatched(order)) return Illegal(order, "given another note");
  if (order.note().SerializeAsString() == command.note.SerializeAsString()) return Events();
  Events events(1);
  *events[0].mutable_note_attached()->mutable_note() = command.note;
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const RecordDispatch& command, absl::Time) {
  if (order.state() == State::STATE_CANCELLED || FindParcel(order, command.shipment_id) != nullptr)
    return Events();
  if (order.state() == State::STATE_PLACED) {
    return Rejected("ORDER_UNPAID", {{"waits_for", "payment"}},
                    "the order is not paid yet; it can leave once it is AWAITING_DISPATCH");
  }
  if (order.state() != State::STATE_AWAITING_DISPATCH) return Illegal(order, "dispatched");
  RETURN_IF_ERROR(CheckParcel(order, command));
  Events events(1);
  v1::OrderDispatched& dispatched = *events[0].mutable_dispatched();
  dispatched.set_shipment_id(command.shipment_id);
  *dispatched.mutable_lines() = {command.lines.begin(), command.lines.end()};
  dispatched.set_carrier(command.carrier);
  dispatched.set_tracking_code(command.tracking_code);
  *dispatched.mutable_dispatch_time() = ToProto(command.dispatch_time);
  *dispatched.mutable_order() = RefOf(order.snapshot());
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const RecordDelivery& command, absl::Time) {
  if (order.state() == State::STATE_CANCELLED) return Events();
  const v1::OrderParcel* const parcel = FindParcel(order, command.shipment_id);
  if (parcel == nullptr) return Illegal(order, "delivered");
  if (parcel->has_delivery_time()) return Events();
  Events events(1);
  events[0].mutable_delivered()->set_shipment_id(command.shipment_id);
  *events[0].mutable_delivered()->mutable_delivery_time() = ToProto(command.delivery_time);
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const RemindOfReceipt&, absl::Time) {
  if (order.state() != State::STATE_DISPATCHED || order.receipt_reminded()) return Events();
  Events events(1);
  *events[0].mutable_receipt_reminded()->mutable_order() = RefOf(order.snapshot());
  return events;
}

StatusOr<Events> Order::Decide(const State& order, const ConfirmReceipt& command, absl::Time now) {
  if (order.state() == State::STATE_RECEIVED || order.state() == State::STATE_COMPLETED) return Events();
  if (order.state() != State::STATE_DISPATCHED) return Illegal(order, "received");
  Events events(2);
  v1::OrderReceived& received = *events[0].mutable_received();
  received.set_received_by(command.by);
  *received.mutable_receive_time() = ToProto(now);
  for (int i = 0; i < order.lines_size(); ++i) {
    v1::LineQuantity& line = *received.add_lines();
    line.set_line_id(order.lines(i).line_id());
    line.set_product_id(order.snapshot().lines(i).product_id());
    line.set_quantity(order.lines(i).in_transit());
  }
  *received.mutable_order() = RefOf(order.snapshot());
  *events[1].mutable_completed()->mutable_order() = RefOf(order.snapshot());
  return events;
}

// The rule: a dispatched order cannot be cancelled. Its money comes back by a refund.
StatusOr<Events> Order::Decide(const State& order, const Cancel& command, absl::Time) {
  if (order.state() == State::STATE_UNSPECIFIED) return Illegal(order, "cancelled");
  if (order.state() == State::STATE_CANCELLED) return Events();
  if (AnyDispatched(order)) {
    return Rejected("ORDER_DISPATCHED", {{"state", NameOf(order.state())}},
                    "a dispatched order cannot be cancelled; ask for a refund");
  }
  return Events{Cancelled(order, command.reason, command.by, order.payment() == State::PAYMENT_PAID)};
}

StatusOr<Events> Order::Decide(const State& order, const RecordRefund& command, absl::Time) {
  if (order.state() == State::STATE_UNSPECIFIED) return Illegal(order, "refunded");
  const auto& known = order.refund_ids();
  if (std::find(known.begin(), known.end(), command.refund_id) != known.end()) return Events();
  Events events(1);
  events[0].mutable_refunded()->set_refund_id(command.refund_id);
  *events[0].mutable_refunded()->mutable_amount() = command.amount;
  return events;
}

OrderId OrderIdOf(std::string_view group_id, int n) {
  return OrderId::Of(std::string(group_id) + "." + std::to_string(n));
}

std::string NameOf(v1::OrderState::State state) {
  constexpr std::size_t kPrefix = sizeof("STATE_") - 1;
  return State::State_Name(state).substr(kPrefix);
}

std::string ContentHash(const v1::OrderSnapshot& snapshot) {
  return ToHex(Sha256(snapshot.SerializeAsString()));
}

std::int64_t Awaiting(const v1::LineProgress& line) {
  return line.ordered() - line.cancelled() - line.in_transit() - line.received();
}

bool AnyDispatched(const v1::OrderState& order) { return order.parcels_size() > 0; }

}  // namespace souk::order
