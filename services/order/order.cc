#include "services/order/order.h"

#include <algorithm>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"

namespace souk::order {
namespace {

using State = Order::State;
using Event = Order::Event;
using Events = Order::Events;

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

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

v1::LineProgress* FindLine(State& order, std::string_view line_id) {
  const auto it = std::find_if(order.mutable_lines()->begin(), order.mutable_lines()->end(),
                               [&](const v1::LineProgress& line) { return line.line_id() == line_id; });
  return it == order.mutable_lines()->end() ? nullptr : &*it;
}

const v1::OrderParcel* FindParcel(const State& order, std::string_view shipment_id) {
  const auto it =
      std::find_if(order.parcels().begin(), order.parcels().end(),
                   [&](const v1::OrderParcel& parcel) { return parcel.shipment_id() == shipment_id; });
  return it == order.parcels().end() ? nullptr : &*it;
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

// What was not sent as more than there is to send. A parcel may not hold two entries of a line.
Status CheckParcel(const State& order, const RecordDispatch& command) {
  State after = order;
  for (const v1::LineQuantity& part : command.lines) {
    v1::LineProgress* const line = FindLine(after, part.line_id());
    if (line == nullptr) return InvalidArgument("the order has no line %s", part.line_id());
    if (part.quantity() < 1 || part.quantity() > Awaiting(*line)) {
      return Rejected(
          "QUANTITY_LIMIT", {{"line_id", part.line_id()}, {"left", std::to_string(Awaiting(*line))}},
          "%d of line %s cannot leave; %d are left", part.quantity(), part.line_id(), Awaiting(*line));
    }
    line->set_in_transit(line->in_transit() + part.quantity());
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

void Order::Evolve(State& order, const Event& event) {
  switch (event.kind_case()) {
    case Event::kPlaced:
      order.set_state(State::STATE_PLACED);
      order.set_payment(State::PAYMENT_UNPAID);
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
