// Orders that tests start from: what is bought, the commands that happen to it, and the
// histories that these lead to. All of it happens at noon.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/order/order.h"

namespace souk::order {

inline v1::OrderSnapshot Snapshot(v1::PaymentMethod method) {
  auto snapshot = testing::FromText<v1::OrderSnapshot>(R"(
      order_id: "g-1.1" group_id: "g-1" buyer_id: "b-1" seller_id: "s-1" payment_intent_id: "pi-1"
      lines { line_id: "1" product_id: "cup" title: "Cup" quantity: 2
              unit_price { currency_code: "EUR" minor_units: 900 } amount { currency_code: "EUR" minor_units: 1800 } }
      lines { line_id: "2" product_id: "jug" title: "Jug" quantity: 1
              unit_price { currency_code: "EUR" minor_units: 2500 } amount { currency_code: "EUR" minor_units: 2500 } }
      items_total { currency_code: "EUR" minor_units: 4300 }
      shipping_total { currency_code: "EUR" minor_units: 490 }
      total { currency_code: "EUR" minor_units: 4790 }
      shop_note: "Thank you!")");
  snapshot.set_payment_method(method);
  *snapshot.mutable_delivery()->mutable_ship_by_time() = ToProto(testing::Noon() + absl::Hours(48));
  return snapshot;
}

inline v1::OrderPolicy Policy() {
  const auto days = [](int n) {
    google::protobuf::Duration duration;
    duration.set_seconds(n * 86'400);
    return duration;
  };
  v1::OrderPolicy policy;
  *policy.mutable_unpaid_cancel_after() = days(5);
  *policy.mutable_auto_cancel_after_ship_by() = days(14);
  *policy.mutable_receive_after_delivery() = days(3);
  *policy.mutable_receive_after_dispatch() = days(14);
  *policy.mutable_receipt_reminder_after() = days(12);
  return policy;
}

inline Place PlaceBy(v1::PaymentMethod method) {
  return {.snapshot = Snapshot(method), .policy = Policy(), .paid = false};
}
inline Place ByCard() { return PlaceBy(v1::PAYMENT_METHOD_CARD); }
inline Place ByTransfer() { return PlaceBy(v1::PAYMENT_METHOD_BANK_TRANSFER); }
inline Place InCash() { return PlaceBy(v1::PAYMENT_METHOD_CASH_ON_DELIVERY); }

inline v1::LineQuantity Part(const std::string& line_id, std::int64_t quantity) {
  v1::LineQuantity part;
  part.set_line_id(line_id);
  part.set_quantity(quantity);
  return part;
}

inline const RecordDispatch kDispatchAll = {.shipment_id = "g-1.1.s1",
                                            .lines = {Part("1", 2), Part("2", 1)},
                                            .carrier = "dhl",
                                            .tracking_code = "T1",
                                            .dispatch_time = testing::Noon()};
inline const RecordDelivery kDelivery = {.shipment_id = "g-1.1.s1", .delivery_time = testing::Noon()};
inline const ConfirmReceipt kBuyerHasIt = {.by = v1::PARTY_BUYER};
inline const Cancel kCancel = {.reason = v1::CANCEL_REASON_CHANGED_MIND, .by = v1::PARTY_BUYER};
inline const ConfirmPayment kMoneyIsThere = {};
inline const FailPayment kCaptureFails = {.failure_code = "card_expired"};

// What the commands lead to, from nothing.
template <typename... Commands>
std::vector<v1::OrderEvent> History(const Commands&... commands) {
  v1::OrderState state;
  std::vector<v1::OrderEvent> history;
  const auto run = [&](const auto& command) {
    const auto events = Order::Decide(std::as_const(state), command, testing::Noon());
    INFO(events.status().ToString());
    REQUIRE(events.ok());
    for (const v1::OrderEvent& event : *events) {
      Order::Evolve(state, event);
      history.push_back(event);
    }
  };
  (run(commands), ...);
  return history;
}

inline v1::OrderState StateAfter(const std::vector<v1::OrderEvent>& history) {
  v1::OrderState state;
  for (const v1::OrderEvent& event : history) Order::Evolve(state, event);
  return state;
}

using Words = std::vector<std::string>;
inline Words Kinds(const std::vector<v1::OrderEvent>& events) {
  Words kinds;
  for (const v1::OrderEvent& event : events) {
    kinds.push_back(
        v1::OrderEvent::descriptor()->FindFieldByNumber(static_cast<int>(event.kind_case()))->name());
  }
  return kinds;
}
}  // namespace souk::order
