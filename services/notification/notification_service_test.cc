#include "services/notification/notification_service.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/testing/spec.h"
#include "services/notification/shop_fixture.h"

namespace souk::notification {
namespace {

using testing::FromText;

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
  CHECK(preferences->preferences().recipient() == "buyer/" + BuyerIdOf({Principal::Kind::kGuest, "t-1"}));
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
