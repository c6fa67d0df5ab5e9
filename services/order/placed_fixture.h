// A purchase that was placed, one order with each of two sellers, and what happens to it from
// outside: money, parcels, people.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "services/order/order_fixture.h"
#include "souk/payment/events/v1/payment_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::order {

// A shop in which a purchase was placed: the first order is of s-1 (two cups), the second
// of s-2 (a jug).
struct Shop : FakeWorld {
  explicit Shop(v1::PaymentMethod method = v1::PAYMENT_METHOD_CARD, bool captured = true) {
    const std::string checkout_id = FillCheckout(method);
    const StatusOr<v1::Checkout> placed = PlaceOrder(checkout_id, "place");
    INFO(placed.status().ToString());
    REQUIRE(placed.ok());
    group_id = checkout_id;
    cups = placed->order_ids(0);
    jug = placed->order_ids(1);
    intent_id = placed->payment_intent_id();
    if (method == v1::PAYMENT_METHOD_CARD && captured) {
      REQUIRE(Capture(cups).ok());
      REQUIRE(Capture(jug).ok());
    }
  }

  // Its money is there.
  Status Capture(const std::string& order_id) {
    payment::events::v1::PaymentCaptured event;
    event.set_order_id(order_id);
    return fixture.Deliver("payment", intent_id, event);
  }

  Status Dispatch(const std::string& order_id, std::int64_t quantity) {
    shipping::events::v1::ShipmentDispatched event;
    event.set_shipment_id(order_id + ".s1");
    event.set_order_id(order_id);
    shipping::events::v1::ShipmentLine& line = *event.add_lines();
    line.set_line_id("1");
    line.set_quantity(static_cast<std::int32_t>(quantity));
    event.set_carrier("dhl");
    event.set_tracking_code("T1");
    *event.mutable_dispatch_time() = ToProto(fixture.now());
    return fixture.Deliver("shipping", order_id + ".s1", event);
  }
  Status Arrive(const std::string& order_id) {
    shipping::events::v1::ShipmentDelivered event;
    event.set_shipment_id(order_id + ".s1");
    event.set_order_id(order_id);
    *event.mutable_delivered_time() = ToProto(fixture.now());
    return fixture.Deliver("shipping", order_id + ".s1", event);
  }
  StatusOr<v1::CancelOrderResponse> Cancel(const std::string& caller, const std::string& order_id,
                                           v1::CancelReason reason = v1::CANCEL_REASON_CHANGED_MIND) {
    v1::CancelOrderRequest request;
    request.set_request_id("cancel-" + order_id + reason_count());
    request.set_order_id(order_id);
    request.set_reason(reason);
    return fixture.Call<v1::CancelOrderResponse>(caller, request);
  }
  v1::OrderState::State StateOf(const std::string& order_id) { return GetOrder(order_id).state(); }
  v1::OrderJourney Journey(const std::string& caller, const std::string& order_id) {
    v1::GetOrderJourneyRequest request;
    request.set_order_id(order_id);
    const auto response = fixture.Call<v1::GetOrderJourneyResponse>(caller, request);
    INFO(response.status().ToString());
    REQUIRE(response.ok());
    return response->journey();
  }
  std::vector<std::string> List(const std::string& caller, const v1::ListOrdersRequest& request) {
    const auto response = fixture.Call<v1::ListOrdersResponse>(caller, request);
    INFO(response.status().ToString());
    REQUIRE(response.ok());
    std::vector<std::string> ids;
    for (const v1::Order& order : response->orders()) ids.push_back(order.order_id());
    return ids;
  }

  std::string group_id, cups, jug, intent_id;

 private:
  std::string reason_count() { return "-" + std::to_string(++cancels_); }
  int cancels_ = 0;
};

}  // namespace souk::order
