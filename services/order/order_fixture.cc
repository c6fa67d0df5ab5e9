#include "services/order/order_fixture.h"

#include <catch2/catch.hpp>

#include "souk/order/events/v1/order_events.pb.h"

namespace souk::order {

FakeWorld::FakeWorld(std::vector<std::pair<std::string, std::string>> settings)
    : FakeServices(std::move(settings)) {
  fixture.Start();
}

std::string FakeWorld::FillCheckout(v1::PaymentMethod method) {
  v1::StartCheckoutRequest start;
  start.set_request_id("start");
  start.set_cart_id("c-1");
  const auto started = fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start);
  INFO(started.status().ToString());
  REQUIRE(started.ok());
  const std::string id = started->checkout().checkout_id();

  v1::SetAddressRequest address;
  address.set_request_id("address");
  address.set_checkout_id(id);
  v1::Contact& contact = *address.mutable_contact();
  contact.mutable_address()->set_region_code("DE");
  contact.mutable_address()->set_postal_code("10115");
  contact.mutable_address()->set_locality("Berlin");
  contact.mutable_address()->add_address_lines("Secret Street 7");
  contact.set_contact_name("Ann Secretive");
  contact.set_email("ann@secret.example");
  REQUIRE(fixture.Call<v1::SetAddressResponse>("buyer/b-1", address).ok());

  for (const char* seller_id : {"s-1", "s-2"}) {
    v1::SelectDeliveryRequest select;
    select.set_request_id(std::string("delivery-") + seller_id);
    select.set_checkout_id(id);
    select.set_seller_id(seller_id);
    select.set_option_id("parcel");
    REQUIRE(fixture.Call<v1::SelectDeliveryResponse>("buyer/b-1", select).ok());
  }
  v1::SelectPaymentMethodRequest pay;
  pay.set_request_id("pay");
  pay.set_checkout_id(id);
  pay.set_method(method);
  if (method == v1::PAYMENT_METHOD_CARD) pay.set_card_token("tok_visa");
  REQUIRE(fixture.Call<v1::SelectPaymentMethodResponse>("buyer/b-1", pay).ok());
  return id;
}

StatusOr<v1::Checkout> FakeWorld::PlaceOrder(const std::string& checkout_id, const std::string& request_id,
                                             std::int64_t expected_total) {
  v1::PlaceOrderRequest request;
  request.set_request_id(request_id);
  request.set_checkout_id(checkout_id);
  *request.mutable_expected_total() = Euros(expected_total);
  const auto response = fixture.Call<v1::PlaceOrderResponse>("buyer/b-1", request);
  if (!response.ok()) return response.status();
  return response->checkout();
}

void FakeWorld::BeginPlaceOrder(const std::string& checkout_id, const std::string& request_id) {
  v1::PlaceOrderRequest request;
  request.set_request_id(request_id);
  request.set_checkout_id(checkout_id);
  *request.mutable_expected_total() = Euros(kTotal);
  fixture.Begin("/souk.order.v1.CheckoutService/PlaceOrder", "buyer/b-1", request.SerializeAsString(),
                [](const StatusOr<rpc::Bytes>&) {});
}

v1::Checkout FakeWorld::GetCheckout(const std::string& checkout_id) {
  v1::GetCheckoutRequest request;
  request.set_checkout_id(checkout_id);
  const auto response = fixture.Call<v1::GetCheckoutResponse>("buyer/b-1", request);
  INFO(response.status().ToString());
  REQUIRE(response.ok());
  return response->checkout();
}

v1::Order FakeWorld::GetOrder(const std::string& order_id) {
  v1::GetOrderRequest request;
  request.set_order_id(order_id);
  const auto response = fixture.Call<v1::GetOrderResponse>("operator/o-1", request);
  INFO(response.status().ToString());
  REQUIRE(response.ok());
  return response->order();
}

std::string FakeWorld::Placed() {
  const auto groups = fixture.PublicEvents<events::v1::OrderGroupPlaced>();
  const auto orders = fixture.PublicEvents<events::v1::OrderPlaced>();
  return std::to_string(groups.size()) + " groups, " + std::to_string(orders.size()) + " orders";
}

}  // namespace souk::order
