#include "services/notification/causes.h"

#include <string_view>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/notification/template.h"

namespace souk::notification {
namespace {

constexpr std::string_view kBankTransfer = "bank_transfer";
constexpr std::string_view kCashOnDelivery = "cash_on_delivery";

Request RequestOf(Template mail, std::string recipient, const std::string& order_id,
                  const std::string& seller_id) {
  Request request;
  request.facts.set_template_name(NameOf(mail));
  request.facts.set_category(CategoryOf(mail));
  request.facts.set_recipient(std::move(recipient));
  request.facts.set_order_id(order_id);
  request.facts.set_seller_id(seller_id);
  return request;
}

template <typename Event>
Request ToBuyer(Template mail, const Event& event) {
  return RequestOf(mail, "buyer/" + event.buyer_id(), event.order_id(), event.seller_id());
}

template <typename Event>
Request ToSeller(Template mail, const Event& event) {
  return RequestOf(mail, "seller/" + event.seller_id(), event.order_id(), event.seller_id());
}

}  // namespace

std::vector<Request> MailsFor(const order::events::v1::OrderGroupPlaced& event) {
  if (event.payment_method() != kBankTransfer || event.order_ids().empty()) return {};
  // One payment for all orders of the group: any of them names the buyer.
  Request request =
      RequestOf(Template::kPaymentInstructions, "buyer/" + event.buyer_id(), event.order_ids(0), "");
  request.facts.set_payment_intent_id(event.payment_intent_id());
  return {std::move(request)};
}

std::vector<Request> MailsFor(const order::events::v1::OrderPlaced& event) {
  return {ToBuyer(Template::kOrderConfirmation, event)};
}

std::vector<Request> MailsFor(const order::events::v1::OrderPaymentConfirmed& event) {
  return {ToSeller(Template::kNewOrder, event)};
}

std::vector<Request> MailsFor(const order::events::v1::OrderReceiptReminderDue& event) {
  return {ToBuyer(Template::kReceiptReminder, event)};
}

std::vector<Request> MailsFor(const order::events::v1::OrderReceived& event) {
  Request invitation = ToBuyer(Template::kReviewInvitation, event);
  invitation.send_time = FromProto(event.receive_time()) + kReviewInvitationAfter;
  return {ToBuyer(Template::kOrderReceived, event), std::move(invitation)};
}

std::vector<Request> MailsFor(const order::events::v1::OrderCancelled& event) {
  v1::CancellationFacts cancellation;
  cancellation.set_reason(event.reason());
  cancellation.set_cancelled_by(event.cancelled_by());
  if (event.paid()) *cancellation.mutable_refund() = event.total();
  std::vector<Request> requests = {ToBuyer(Template::kOrderCancelled, event)};
  // The seller was told of the order only if it could be packed: when its money was there.
  if (event.paid() || event.payment_method() == kCashOnDelivery) {
    requests.push_back(ToSeller(Template::kSaleCancelled, event));
  }
  for (Request& request : requests) *request.facts.mutable_cancellation() = cancellation;
  return requests;
}

std::vector<Request> MailsFor(const shipping::events::v1::ShipBySlaAtRisk& event) {
  return {ToSeller(Template::kDispatchReminder, event.shipment())};
}

std::vector<Request> MailsFor(const shipping::events::v1::ShipmentDispatched& event) {
  Request request = ToBuyer(Template::kOrderDispatched, event);
  request.facts.set_shipment_id(event.shipment_id());
  return {std::move(request)};
}

Request InvitationFor(const catalog::events::v1::ReviewSubmitted& event) {
  return ToBuyer(Template::kReviewInvitation, event);
}

Causes::Causes(Engine& engine) : engine_(engine) {
  Mail<order::events::v1::OrderGroupPlaced>(orders_);
  Mail<order::events::v1::OrderPlaced>(orders_);
  Mail<order::events::v1::OrderPaymentConfirmed>(orders_);
  Mail<order::events::v1::OrderReceiptReminderDue>(orders_);
  Mail<order::events::v1::OrderReceived>(orders_);
  Mail<order::events::v1::OrderCancelled>(orders_);
  Mail<shipping::events::v1::ShipBySlaAtRisk>(shipping_);
  Mail<shipping::events::v1::ShipmentDispatched>(shipping_);
  catalog_.On<catalog::events::v1::ReviewSubmitted>(
      [this](Delivery delivery, catalog::events::v1::ReviewSubmitted event) {
        return CallOff(std::move(delivery), InvitationFor(event));
      });
}

Task<Status> Causes::Ask(Delivery delivery, std::vector<Request> requests) {
  for (Request& request : requests) {
    request.facts.set_cause_event_id(delivery.event->event_id());
    const Notification::Id id = NotificationIdFor(request.facts);
    co_await Try(
        engine_.Execute<Notification>(id, request, delivery.Metadata(request.facts.template_name())));
  }
  co_return OkStatus();
}

// The review may be known here before the receipt: the invitation is then recorded as
// called off, so that the receipt does not ask for it any more.
Task<Status> Causes::CallOff(Delivery delivery, Request invitation) {
  invitation.facts.set_cause_event_id(delivery.event->event_id());
  const Notification::Id id = NotificationIdFor(invitation.facts);
  const auto work = [&](Unit& unit) -> Status {
    RETURN_IF_ERROR(unit.Execute<Notification>(id, invitation));
    return unit.Execute<Notification>(id, Suppress{.reason = v1::SUPPRESS_REASON_REVIEWED});
  };
  const auto read = [](Unit&) { return OkStatus(); };
  co_return co_await engine_.Transact(PartitionKeyOf<Notification>(id), delivery.Metadata("call-off"), work,
                                      read);
}

}  // namespace souk::notification
