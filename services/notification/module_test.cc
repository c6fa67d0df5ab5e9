// Which mails go out because of which event.
#include "services/notification/module.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/testing/spec.h"
#include "services/notification/shop_fixture.h"
#include "souk/notification/events/v1/notification_events.pb.h"

namespace souk::notification {
namespace {

using testing::FromText;

TEST_CASE("exactly one mail per shipment dispatched, with items, carrier, tracking code, window and note") {
  Shop shop;
  CHECK(shop.Dispatched("e-1").ok());
  const std::vector<std::string> mails = shop.Mails();
  REQUIRE(mails.size() == 1);
  for (const char* part :
       {"To: =?UTF-8?B?QW5uYSBHcsO8bg==?= <anna@example.org>", "2 x Tea bowl", "Carrier: Post",
        "Tracking code: T-42", "Thursday, 5 March 2026 to Saturday, 7 March 2026", "Packed in moss",
        "Mio's clay", "Date: Mon, 02 Mar 2026 12:00:00 +0000"}) {
    INFO(mails[0]);
    INFO(part);
    CHECK(Has(mails[0], part));
  }
}

TEST_CASE("a delivery that is repeated, also after a restart, sends nothing") {
  Shop shop;
  CHECK(shop.Dispatched("e-1").ok());
  CHECK(shop.Dispatched("e-1").ok());
  shop.fixture.Restart();
  CHECK(shop.Dispatched("e-1").ok());
  CHECK(shop.Mails().size() == 1);
  CHECK(shop.fixture.PublicEvents<events::v1::NotificationSent>().size() == 1);
}

TEST_CASE("the cause of the buyer's mail is the dispatch event") {
  Shop shop;
  CHECK(shop.Dispatched("e-1").ok());
  const auto sent = shop.fixture.PublicEvents<events::v1::NotificationSent>();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].cause_event_id() == "e-1");
  CHECK(sent[0].template_name() == "order_dispatched");
  CHECK(sent[0].recipient() == "buyer/b-1");
  CHECK(sent[0].content_hash().size() == 64);
}

TEST_CASE("no personal data in stored events") {
  Shop shop;
  CHECK(shop.Dispatched().ok());
  CHECK(shop.Received().ok());
  std::string log;
  CHECK(shop.fixture.engine()
            .partition(0)
            .log()
            .ReadAfter(0,
                       [&](const event::v1::EventRecord& record, auto) {
                         log += record.SerializeAsString();
                         return true;
                       })
            .ok());
  CHECK(Has(log, "buyer/b-1"));
  for (const char* part : {"Anna", "anna@", "Berlin", "Mio", "moss"}) CHECK_FALSE(Has(log, part));
}

TEST_CASE("the seller gets one alert for a new order") {
  Shop shop;
  CHECK(shop.fixture
            .Deliver("order", "g.1",
                     FromText<order::events::v1::OrderPaymentConfirmed>(
                         R"(order_id: "g.1" seller_id: "s-1" buyer_id: "b-1")"))
            .ok());
  const std::vector<std::string> mails = shop.Mails("new_order");
  REQUIRE(mails.size() == 1);
  CHECK(Has(mails[0], "To: Mio <mio@example.org>"));
  CHECK(Has(mails[0], "2 x Tea bowl"));
  CHECK(Has(mails[0], "10115 Berlin"));
}

TEST_CASE("a bank transfer: instructions with IBAN, reference, amount and deadline") {
  Shop shop;
  CHECK(shop.fixture
            .Deliver("order", "g",
                     FromText<order::events::v1::OrderGroupPlaced>(
                         R"(group_id: "g" buyer_id: "b-1" order_ids: "g.1" payment_intent_id: "i-1"
                            payment_method: "bank_transfer")"))
            .ok());
  const std::vector<std::string> mails = shop.Mails("payment_instructions");
  REQUIRE(mails.size() == 1);
  for (const char* part :
       {"EUR 52.90", "DE02120300000000202051", "REF-7", "Saturday, 7 March 2026, 12:00 UTC"}) {
    INFO(part);
    CHECK(Has(mails[0], part));
  }
}

TEST_CASE("after receipt: thanks at once, an invitation to review after three days, once") {
  Shop shop;
  shop.order->set_state(order::v1::OrderState::STATE_COMPLETED);
  CHECK(shop.Received().ok());
  CHECK(shop.Mails("order_received").size() == 1);
  shop.fixture.AdvanceBy(absl::Hours(71));
  CHECK(shop.Mails("review_invitation").empty());
  shop.fixture.Restart();
  shop.fixture.AdvanceBy(absl::Hours(2));
  REQUIRE(shop.Mails("review_invitation").size() == 1);
  CHECK(Has(shop.Mails("review_invitation")[0], "List-Unsubscribe:"));
  const auto invited = shop.fixture.PublicEvents<events::v1::ReviewInvitationSent>();
  REQUIRE(invited.size() == 1);
  CHECK(invited[0].buyer_id() == "b-1");
  CHECK(invited[0].order_id() == "g.1");
  shop.fixture.AdvanceBy(absl::Hours(24 * 100));
  CHECK(shop.Mails("review_invitation").size() == 1);
}

TEST_CASE("no invitation when the buyer has reviewed") {
  Shop shop;
  SECTION("after the receipt") {
    CHECK(shop.Received().ok());
    CHECK(shop.Reviewed().ok());
  }
  SECTION("as far as is known here, before the receipt") {
    CHECK(shop.Reviewed().ok());
    CHECK(shop.Received().ok());
  }
  shop.fixture.AdvanceBy(absl::Hours(24 * 10));
  CHECK(shop.Mails("review_invitation").empty());
}

TEST_CASE("no invitation for who has opted out, but mails about orders all the same") {
  Shop shop;
  const auto chosen = shop.fixture.Call<v1::SetPreferenceResponse>(
      "buyer/b-1", FromText<v1::SetPreferenceRequest>(R"(request_id: "r-1" category: CATEGORY_REVIEWS)"));
  REQUIRE(chosen.ok());
  CHECK(shop.Received().ok());
  shop.fixture.AdvanceBy(absl::Hours(80));
  Lines lines = shop.List("buyer/b-1");
  std::sort(lines.begin(), lines.end());  // Both were asked for at the same time.
  CHECK(lines == Lines{"order_received SENT", "review_invitation SUPPRESSED"});
  CHECK(shop.Mails().size() == 1);
}

TEST_CASE("who was erased gets nothing") {
  Shop shop;
  shop.order = WithReason(NotFound("erased"), "SUBJECT_ERASED");
  CHECK(shop.Dispatched().ok());
  CHECK(shop.Mails().empty());
  CHECK(shop.List("operator/o") == Lines{"order_dispatched SUPPRESSED"});
}

TEST_CASE("a reminder to dispatch is needless once the parcel is on its way") {
  Shop shop;
  shop.order->set_state(order::v1::OrderState::STATE_DISPATCHED);
  CHECK(shop.fixture
            .Deliver(
                "shipping", "g.1.s1",
                FromText<shipping::events::v1::ShipBySlaAtRisk>(
                    R"(shipment { shipment_id: "g.1.s1" order_id: "g.1" seller_id: "s-1" buyer_id: "b-1" })"))
            .ok());
  CHECK(shop.Mails().empty());
  CHECK(shop.List("seller/s-1") == Lines{"dispatch_reminder SUPPRESSED"});
}

TEST_CASE("a cancelled order: the buyer reads what comes back, the seller that nothing is to be sent") {
  Shop shop;
  CHECK(shop.fixture
            .Deliver("order", "g.1",
                     FromText<order::events::v1::OrderCancelled>(
                         R"(order_id: "g.1" seller_id: "s-1" buyer_id: "b-1" reason: "changed_mind"
                            cancelled_by: "buyer" payment_method: "card" paid: true
                            total { currency_code: "EUR" minor_units: 5290 })"))
            .ok());
  REQUIRE(shop.Mails("order_cancelled").size() == 1);
  CHECK(Has(shop.Mails("order_cancelled")[0], "You get EUR 52.90 back"));
  REQUIRE(shop.Mails("sale_cancelled").size() == 1);
  CHECK(Has(shop.Mails("sale_cancelled")[0], "The buyer does not want it any more."));
}

}  // namespace
}  // namespace souk::notification
