// The service as a whole: events in, mails out, with the other services as fakes.
#include "services/notification/module.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/service_fixture.h"
#include "libs/testing/spec.h"
#include "services/notification/notification.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/notification/events/v1/notification_events.pb.h"
#include "souk/notification/v1/notification_service.pb.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::notification {
namespace {

using testing::FromText;
using NotificationState = v1::NotificationState;

// The service with one order of buyer b-1 at seller s-1, dispatched and answered for by fakes.
class Shop {
 public:
  explicit Shop(std::vector<std::pair<std::string, std::string>> settings = {})
      : fixture(NotificationModule(), std::move(settings)) {
    order = FromText<order::v1::GetOrderContactResponse>(R"(
        order_id: "g.1" group_id: "g" buyer_id: "b-1" seller_id: "s-1"
        contact_name: "Anna Grün" email: "anna@example.org"
        contact { contact_name: "Anna Grün" email: "anna@example.org" address {
          region_code: "DE" postal_code: "10115" locality: "Berlin" address_lines: "Invalidenstr. 1" } }
        lines { line_id: "1" product_id: "p-1" title: "Tea bowl" quantity: 2
                amount { currency_code: "EUR" minor_units: 4800 } }
        delivery { option_name: "Parcel" arrive_from { year: 2026 month: 3 day: 5 }
                   arrive_until { year: 2026 month: 3 day: 7 } }
        items_total { currency_code: "EUR" minor_units: 4800 }
        shipping_total { currency_code: "EUR" minor_units: 490 }
        total { currency_code: "EUR" minor_units: 5290 }
        payment_method: PAYMENT_METHOD_CARD note: "Thank you from my heart" state: STATE_AWAITING_DISPATCH)");
    fixture.Fake("order").On<order::v1::GetOrderContactRequest>(
        [this](const order::v1::GetOrderContactRequest&) { return order; });
    fixture.Fake("catalog").On<catalog::v1::GetSellerContactRequest>(
        [](const catalog::v1::GetSellerContactRequest&) -> StatusOr<catalog::v1::GetSellerContactResponse> {
          return FromText<catalog::v1::GetSellerContactResponse>(
              R"(seller_id: "s-1" name: "Mio" email: "mio@example.org" shop_name: "Mio's clay")");
        });
    fixture.Fake("shipping")
        .On<shipping::v1::GetShipmentRequest>(
            [](const shipping::v1::GetShipmentRequest&) -> StatusOr<shipping::v1::GetShipmentResponse> {
              return FromText<shipping::v1::GetShipmentResponse>(R"(shipment {
              shipment_id: "g.1.s1" carrier: "Post" tracking_code: "T-42" note: "Packed in moss"
              lines { line_id: "1" title: "Tea bowl" quantity: 2 packed_quantity: 2 } })");
            });
    fixture.Fake("payment").On<payment::v1::GetPaymentIntentRequest>(
        [](const payment::v1::GetPaymentIntentRequest&) -> StatusOr<payment::v1::GetPaymentIntentResponse> {
          return FromText<payment::v1::GetPaymentIntentResponse>(R"(payment_intent { bank_transfer {
              iban: "DE02120300000000202051" reference: "REF-7"
              amount { currency_code: "EUR" minor_units: 5290 } deadline { seconds: 1772884800 } } })");
        });
    fixture.Start();
  }

  Status Dispatched(const std::string& event_id = "") {
    return fixture.Deliver("shipping", "g.1.s1",
                           FromText<shipping::events::v1::ShipmentDispatched>(
                               R"(shipment_id: "g.1.s1" order_id: "g.1" seller_id: "s-1" buyer_id: "b-1")"),
                           event_id);
  }
  Status Received() {
    auto event =
        FromText<order::events::v1::OrderReceived>(R"(order_id: "g.1" seller_id: "s-1" buyer_id: "b-1")");
    *event.mutable_receive_time() = ToProto(fixture.now());
    return fixture.Deliver("order", "g.1", event);
  }
  Status Reviewed() {
    return fixture.Deliver(
        "catalog", "r-1",
        FromText<catalog::events::v1::ReviewSubmitted>(
            R"(review_id: "r-1" order_id: "g.1" seller_id: "s-1" buyer_id: "b-1" score: 5)"));
  }

  // The mails whose file name has `part`, oldest first.
  std::vector<std::string> Mails(const std::string& part = "") const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      if (entry.path().filename().string().find(part) != std::string::npos) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> mails;
    for (const auto& file : files) {
      std::ostringstream content;
      content << std::ifstream(file, std::ios::binary).rdbuf();
      mails.push_back(content.str());
    }
    return mails;
  }
  std::string folder() const { return fixture.data_dir() + "/mail"; }

  // "template STATE" of what `principal` sees, newest first.
  std::vector<std::string> List(const std::string& principal,
                                const v1::ListNotificationsRequest& request = {}) {
    const auto response = fixture.Call<v1::ListNotificationsResponse>(principal, request);
    INFO(response.status().ToString());
    REQUIRE(response.ok());
    std::vector<std::string> lines;
    for (const v1::Notification& notification : response->notifications()) {
      lines.push_back(notification.facts().template_name() + " " +
                      NotificationState::State_Name(notification.state()).substr(6));
      last_id = notification.notification_id();
    }
    return lines;
  }

  testing::ServiceFixture fixture;
  StatusOr<order::v1::GetOrderContactResponse> order;
  std::string last_id;
};

using Lines = std::vector<std::string>;

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

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

TEST_CASE("a mail that cannot be written now is written later, once") {
  Shop shop;
  std::filesystem::remove_all(shop.folder());
  CHECK(shop.Dispatched().ok());
  CHECK(shop.List("buyer/b-1") == Lines{"order_dispatched FAILED"});
  std::filesystem::create_directories(shop.folder());
  shop.fixture.AdvanceBy(absl::Minutes(2));
  CHECK(shop.List("buyer/b-1") == Lines{"order_dispatched SENT"});
  CHECK(shop.Mails().size() == 1);
}

TEST_CASE("a mail that can never be sent is given up, shown to operator and seller, and can be retried") {
  Shop shop;
  shop.order->set_email("no address");
  CHECK(shop.Dispatched().ok());
  CHECK(shop.Mails().empty());
  const auto failed = shop.fixture.PublicEvents<events::v1::NotificationFailed>();
  REQUIRE(failed.size() == 1);
  CHECK_FALSE(Has(failed[0].cause(), "no address"));
  v1::ListNotificationsRequest attention;
  attention.set_needs_attention(true);
  CHECK(shop.List("operator/o", attention) == Lines{"order_dispatched DEAD_LETTERED"});
  v1::ListNotificationsRequest of_order;
  of_order.set_order_id("g.1");
  CHECK(shop.List("seller/s-1", of_order) == Lines{"order_dispatched DEAD_LETTERED"});

  shop.order->set_email("anna@example.org");
  v1::RetryNotificationRequest retry;
  retry.set_request_id("r-1");
  retry.set_notification_id(shop.last_id);
  CHECK(shop.fixture.Call<v1::RetryNotificationResponse>("seller/s-1", retry).status().code() ==
        absl::StatusCode::kPermissionDenied);
  REQUIRE(shop.fixture.Call<v1::RetryNotificationResponse>("operator/o", retry).ok());
  REQUIRE(shop.fixture.Call<v1::RetryNotificationResponse>("operator/o", retry).ok());
  CHECK(shop.List("operator/o") == Lines{"order_dispatched SENT"});
  CHECK(shop.List("operator/o", attention).empty());
  CHECK(shop.Mails().size() == 1);
}

// Asks for the invitation, and begins to send it as a process does that then crashes.
Notification::Id BeginAndCrash(Shop& shop) {
  REQUIRE(shop.Received().ok());
  v1::NotificationFacts facts;
  facts.set_template_name("review_invitation");
  facts.set_category(v1::CATEGORY_REVIEWS);
  facts.set_order_id("g.1");
  facts.set_recipient("buyer/b-1");
  const Notification::Id id = NotificationIdFor(facts);
  const auto started = shop.fixture.Run(
      shop.fixture.engine().Execute<Notification>(id, StartSending{"abc"}, {.request_id = "begin"}));
  REQUIRE(started.ok());
  shop.fixture.Restart();
  shop.fixture.AdvanceBy(absl::Hours(73));
  return id;
}

TEST_CASE("an attempt that a crash cut short goes on where a repetition is harmless") {
  Shop shop;
  BeginAndCrash(shop);
  REQUIRE(shop.Mails("review_invitation").size() == 1);
  CHECK(Has(shop.Mails("review_invitation")[0], "Date: Mon, 02 Mar 2026 12:00:00 +0000"));
}

TEST_CASE("an attempt at a mail server that a crash cut short is not repeated by itself") {
  Shop shop({{"notification.smtp_url", "smtp://127.0.0.1:1"}});
  const Notification::Id id = BeginAndCrash(shop);
  const auto state = shop.fixture.engine().Read<Notification>(id);
  REQUIRE(state.ok());
  CHECK(state->state() == NotificationState::STATE_UNKNOWN);
}

TEST_CASE("of an attempt that a crash cut short, and that nobody wants any more, the outcome is unknown") {
  Shop shop;
  const auto chosen = shop.fixture.Call<v1::SetPreferenceResponse>(
      "buyer/b-1", FromText<v1::SetPreferenceRequest>(R"(request_id: "r-1" category: CATEGORY_REVIEWS)"));
  REQUIRE(chosen.ok());
  const Notification::Id id = BeginAndCrash(shop);
  const auto state = shop.fixture.engine().Read<Notification>(id);
  REQUIRE(state.ok());
  CHECK(state->state() == NotificationState::STATE_UNKNOWN);
}

TEST_CASE("nobody sees another one's notifications") {
  Shop shop;
  CHECK(shop.Dispatched().ok());
  CHECK(shop.List("buyer/b-1") == Lines{"order_dispatched SENT"});
  v1::GetNotificationRequest get;
  get.set_notification_id(shop.last_id);
  CHECK(shop.fixture.Call<v1::GetNotificationResponse>("buyer/b-1", get).ok());
  CHECK(shop.fixture.Call<v1::GetNotificationResponse>("seller/s-1", get).ok());
  CHECK(shop.fixture.Call<v1::GetNotificationResponse>("operator/o", get).ok());

  v1::GetNotificationRequest unknown;
  unknown.set_notification_id("n-unknown");
  v1::ListNotificationsRequest of_order;
  of_order.set_order_id("g.1");
  v1::ListNotificationsRequest of_recipient;
  of_recipient.set_recipient("buyer/b-1");
  for (const char* principal : {"buyer/b-2", "seller/s-2", "guest/b-1"}) {
    INFO(principal);
    CHECK(shop.List(principal).empty());
    CHECK(shop.List(principal, of_order).empty());
    CHECK(
        absl::IsNotFound(shop.fixture.Call<v1::ListNotificationsResponse>(principal, of_recipient).status()));
    const Status status = shop.fixture.Call<v1::GetNotificationResponse>(principal, get).status();
    CHECK(absl::IsNotFound(status));
    CHECK(status == shop.fixture.Call<v1::GetNotificationResponse>(principal, unknown).status());
  }
  CHECK(shop.List("operator/o", of_recipient).size() == 1);
  CHECK(shop.List("operator/o", of_order).size() == 1);
}

TEST_CASE("lists have pages, newest first") {
  Shop shop;
  for (int i = 1; i <= 5; ++i) {
    CHECK(shop.Dispatched("e-" + std::to_string(i)).ok());
    shop.fixture.AdvanceBy(absl::Minutes(1));
  }
  v1::ListNotificationsRequest request;
  request.set_page_size(2);
  std::vector<std::string> causes;
  do {
    const auto response = shop.fixture.Call<v1::ListNotificationsResponse>("buyer/b-1", request);
    REQUIRE(response.ok());
    CHECK(response->notifications_size() <= 2);
    for (const auto& notification : response->notifications()) {
      causes.push_back(notification.facts().cause_event_id());
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  CHECK(causes == Lines{"e-5", "e-4", "e-3", "e-2", "e-1"});

  request.set_page_token("nonsense");
  CHECK(absl::IsInvalidArgument(
      shop.fixture.Call<v1::ListNotificationsResponse>("buyer/b-1", request).status()));
}

TEST_CASE("preferences: everything is wanted until someone says otherwise") {
  Shop shop;
  const auto preferences =
      shop.fixture.Call<v1::GetPreferencesResponse>("guest/t-1", v1::GetPreferencesRequest());
  REQUIRE(preferences.ok());
  CHECK(preferences->preferences().recipient() == "buyer/guest:t-1");
  REQUIRE(preferences->preferences().categories_size() == 3);
  for (const auto& entry : preferences->preferences().categories()) CHECK(entry.enabled());
  const auto refused = shop.fixture.Call<v1::SetPreferenceResponse>(
      "buyer/b-1",
      FromText<v1::SetPreferenceRequest>(R"(request_id: "r-1" category: CATEGORY_TRANSACTIONAL)"));
  CHECK(Reason(refused.status()) == "CATEGORY_REQUIRED");
  const auto foreign = shop.fixture.Call<v1::SetPreferenceResponse>(
      "buyer/b-1", FromText<v1::SetPreferenceRequest>(
                       R"(request_id: "r-2" category: CATEGORY_REVIEWS recipient: "buyer/b-2")"));
  CHECK(absl::IsNotFound(foreign.status()));
}

TEST_CASE("a seller tries her note out before anyone gets it") {
  Shop shop;
  v1::PreviewNotificationRequest request;
  request.set_template_name("order_confirmation");
  request.set_note("Made <with> love");
  request.set_shop_name("Mio's clay");
  const auto preview = shop.fixture.Call<v1::PreviewNotificationResponse>("seller/s-1", request);
  REQUIRE(preview.ok());
  CHECK(Has(preview->text(), "Made <with> love"));
  CHECK(Has(preview->html(), "Made &lt;with&gt; love"));
  CHECK(Has(preview->subject(), "Mio's clay"));
  CHECK(shop.Mails().empty());
  request.set_note(std::string(1001, 'x'));
  CHECK(absl::IsInvalidArgument(
      shop.fixture.Call<v1::PreviewNotificationResponse>("seller/s-1", request).status()));
  request.set_note("");
  request.set_template_name("no_such_template");
  CHECK(absl::IsInvalidArgument(
      shop.fixture.Call<v1::PreviewNotificationResponse>("seller/s-1", request).status()));
}

}  // namespace
}  // namespace souk::notification
