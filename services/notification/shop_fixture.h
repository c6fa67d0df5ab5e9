// The service as a whole: events in, mails out, with the other services as fakes.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/service_fixture.h"
#include "libs/testing/spec.h"
#include "services/notification/module.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/notification/v1/notification_service.pb.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::notification {

// The service with one order of buyer b-1 at seller s-1, dispatched and answered for by fakes.
class Shop {
 public:
  explicit Shop(std::vector<std::pair<std::string, std::string>> settings = {})
      : fixture(NotificationModule(), std::move(settings)) {
    order = testing::FromText<order::v1::GetOrderContactResponse>(R"(
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
          return testing::FromText<catalog::v1::GetSellerContactResponse>(
              R"(seller_id: "s-1" name: "Mio" email: "mio@example.org" shop_name: "Mio's clay")");
        });
    fixture.Fake("shipping")
        .On<shipping::v1::GetShipmentRequest>(
            [](const shipping::v1::GetShipmentRequest&) -> StatusOr<shipping::v1::GetShipmentResponse> {
              return testing::FromText<shipping::v1::GetShipmentResponse>(R"(shipment {
              shipment_id: "g.1.s1" carrier: "Post" tracking_code: "T-42" note: "Packed in moss"
              lines { line_id: "1" title: "Tea bowl" quantity: 2 packed_quantity: 2 } })");
            });
    fixture.Fake("payment").On<payment::v1::GetPaymentIntentRequest>(
        [](const payment::v1::GetPaymentIntentRequest&) -> StatusOr<payment::v1::GetPaymentIntentResponse> {
          return testing::FromText<payment::v1::GetPaymentIntentResponse>(R"(payment_intent { bank_transfer {
              iban: "DE02120300000000202051" reference: "REF-7"
              amount { currency_code: "EUR" minor_units: 5290 } deadline { seconds: 1772884800 } } })");
        });
    fixture.Start();
  }

  Status Dispatched(const std::string& event_id = "") {
    return fixture.Deliver("shipping", "g.1.s1",
                           testing::FromText<shipping::events::v1::ShipmentDispatched>(
                               R"(shipment_id: "g.1.s1" order_id: "g.1" seller_id: "s-1" buyer_id: "b-1")"),
                           event_id);
  }
  Status Received() {
    auto event = testing::FromText<order::events::v1::OrderReceived>(
        R"(order_id: "g.1" seller_id: "s-1" buyer_id: "b-1")");
    *event.mutable_receive_time() = ToProto(fixture.now());
    return fixture.Deliver("order", "g.1", event);
  }
  Status Reviewed() {
    return fixture.Deliver(
        "catalog", "r-1",
        testing::FromText<catalog::events::v1::ReviewSubmitted>(
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
                      v1::NotificationState::State_Name(notification.state()).substr(6));
      last_id = notification.notification_id();
    }
    return lines;
  }

  testing::ServiceFixture fixture;
  StatusOr<order::v1::GetOrderContactResponse> order;
  std::string last_id;
};

using Lines = std::vector<std::string>;

inline bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace souk::notification
