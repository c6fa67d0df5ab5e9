#include "services/order/checkout_service.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/order/order_fixture.h"

namespace souk::order {
namespace {

using absl::StatusCode;

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

TEST_CASE(
    "a seller who has nothing in the cart is told at once, an option that does not exist by the problems") {
  FakeWorld world;
  v1::SelectDeliveryRequest select;
  select.set_checkout_id(world.FillCheckout());
  select.set_request_id("stranger");
  select.set_seller_id("s-9");
  select.set_option_id("parcel");
  const Status refused = world.fixture.Call<v1::SelectDeliveryResponse>("buyer/b-1", select).status();
  CHECK(refused.code() == StatusCode::kFailedPrecondition);
  CHECK(Reason(refused) == "SELLER_NOT_IN_CART");
  CHECK(ValuesOfReason(refused) == ReasonValues{{"seller_id", "s-9"}});

  select.set_seller_id("s-2");
  select.set_option_id("pigeon");
  const v1::Checkout checkout = Ask<v1::SelectDeliveryResponse>(world, select, "pigeon");
  REQUIRE(checkout.problems_size() == 1);
  CHECK(checkout.problems(0).reason() == "DELIVERY_UNAVAILABLE");
  CHECK(checkout.problems(0).seller_id() == "s-2");
  CHECK(Reason(world.PlaceOrder(checkout.checkout_id(), "place").status()) == "DELIVERY_UNAVAILABLE");
}

TEST_CASE("an address names each bad field") {
  FakeWorld world;
  v1::SetAddressRequest request;
  request.set_request_id("bad");
  request.set_checkout_id(world.FillCheckout());
  request.mutable_contact()->mutable_address()->set_region_code("de");
  request.mutable_contact()->set_email("nobody");
  request.mutable_contact()->set_contact_name("A\nB");
  const Status status = world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", request).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolations(status)) fields.push_back(violation.field);
  CHECK(fields == std::vector<std::string>{"contact.address.region_code", "contact.address.locality",
                                           "contact.address.address_lines", "contact.contact_name",
                                           "contact.email"});
}

TEST_CASE("a card number is in no field of an address") {
  FakeWorld world;
  v1::SetAddressRequest good;
  good.set_checkout_id(world.FillCheckout());
  *good.mutable_contact() = world.GetCheckout(good.checkout_id()).contact();
  const auto refused = [&](auto put) {
    v1::SetAddressRequest request = good;
    request.set_request_id("card");
    put(*request.mutable_contact());
    const Status status = world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", request).status();
    CHECK(Reason(status) == "CARD_NUMBER");
    CHECK(status.code() == StatusCode::kInvalidArgument);
    return FieldViolations(status).at(0).field;
  };
  constexpr char kCard[] = "4242-4242-4242-4242";
  CHECK(refused([&](auto& contact) { contact.set_contact_name(kCard); }) == "contact.contact_name");
  CHECK(refused([&](auto& contact) { contact.mutable_address()->set_locality(kCard); }) ==
        "contact.address.locality");
  CHECK(refused([&](auto& contact) { contact.mutable_address()->add_address_lines(kCard); }) ==
        "contact.address.address_lines");
  good.mutable_contact()->mutable_address()->add_address_lines("+49176123456783");
  good.set_request_id("telephone");
  CHECK(world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", good).ok());
}

TEST_CASE("an address to which a seller does not deliver is told, and refused when placing") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  v1::SetAddressRequest request;
  request.set_request_id("moved");
  request.set_checkout_id(id);
  *request.mutable_contact() = world.GetCheckout(id).contact();
  request.mutable_contact()->mutable_address()->set_region_code("NZ");
  const auto moved = world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", request);
  REQUIRE(moved.ok());
  REQUIRE(moved->checkout().problems_size() == 2);
  CHECK(moved->checkout().problems(0).reason() == "DELIVERY_UNAVAILABLE");
  CHECK(Reason(world.PlaceOrder(id, "place").status()) == "DELIVERY_UNAVAILABLE");
  CHECK(world.NothingReserved());
}

TEST_CASE("a card number is refused in place of a token") {
  FakeWorld world;
  v1::SelectPaymentMethodRequest request;
  request.set_request_id("pan");
  request.set_checkout_id(world.FillCheckout());
  request.set_method(v1::PAYMENT_METHOD_CARD);
  request.set_card_token("4242 4242 4242 4242");
  const Status status = world.fixture.Call<v1::SelectPaymentMethodResponse>("buyer/b-1", request).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  CHECK(FieldViolations(status).at(0).field == "card_token");
}

TEST_CASE("a checkout with which nobody goes on expires, and can be started again") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.fixture.AdvanceBy(absl::Hours(25));
  CHECK(world.GetCheckout(id).state() == v1::CheckoutState::STATE_EXPIRED);
  CHECK(world.PlaceOrder(id, "late").status().code() == StatusCode::kFailedPrecondition);
  v1::StartCheckoutRequest start;
  start.set_request_id("again");
  start.set_cart_id("c-1");
  REQUIRE(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start).ok());
  CHECK(world.PlaceOrder(id, "now").ok());
}

TEST_CASE("a request id stands for one request") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  REQUIRE(world.PlaceOrder(id, "place").ok());
  const Status other = world.PlaceOrder(id, "place", 1).status();
  CHECK(other.code() == StatusCode::kInvalidArgument);
  CHECK(Reason(other) == "REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace souk::order
