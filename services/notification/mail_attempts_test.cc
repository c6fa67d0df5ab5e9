// Mails that cannot be sent, now or for ever, and attempts that a crash cut short.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "libs/testing/spec.h"
#include "services/notification/notification.h"
#include "services/notification/shop_fixture.h"
#include "souk/notification/events/v1/notification_events.pb.h"

namespace souk::notification {
namespace {

using testing::FromText;
using NotificationState = v1::NotificationState;

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
  CHECK((*state)->state() == NotificationState::STATE_UNKNOWN);
}

TEST_CASE("of an attempt that a crash cut short, and that nobody wants any more, the outcome is unknown") {
  Shop shop;
  const auto chosen = shop.fixture.Call<v1::SetPreferenceResponse>(
      "buyer/b-1", FromText<v1::SetPreferenceRequest>(R"(request_id: "r-1" category: CATEGORY_REVIEWS)"));
  REQUIRE(chosen.ok());
  const Notification::Id id = BeginAndCrash(shop);
  const auto state = shop.fixture.engine().Read<Notification>(id);
  REQUIRE(state.ok());
  CHECK((*state)->state() == NotificationState::STATE_UNKNOWN);
}

}  // namespace
}  // namespace souk::notification
