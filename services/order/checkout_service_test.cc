#include "services/order/checkout_service.h"

#include <catch2/catch.hpp>
#include <string>

#include "services/order/order_fixture.h"

namespace souk::order {
namespace {

// The answer to a request of the buyer whose cart it is.
template <typename Response, typename Request>
v1::Checkout Ask(FakeWorld& world, Request request, const std::string& request_id) {
  request.set_request_id(request_id);
  const StatusOr<Response> response = world.fixture.Call<Response>("buyer/b-1", request);
  INFO(response.status().ToString());
  REQUIRE(response.ok());
  return response->checkout();
}

TEST_CASE("every answer about an open checkout tells the total as far as it is known, and what is missing") {
  FakeWorld world;
  constexpr std::int64_t kItems = 4300;
  constexpr std::int64_t kDelivery = 490;

  v1::StartCheckoutRequest start;
  start.set_cart_id("c-1");
  const v1::Checkout started = Ask<v1::StartCheckoutResponse>(world, start, "start");
  CHECK(started.total().minor_units() == kItems);
  CHECK(started.parts_size() == 2);
  CHECK(started.problems_size() == 4);  // The address, the payment method, two deliveries.

  v1::SelectDeliveryRequest select;
  select.set_checkout_id(started.checkout_id());
  select.set_seller_id("s-1");
  select.set_option_id("parcel");
  CHECK(Ask<v1::SelectDeliveryResponse>(world, select, "early").total().minor_units() == kItems);

  v1::SetAddressRequest address;
  address.set_checkout_id(started.checkout_id());
  v1::Contact& contact = *address.mutable_contact();
  contact.mutable_address()->set_region_code("DE");
  contact.mutable_address()->set_postal_code("10115");
  contact.mutable_address()->set_locality("Berlin");
  contact.mutable_address()->add_address_lines("Ackerstr. 12");
  contact.set_contact_name("Bo Berg");
  contact.set_email("bo@buyers.example");
  CHECK(Ask<v1::SetAddressResponse>(world, address, "address").total().minor_units() == kItems + kDelivery);

  select.set_seller_id("s-2");
  CHECK(Ask<v1::SelectDeliveryResponse>(world, select, "delivery").total().minor_units() ==
        FakeWorld::kTotal);

  v1::SelectPaymentMethodRequest pay;
  pay.set_checkout_id(started.checkout_id());
  pay.set_method(v1::PAYMENT_METHOD_CARD);
  pay.set_card_token("tok_ok");
  const v1::Checkout filled = Ask<v1::SelectPaymentMethodResponse>(world, pay, "pay");
  CHECK(filled.total().minor_units() == FakeWorld::kTotal);
  CHECK(filled.problems().empty());
  CHECK(world.PlaceOrder(filled.checkout_id(), "place", filled.total().minor_units()).ok());
}

}  // namespace
}  // namespace souk::order
