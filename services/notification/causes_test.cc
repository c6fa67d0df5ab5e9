#include "services/notification/causes.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"

namespace souk::notification {
namespace {

using testing::FromText;
using testing::Noon;

// "template -> recipient (order, seller)", one line each.
std::string Summary(const std::vector<Request>& requests) {
  std::string summary;
  for (const Request& request : requests) {
    summary += request.facts.template_name() + " -> " + request.facts.recipient() + " (" +
               request.facts.order_id() + ", " + request.facts.seller_id() + ")\n";
  }
  return summary;
}

template <typename Event>
Event About(const std::string& more = "") {
  return FromText<Event>(R"(order_id: "g.1" buyer_id: "b-1" seller_id: "s-1" )" + more);
}

TEST_CASE("a placed order is confirmed to the buyer") {
  CHECK(Summary(MailsFor(About<order::events::v1::OrderPlaced>())) ==
        "order_confirmation -> buyer/b-1 (g.1, s-1)\n");
}

TEST_CASE("the seller hears of an order when it can be packed") {
  CHECK(Summary(MailsFor(About<order::events::v1::OrderPaymentConfirmed>())) ==
        "new_order -> seller/s-1 (g.1, s-1)\n");
}

TEST_CASE("only a bank transfer needs instructions, one for the whole purchase") {
  auto event = FromText<order::events::v1::OrderGroupPlaced>(
      R"(group_id: "g" buyer_id: "guest:t-1" order_ids: "g.1" order_ids: "g.2" payment_intent_id: "i-1"
         payment_method: "bank_transfer")");
  const std::vector<Request> requests = MailsFor(event);
  CHECK(Summary(requests) == "payment_instructions -> buyer/guest:t-1 (g.1, )\n");
  CHECK(requests[0].facts.payment_intent_id() == "i-1");
  event.set_payment_method("card");
  CHECK(MailsFor(event).empty());
  event.set_payment_method("cash_on_delivery");
  CHECK(MailsFor(event).empty());
}

TEST_CASE("a dispatched parcel is announced to the buyer") {
  const std::vector<Request> requests =
      MailsFor(About<shipping::events::v1::ShipmentDispatched>(R"(shipment_id: "g.1.s1")"));
  CHECK(Summary(requests) == "order_dispatched -> buyer/b-1 (g.1, s-1)\n");
  CHECK(requests[0].facts.shipment_id() == "g.1.s1");
}

TEST_CASE("a seller is reminded before the ship-by time") {
  const auto event = FromText<shipping::events::v1::ShipBySlaAtRisk>(
      R"(shipment { shipment_id: "g.1.s1" order_id: "g.1" seller_id: "s-1" buyer_id: "b-1" })");
  CHECK(Summary(MailsFor(event)) == "dispatch_reminder -> seller/s-1 (g.1, s-1)\n");
}

TEST_CASE("a buyer who says nothing is asked whether it arrived") {
  CHECK(Summary(MailsFor(About<order::events::v1::OrderReceiptReminderDue>())) ==
        "receipt_reminder -> buyer/b-1 (g.1, s-1)\n");
}

TEST_CASE("after receipt the buyer is thanked at once and invited to a review three days later") {
  auto event = About<order::events::v1::OrderReceived>();
  *event.mutable_receive_time() = ToProto(Noon());
  const std::vector<Request> requests = MailsFor(event);
  CHECK(Summary(requests) ==
        "order_received -> buyer/b-1 (g.1, s-1)\nreview_invitation -> buyer/b-1 (g.1, s-1)\n");
  CHECK(requests[0].send_time == absl::InfinitePast());
  CHECK(requests[1].send_time == Noon() + absl::Hours(72));
  CHECK(requests[1].facts.category() == v1::CATEGORY_REVIEWS);
}

TEST_CASE("a cancelled order is told to the buyer, and to the seller who had been told of it") {
  auto event = About<order::events::v1::OrderCancelled>(
      R"(reason: "changed_mind" cancelled_by: "buyer" payment_method: "card" paid: true
         total { currency_code: "EUR" minor_units: 1250 })");
  const std::vector<Request> paid = MailsFor(event);
  CHECK(Summary(paid) ==
        "order_cancelled -> buyer/b-1 (g.1, s-1)\nsale_cancelled -> seller/s-1 (g.1, s-1)\n");
  CHECK(paid[0].facts.cancellation().refund().minor_units() == 1250);

  event.set_paid(false);
  CHECK(Summary(MailsFor(event)) == "order_cancelled -> buyer/b-1 (g.1, s-1)\n");  // Not captured yet.
  event.set_payment_method("bank_transfer");
  const std::vector<Request> unpaid = MailsFor(event);
  CHECK(Summary(unpaid) == "order_cancelled -> buyer/b-1 (g.1, s-1)\n");
  CHECK_FALSE(unpaid[0].facts.cancellation().has_refund());

  event.set_payment_method("cash_on_delivery");
  CHECK(MailsFor(event).size() == 2);
}

TEST_CASE("a review is about the same invitation as the receipt") {
  const Request invitation = InvitationFor(
      About<catalog::events::v1::ReviewSubmitted>(R"(review_id: "r-1" product_id: "p-1" score: 5)"));
  const std::vector<Request> received = MailsFor(About<order::events::v1::OrderReceived>());
  CHECK(NotificationIdFor(invitation.facts) == NotificationIdFor(received[1].facts));
}

}  // namespace
}  // namespace souk::notification
