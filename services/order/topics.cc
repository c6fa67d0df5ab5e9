#include "services/order/topics.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "services/order/checkout.h"
#include "services/order/order.h"
#include "services/order/order_group.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::order {
namespace {

namespace public_events = events::v1;

// PAYMENT_METHOD_BANK_TRANSFER -> "bank_transfer".
std::string Word(std::string name, std::string_view prefix) {
  name.erase(0, prefix.size());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}
std::string Word(v1::PaymentMethod method) { return Word(v1::PaymentMethod_Name(method), "PAYMENT_METHOD_"); }
std::string Word(v1::CancelReason reason) { return Word(v1::CancelReason_Name(reason), "CANCEL_REASON_"); }
std::string Word(v1::Party party) { return Word(v1::Party_Name(party), "PARTY_"); }

// The ids that every public event about an order begins with.
template <typename Message>
Message About(const v1::OrderRef& order) {
  Message message;
  message.set_order_id(order.order_id());
  message.set_group_id(order.group_id());
  message.set_buyer_id(order.buyer_id());
  message.set_seller_id(order.seller_id());
  return message;
}

template <typename Message>
void AddLines(const google::protobuf::RepeatedPtrField<v1::LineQuantity>& lines, Message& message) {
  for (const v1::LineQuantity& line : lines) {
    public_events::LineQuantity& copy = *message.add_lines();
    copy.set_line_id(line.line_id());
    copy.set_product_id(line.product_id());
    copy.set_quantity(line.quantity());
  }
}

public_events::OrderPlaced Placed(const v1::OrderPlaced& event) {
  const v1::OrderSnapshot& snapshot = event.snapshot();
  public_events::OrderPlaced placed;
  placed.set_order_id(snapshot.order_id());
  placed.set_group_id(snapshot.group_id());
  placed.set_checkout_id(snapshot.group_id());
  placed.set_buyer_id(snapshot.buyer_id());
  placed.set_seller_id(snapshot.seller_id());
  for (const v1::OrderLine& line : snapshot.lines()) {
    public_events::OrderLine& copy = *placed.add_lines();
    copy.set_line_id(line.line_id());
    copy.set_product_id(line.product_id());
    copy.set_title(line.title());
    copy.set_quantity(line.quantity());
    *copy.mutable_unit_price() = line.unit_price();
  }
  *placed.mutable_items_total() = snapshot.items_total();
  *placed.mutable_shipping_total() = snapshot.shipping_total();
  *placed.mutable_total() = snapshot.total();
  placed.set_payment_intent_id(snapshot.payment_intent_id());
  placed.set_payment_method(Word(snapshot.payment_method()));
  const v1::DeliveryTerms& delivery = snapshot.delivery();
  public_events::OrderShipping& shipping = *placed.mutable_shipping();
  shipping.set_quote_id(delivery.quote_id());
  shipping.set_option_id(delivery.option_id());
  shipping.set_option_name(delivery.option_name());
  shipping.set_carrier(delivery.carrier());
  shipping.set_pickup(delivery.pickup());
  shipping.set_region_code(delivery.region_code());
  shipping.set_postal_code(delivery.postal_code());
  *shipping.mutable_ship_by_time() = delivery.ship_by_time();
  *shipping.mutable_arrive_from() = delivery.arrive_from();
  *shipping.mutable_arrive_until() = delivery.arrive_until();
  shipping.set_time_zone(delivery.time_zone());
  *placed.mutable_place_time() = snapshot.place_time();
  placed.set_content_hash(event.content_hash());
  return placed;
}

public_events::OrderPaymentConfirmed Confirmed(const v1::OrderConfirmed& event) {
  auto confirmed = About<public_events::OrderPaymentConfirmed>(event.order());
  confirmed.set_payment_intent_id(event.order().payment_intent_id());
  confirmed.set_payment_method(Word(event.order().payment_method()));
  *confirmed.mutable_confirm_time() = event.confirm_time();
  *confirmed.mutable_ship_by_time() = event.ship_by_time();
  return confirmed;
}

public_events::OrderDispatched Dispatched(const v1::OrderDispatched& event) {
  auto dispatched = About<public_events::OrderDispatched>(event.order());
  dispatched.set_shipment_id(event.shipment_id());
  AddLines(event.lines(), dispatched);
  dispatched.set_carrier(event.carrier());
  dispatched.set_tracking_code(event.tracking_code());
  *dispatched.mutable_dispatch_time() = event.dispatch_time();
  return dispatched;
}

public_events::OrderReceived Received(const v1::OrderReceived& event) {
  auto received = About<public_events::OrderReceived>(event.order());
  AddLines(event.lines(), received);
  received.set_received_by(event.received_by() == v1::PARTY_SYSTEM ? "timer" : Word(event.received_by()));
  *received.mutable_receive_time() = event.receive_time();
  received.set_payment_intent_id(event.order().payment_intent_id());
  received.set_payment_method(Word(event.order().payment_method()));
  return received;
}

public_events::OrderCancelled Cancelled(const v1::OrderCancelled& event) {
  auto cancelled = About<public_events::OrderCancelled>(event.order());
  AddLines(event.lines(), cancelled);
  cancelled.set_reason(Word(event.reason()));
  cancelled.set_cancelled_by(Word(event.cancelled_by()));
  cancelled.set_payment_intent_id(event.order().payment_intent_id());
  cancelled.set_payment_method(Word(event.order().payment_method()));
  cancelled.set_paid(event.paid());
  *cancelled.mutable_total() = event.total();
  return cancelled;
}

std::optional<PublicEvent> OfOrder(const v1::OrderEvent& event) {
  switch (event.kind_case()) {
    case v1::OrderEvent::kPlaced:
      return PublicEvent::Of(Placed(event.placed()));
    case v1::OrderEvent::kConfirmed:
      return PublicEvent::Of(Confirmed(event.confirmed()));
    case v1::OrderEvent::kDispatched:
      return PublicEvent::Of(Dispatched(event.dispatched()));
    case v1::OrderEvent::kReceiptReminded:
      return PublicEvent::Of(About<public_events::OrderReceiptReminderDue>(event.receipt_reminded().order()));
    case v1::OrderEvent::kReceived:
      return PublicEvent::Of(Received(event.received()));
    case v1::OrderEvent::kCompleted:
      return PublicEvent::Of(About<public_events::OrderCompleted>(event.completed().order()));
    case v1::OrderEvent::kCancelled:
      return PublicEvent::Of(Cancelled(event.cancelled()));
    case v1::OrderEvent::kPaid:
    case v1::OrderEvent::kPaymentFailed:
    case v1::OrderEvent::kNoteAttached:
    case v1::OrderEvent::kDelivered:
    case v1::OrderEvent::kRefunded:
    case v1::OrderEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<PublicEvent> OfGroup(const v1::OrderGroupEvent& event) {
  const v1::OrderGroupPlaced& placed = event.placed();
  public_events::OrderGroupPlaced group;
  group.set_group_id(placed.group_id());
  group.set_cart_id(placed.cart_id());
  group.set_buyer_id(placed.buyer_id());
  *group.mutable_order_ids() = placed.order_ids();
  *group.mutable_total() = placed.total();
  group.set_payment_intent_id(placed.payment_intent_id());
  group.set_payment_method(Word(placed.payment_method()));
  *group.mutable_place_time() = placed.place_time();
  return PublicEvent::Of(group);
}

std::optional<PublicEvent> OfCheckout(const std::string& checkout_id, const v1::CheckoutEvent& event) {
  switch (event.kind_case()) {
    case v1::CheckoutEvent::kStarted: {
      public_events::CheckoutStarted started;
      started.set_checkout_id(event.started().checkout_id());
      started.set_cart_id(event.started().cart_id());
      started.set_buyer_id(event.started().buyer_id());
      return PublicEvent::Of(started);
    }
    case v1::CheckoutEvent::kAttemptFailed: {
      public_events::CheckoutFailed failed;
      failed.set_checkout_id(checkout_id);
      failed.set_attempt(event.attempt_failed().attempt());
      failed.set_reason(event.attempt_failed().failure().reason());
      return PublicEvent::Of(failed);
    }
    case v1::CheckoutEvent::kAddressSet:
    case v1::CheckoutEvent::kDeliverySelected:
    case v1::CheckoutEvent::kPaymentMethodSelected:
    case v1::CheckoutEvent::kPlacementRequested:
    case v1::CheckoutEvent::kPriced:
    case v1::CheckoutEvent::kStockHeld:
    case v1::CheckoutEvent::kPaymentPending:
    case v1::CheckoutEvent::kActionRequired:
    case v1::CheckoutEvent::kResumed:
    case v1::CheckoutEvent::kAttemptRejected:
    case v1::CheckoutEvent::kCancelRequested:
    case v1::CheckoutEvent::kPlaced:
    case v1::CheckoutEvent::kSettled:
    case v1::CheckoutEvent::kCancelled:
    case v1::CheckoutEvent::kExpired:
    case v1::CheckoutEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() == Order::kName) return Publish(record, OfOrder);
  if (record.aggregate() == OrderGroup::kName) return Publish(record, OfGroup);
  if (record.aggregate() == Checkout::kName) return Publish(record, OfCheckout);
  return std::nullopt;
}

}  // namespace souk::order
