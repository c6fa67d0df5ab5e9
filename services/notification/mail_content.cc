#include "services/notification/mail_content.h"

#include <map>
#include <utility>

#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "services/notification/template.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::notification {
namespace {

using order::v1::OrderState;
using OrderContact = order::v1::GetOrderContactResponse;
using SellerContact = catalog::v1::GetSellerContactResponse;
using Gathered = std::variant<Letter, v1::SuppressReason>;

std::string Format(const type::v1::Money& money) {
  return money.currency_code().empty() ? "" : ToString(Money{money.minor_units(), money.currency_code()});
}

std::string Format(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return absl::FormatTime(
      "%A, %-d %B %Y",
      absl::FromCivil(absl::CivilDay(date.year(), date.month(), date.day()), absl::UTCTimeZone()),
      absl::UTCTimeZone());
}

std::string Format(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%A, %-d %B %Y, %H:%M UTC", FromProto(time), absl::UTCTimeZone());
}

std::string FormatDays(const google::type::Date& from, const google::type::Date& until) {
  const std::string first = Format(from);
  const std::string last = Format(until);
  return first.empty() || first == last ? last : first + " to " + last;
}

std::vector<std::string> AddressLines(const order::v1::Contact& contact) {
  const google::type::PostalAddress& address = contact.address();
  std::vector<std::string> lines = {contact.contact_name()};
  lines.insert(lines.end(), address.address_lines().begin(), address.address_lines().end());
  lines.push_back(address.postal_code() + " " + address.locality());
  lines.push_back(address.administrative_area());
  lines.push_back(address.region_code());
  std::erase_if(lines,
                [](const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; });
  return lines;
}

// A sentence for the reader, in the words of whoever reads it.
std::string CancelSentence(const v1::CancellationFacts& cancellation, bool to_seller) {
  static const std::map<std::string, std::pair<std::string, std::string>, std::less<>> kSentences = {
      {"changed_mind", {"You changed your mind. That is fine.", "The buyer does not want it any more."}},
      {"out_of_stock",
       {"The shop does not have it any more, and is sorry.", "You said that it is out of stock."}},
      {"undeliverable",
       {"It cannot be delivered to your address.", "It cannot be delivered to the address."}},
      {"unpaid", {"The payment did not arrive in time.", "The payment did not arrive in time."}},
      {"not_dispatched",
       {"The shop did not send it in time. We are sorry that you waited.", "It was not sent in time."}},
      {"payment_failed", {"The payment did not work.", "The payment did not work."}},
  };
  const auto it = kSentences.find(cancellation.reason());
  if (it != kSentences.end()) return to_seller ? it->second.second : it->second.first;
  if (cancellation.cancelled_by() == "seller")
    return to_seller ? "You cancelled it." : "The shop cancelled it.";
  if (cancellation.cancelled_by() == "buyer")
    return to_seller ? "The buyer cancelled it." : "You cancelled it.";
  return "";
}

std::vector<MailLine> OrderLines(const OrderContact& order) {
  std::vector<MailLine> lines;
  for (const auto& line : order.lines()) {
    lines.push_back({.title = line.title(), .quantity = line.quantity(), .amount = Format(line.amount())});
  }
  return lines;
}

void AddParcel(const shipping::v1::Shipment& shipment, MailContent& content) {
  content.lines.clear();
  for (const auto& line : shipment.lines()) {
    const std::int64_t left = line.quantity() - line.packed_quantity();
    if (line.packed_quantity() > 0) {
      content.lines.push_back({.title = line.title(), .quantity = line.packed_quantity(), .amount = ""});
    }
    if (left > 0) content.remaining.push_back({.title = line.title(), .quantity = left, .amount = ""});
  }
  content.carrier = shipment.carrier();
  content.tracking_code = shipment.tracking_code();
  if (!shipment.note().empty()) content.note = shipment.note();
}

MailContent ContentOf(const OrderContact& order, const SellerContact& seller, bool to_seller) {
  MailContent content;
  content.shop_name = seller.shop_name();
  content.seller_name = seller.name();
  content.buyer_name = order.contact_name();
  content.order_id = order.order_id();
  content.lines = OrderLines(order);
  content.items_total = Format(order.items_total());
  content.shipping_total = Format(order.shipping_total());
  content.total = Format(order.total());
  content.delivery_option = order.delivery().option_name();
  if (!order.delivery().pickup() || to_seller) content.address = AddressLines(order.contact());
  content.arrives = FormatDays(order.delivery().arrive_from(), order.delivery().arrive_until());
  content.ship_by = Format(order.delivery().ship_by_time());
  content.note = order.note();
  content.cash_on_delivery = order.payment_method() == order::v1::PAYMENT_METHOD_CASH_ON_DELIVERY;
  const bool awaits_money = order.state() == OrderState::STATE_PLACED;
  content.awaits_card = awaits_money && order.payment_method() == order::v1::PAYMENT_METHOD_CARD;
  content.awaits_transfer = awaits_money && order.payment_method() == order::v1::PAYMENT_METHOD_BANK_TRANSFER;
  content.paid = !content.cash_on_delivery && !awaits_money && order.state() != OrderState::STATE_CANCELLED;
  return content;
}

// Why a mail is needless as the order stands; nothing when it is needed.
std::optional<v1::SuppressReason> Needless(Template mail, OrderState::State order) {
  const bool cancelled = order == OrderState::STATE_CANCELLED;
  switch (mail) {
    case Template::kNewOrder:
    case Template::kDispatchReminder:
      if (cancelled) return v1::SUPPRESS_REASON_ORDER_CANCELLED;
      if (mail == Template::kDispatchReminder && order != OrderState::STATE_AWAITING_DISPATCH) {
        return v1::SUPPRESS_REASON_DONE;
      }
      return std::nullopt;
    case Template::kReceiptReminder:
      if (order != OrderState::STATE_DISPATCHED) return v1::SUPPRESS_REASON_DONE;
      return std::nullopt;
    case Template::kReviewInvitation:
    case Template::kPaymentInstructions:
      if (cancelled) return v1::SUPPRESS_REASON_ORDER_CANCELLED;
      return std::nullopt;
    case Template::kSaleCancelled:
    case Template::kOrderConfirmation:
    case Template::kOrderDispatched:
    case Template::kOrderReceived:
    case Template::kOrderCancelled:
      return std::nullopt;
  }
  return std::nullopt;
}

// The shop's name and so on; nothing about a shop that was erased.
Task<StatusOr<SellerContact>> AskSeller(Channels* channels, std::string seller_id) {
  catalog::v1::GetSellerContactRequest request;
  request.set_seller_id(std::move(seller_id));
  StatusOr<SellerContact> seller = co_await rpc::Call<SellerContact>(channels->To("catalog"), {}, request);
  if (absl::IsNotFound(seller.status())) co_return SellerContact();
  co_return seller;
}

}  // namespace

Task<StatusOr<Gathered>> GatherLetter(Channels* channels, std::string store_name,
                                      v1::NotificationFacts facts) {
  const std::optional<Template> mail = TemplateOf(facts.template_name());
  if (!mail.has_value()) co_return Internal("there is no template %s", facts.template_name());
  order::v1::GetOrderContactRequest ask;
  ask.set_order_id(facts.order_id());
  const StatusOr<OrderContact> order = co_await rpc::Call<OrderContact>(channels->To("order"), {}, ask);
  if (Reason(order.status()) == "SUBJECT_ERASED") co_return Gathered(v1::SUPPRESS_REASON_RECIPIENT_ERASED);
  if (!order.ok()) co_return order.status();
  if (const auto reason = Needless(*mail, order->state()); reason.has_value()) co_return Gathered(*reason);

  const bool to_seller = facts.recipient().starts_with("seller/");
  SellerContact seller;
  if (!facts.seller_id().empty()) seller = co_await Try(AskSeller(channels, facts.seller_id()));
  Letter letter{.to = {order->contact_name(), order->email()},
                .content = ContentOf(*order, seller, to_seller)};
  letter.content.store_name = std::move(store_name);
  if (to_seller) {
    if (seller.seller_id().empty()) co_return Gathered(v1::SUPPRESS_REASON_RECIPIENT_ERASED);
    letter.to = {seller.name(), seller.email()};
  }
  if (letter.to.address.empty()) co_return Gathered(v1::SUPPRESS_REASON_NO_ADDRESS);

  if (!facts.shipment_id().empty()) {
    shipping::v1::GetShipmentRequest request;
    request.set_shipment_id(facts.shipment_id());
    const auto response = co_await Try(
        rpc::Call<shipping::v1::GetShipmentResponse>(channels->To("shipping"), {}, std::move(request)));
    AddParcel(response.shipment(), letter.content);
  }
  if (*mail == Template::kPaymentInstructions) {
    payment::v1::GetPaymentIntentRequest request;
    request.set_intent_id(facts.payment_intent_id());
    const auto response = co_await Try(
        rpc::Call<payment::v1::GetPaymentIntentResponse>(channels->To("payment"), {}, std::move(request)));
    if (!response.payment_intent().has_bank_transfer()) co_return Gathered(v1::SUPPRESS_REASON_DONE);
    const payment::v1::BankTransfer& transfer = response.payment_intent().bank_transfer();
    letter.content.iban = transfer.iban();
    letter.content.reference = transfer.reference();
    letter.content.amount_due = Format(transfer.amount());
    letter.content.deadline = Format(transfer.deadline());
  }
  if (facts.has_cancellation()) {
    letter.content.cancel_reason = CancelSentence(facts.cancellation(), to_seller);
    letter.content.refund = Format(facts.cancellation().refund());
    // It was only authorised, or nobody knows yet: what was taken goes back when that is known.
    letter.content.card_not_charged =
        !facts.cancellation().has_refund() && order->payment_method() == order::v1::PAYMENT_METHOD_CARD;
  }
  co_return Gathered(std::move(letter));
}

}  // namespace souk::notification
