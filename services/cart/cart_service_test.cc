#include "services/cart/cart_service.h"

#include <string>

#include "libs/base/proto_time.h"
#include "libs/testing/service_fixture.h"
#include "libs/testing/spec.h"
#include "services/cart/module.h"
#include "souk/cart/events/v1/cart_events.pb.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"

namespace souk::cart {
namespace {

using catalog::events::v1::OfferChanged;
using catalog::v1::GetOffersRequest;
using catalog::v1::GetOffersResponse;
using testing::FromText;
using testing::ServiceFixture;

// A cart service with a catalog that offers lamps, and knows no other product.
struct Shop {
  Shop() {
    fixture.Fake("catalog").On<GetOffersRequest>(
        [this](const GetOffersRequest& request) -> StatusOr<GetOffersResponse> {
          if (catalog_down) return Unavailable("no catalog");
          GetOffersResponse response;
          for (const std::string& id : request.product_ids()) {
            if (id == "lamp") *response.add_offers() = lamp;
          }
          return response;
        });
    fixture.Start();
  }

  int questions() { return fixture.Fake("catalog").Count("GetOffersRequest"); }

  v1::Cart Create(std::string_view principal, const std::string& request_id) {
    v1::CreateCartRequest request;
    request.set_request_id(request_id);
    const auto response = fixture.Call<v1::CreateCartResponse>(principal, request);
    REQUIRE(response.ok());
    return response->cart();
  }

  StatusOr<v1::Cart> Add(std::string_view principal, const std::string& request_id,
                         const std::string& cart_id, int quantity, const std::string& product_id = "lamp") {
    v1::AddItemRequest request;
    request.set_request_id(request_id);
    request.set_cart_id(cart_id);
    request.set_product_id(product_id);
    request.set_quantity(quantity);
    ASSIGN_OR_RETURN(const v1::AddItemResponse response,
                     fixture.Call<v1::AddItemResponse>(principal, request));
    return response.cart();
  }

  StatusOr<v1::Cart> Get(std::string_view principal, const std::string& cart_id) {
    v1::GetCartRequest request;
    request.set_cart_id(cart_id);
    ASSIGN_OR_RETURN(const v1::GetCartResponse response,
                     fixture.Call<v1::GetCartResponse>(principal, request));
    return response.cart();
  }

  StatusOr<v1::FreezeCartResponse> Freeze(const std::string& request_id, const std::string& cart_id) {
    v1::FreezeCartRequest request;
    request.set_request_id(request_id);
    request.set_cart_id(cart_id);
    request.set_checkout_id("k");
    *request.mutable_expire_time() = ToProto(fixture.now() + absl::Minutes(15));
    return fixture.Call<v1::FreezeCartResponse>("service/order", request);
  }

  void Publish(int version, int price, int available) {
    OfferChanged changed;
    changed.set_product_id("lamp");
    changed.set_seller_id("s");
    changed.set_title("Lamp");
    changed.mutable_price()->set_currency_code("EUR");
    changed.mutable_price()->set_minor_units(price);
    changed.set_saleable(true);
    changed.set_available_quantity(available);
    changed.set_offer_version(version);
    REQUIRE(fixture.Deliver("catalog", "lamp", changed).ok());
  }

  ServiceFixture fixture{CartModule()};
  bool catalog_down = false;
  GetOffersResponse::Offer lamp = FromText<GetOffersResponse::Offer>(
      "product_id: 'lamp' seller_id: 's' title: 'Lamp' price { currency_code: 'EUR' minor_units: 1500 } "
      "available_quantity: 5 saleable: true offer_version: 1");
};

TEST_CASE("the same request_id twice is one increment") {
  Shop shop;
  const std::string cart_id = shop.Create("guest/tok", "r-1").cart_id();
  CHECK(shop.Create("guest/tok", "r-1").cart_id() == cart_id);
  REQUIRE(shop.Add("guest/tok", "r-2", cart_id, 2).ok());
  const auto again = shop.Add("guest/tok", "r-2", cart_id, 2);
  REQUIRE(again.ok());
  CHECK(again->items(0).quantity() == 2);
  const auto other = shop.Add("guest/tok", "r-2", cart_id, 3);
  CHECK(other.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Reason(other.status()) == "REQUEST_ID_REUSED");
}

TEST_CASE("a product is asked for once, then the cart works without the catalog") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  REQUIRE(shop.Add("buyer/b", "r-2", cart_id, 1).ok());
  CHECK(shop.questions() == 1);
  shop.catalog_down = true;
  REQUIRE(shop.Add("buyer/b", "r-3", cart_id, 1).ok());
  shop.fixture.Restart();
  const auto cart = shop.Add("buyer/b", "r-4", cart_id, 1);
  REQUIRE(cart.ok());
  CHECK(cart->subtotal().minor_units() == 4500);
  CHECK(shop.questions() == 1);
}

TEST_CASE("an unknown product is NOT_FOUND") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  CHECK(shop.Add("buyer/b", "r-2", cart_id, 1, "unicorn").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("out of stock is told with what is available, after asking the catalog") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  const auto refused = shop.Add("buyer/b", "r-2", cart_id, 6);
  CHECK(Reason(refused.status()) == "OUT_OF_STOCK");
  CHECK(ValuesOfReason(refused.status())[1] == std::pair<std::string, std::string>("available", "5"));

  SECTION("stock that came in meanwhile counts at once") {
    shop.lamp.set_available_quantity(50);
    const auto added = shop.Add("buyer/b", "r-3", cart_id, 6);
    REQUIRE(added.ok());
    CHECK(added->problems().empty());
  }
}

TEST_CASE("reading a cart tells what changed since the buyer touched it") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  REQUIRE(shop.Add("buyer/b", "r-2", cart_id, 2).ok());
  shop.Publish(2, 1700, 1);
  shop.lamp.set_available_quantity(1);
  shop.lamp.set_offer_version(2);
  shop.lamp.mutable_price()->set_minor_units(1700);
  const auto cart = shop.Get("buyer/b", cart_id);
  REQUIRE(cart.ok());
  REQUIRE(cart->problems_size() == 2);
  CHECK(cart->problems(0).type() == v1::CartProblem::TYPE_PRICE_UP);
  CHECK(cart->problems(1).type() == v1::CartProblem::TYPE_INSUFFICIENT_STOCK);
  CHECK(cart->subtotal().minor_units() == 3400);

  v1::SetItemQuantityRequest request;
  request.set_request_id("r-3");
  request.set_cart_id(cart_id);
  request.set_product_id("lamp");
  request.set_quantity(1);
  const auto settled = shop.fixture.Call<v1::SetItemQuantityResponse>("buyer/b", request);
  REQUIRE(settled.ok());
  CHECK(settled->cart().problems().empty());

  request.set_request_id("r-4");
  request.set_quantity(0);
  const auto emptied = shop.fixture.Call<v1::SetItemQuantityResponse>("buyer/b", request);
  REQUIRE(emptied.ok());
  CHECK(emptied->cart().items().empty());
}

TEST_CASE("somebody else's cart is NOT_FOUND with the text of an unknown one") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  const Status unknown = shop.Get("buyer/x", "no-such-cart").status();
  CHECK(unknown.code() == absl::StatusCode::kNotFound);
  CHECK(shop.Get("buyer/x", cart_id).status() == unknown);
  CHECK(shop.Get("guest/b", cart_id).status() == unknown);
  CHECK(shop.Add("buyer/x", "r-2", cart_id, 1).status() == unknown);
  CHECK(shop.Get("seller/s", cart_id).status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(shop.Get("operator/o", cart_id).ok());
  CHECK(shop.Get("service/order", cart_id).ok());
  v1::FreezeCartRequest freeze;
  freeze.set_request_id("r-3");
  CHECK(shop.fixture.Call<v1::FreezeCartResponse>("buyer/b", freeze).status().code() ==
        absl::StatusCode::kPermissionDenied);
}

TEST_CASE("a guest without a token has no cart") {
  Shop shop;
  v1::CreateCartRequest request;
  request.set_request_id("r-1");
  const auto refused = shop.fixture.Call<v1::CreateCartResponse>("guest", request);
  CHECK(refused.status().code() == absl::StatusCode::kUnauthenticated);
}

TEST_CASE("a frozen cart becomes free by its timer") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  REQUIRE(shop.Add("buyer/b", "r-2", cart_id, 1).ok());
  const auto frozen = shop.Freeze("r-3", cart_id);
  REQUIRE(frozen.ok());
  CHECK(frozen->lines(0).unit_price().minor_units() == 1500);
  CHECK(frozen->buyer_id() == "b");
  CHECK(Reason(shop.Add("buyer/b", "r-4", cart_id, 1).status()) == "CART_FROZEN");
  shop.fixture.Restart();
  shop.fixture.AdvanceBy(absl::Minutes(15));
  CHECK(shop.Get("buyer/b", cart_id)->state() == v1::CartState::STATE_ACTIVE);
}

TEST_CASE("a completed cart is public, final, and not listed any more") {
  Shop shop;
  const std::string cart_id = shop.Create("buyer/b", "r-1").cart_id();
  const std::string second_id = shop.Create("buyer/b", "r-1b").cart_id();
  REQUIRE(shop.Add("buyer/b", "r-2", cart_id, 1).ok());
  REQUIRE(shop.Freeze("r-3", cart_id).ok());
  v1::CompleteCartRequest complete;
  complete.set_request_id("r-4");
  complete.set_cart_id(cart_id);
  complete.set_checkout_id("k");
  REQUIRE(shop.fixture.Call<v1::CompleteCartResponse>("service/order", complete).ok());
  CHECK(Reason(shop.Add("buyer/b", "r-5", cart_id, 1).status()) == "ILLEGAL_TRANSITION");
  const auto completed = shop.fixture.PublicEvents<events::v1::CartCompleted>();
  REQUIRE(completed.size() == 1);
  CHECK(completed[0].items(0).product_id() == "lamp");

  const auto listed = shop.fixture.Call<v1::ListCartsResponse>("buyer/b", v1::ListCartsRequest());
  REQUIRE(listed.ok());
  REQUIRE(listed->carts_size() == 1);
  CHECK(listed->carts(0).cart_id() == second_id);
}

TEST_CASE("carts are listed newest first, page by page") {
  Shop shop;
  std::string last;
  for (int i = 0; i < 5; ++i) {
    last = shop.Create("buyer/b", "r-" + std::to_string(i)).cart_id();
    shop.fixture.AdvanceBy(absl::Seconds(1));
  }
  shop.Create("buyer/x", "r-x");
  v1::ListCartsRequest request;
  request.set_page_size(3);
  const auto first = shop.fixture.Call<v1::ListCartsResponse>("buyer/b", request);
  REQUIRE(first.ok());
  REQUIRE(first->carts_size() == 3);
  CHECK(first->carts(0).cart_id() == last);
  request.set_page_token(first->next_page_token());
  const auto rest = shop.fixture.Call<v1::ListCartsResponse>("buyer/b", request);
  REQUIRE(rest.ok());
  CHECK(rest->carts_size() == 2);
  CHECK(rest->next_page_token().empty());
  CHECK(shop.fixture.Call<v1::ListCartsResponse>("buyer/x", request).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

v1::MergeCartsRequest MergeOf(const std::string& request_id, const std::string& cart_id,
                              const std::string& guest_cart_id, const std::string& token) {
  v1::MergeCartsRequest request;
  request.set_request_id(request_id);
  request.set_cart_id(cart_id);
  request.set_guest_cart_id(guest_cart_id);
  request.set_guest_token(token);
  request.set_policy(v1::MERGE_POLICY_SUM);
  return request;
}

TEST_CASE("a guest who signs in takes her cart along") {
  Shop shop;
  const std::string guest_id = shop.Create("guest/tok", "r-1").cart_id();
  const std::string account_id = shop.Create("buyer/b", "r-2").cart_id();
  REQUIRE(shop.Add("guest/tok", "r-3", guest_id, 4).ok());
  REQUIRE(shop.Add("buyer/b", "r-4", account_id, 3).ok());

  const v1::MergeCartsRequest request = MergeOf("r-5", account_id, guest_id, "tok");
  for (int i = 0; i < 2; ++i) {  // The repetition is answered in the same way.
    const auto merged = shop.fixture.Call<v1::MergeCartsResponse>("buyer/b", request);
    REQUIRE(merged.ok());
    CHECK(merged->cart().items(0).quantity() == 5);
    REQUIRE(merged->outcomes_size() == 1);
    CHECK(merged->outcomes(0).result() == v1::MergeOutcome::RESULT_CLAMPED);
  }
  const auto guest = shop.Get("guest/tok", guest_id);
  REQUIRE(guest.ok());
  CHECK(guest->state() == v1::CartState::STATE_MERGED);
  CHECK(guest->merged_into_cart_id() == account_id);
  CHECK(shop.fixture.PublicEvents<events::v1::CartsMerged>().size() == 1);

  SECTION("merging again under another request changes nothing") {
    const auto again =
        shop.fixture.Call<v1::MergeCartsResponse>("buyer/b", MergeOf("r-6", account_id, guest_id, "tok"));
    REQUIRE(again.ok());
    CHECK(again->cart().items(0).quantity() == 5);
  }
}

TEST_CASE("nobody merges a cart without the token of its guest") {
  Shop shop;
  const std::string guest_id = shop.Create("guest/tok", "r-1").cart_id();
  const std::string account_id = shop.Create("buyer/b", "r-2").cart_id();
  // What others see of the guest is no token.
  const std::string seen = BuyerIdOf({Principal::Kind::kGuest, "tok"});
  CHECK(shop.Get("guest/tok", guest_id)->buyer_id() == seen);
  for (const std::string& token :
       {std::string(), std::string("other"), seen, seen.substr(seen.find(':') + 1)}) {
    const auto refused = shop.fixture.Call<v1::MergeCartsResponse>(
        "buyer/b", MergeOf("r-3" + token, account_id, guest_id, token));
    CHECK(refused.status().code() == absl::StatusCode::kNotFound);
  }
  const auto not_hers =
      shop.fixture.Call<v1::MergeCartsResponse>("buyer/x", MergeOf("r-4", account_id, guest_id, "tok"));
  CHECK(not_hers.status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a guest's cart that is being paid for is not merged") {
  Shop shop;
  const std::string guest_id = shop.Create("guest/tok", "r-1").cart_id();
  const std::string account_id = shop.Create("buyer/b", "r-2").cart_id();
  REQUIRE(shop.Add("guest/tok", "r-3", guest_id, 1).ok());
  REQUIRE(shop.Freeze("r-4", guest_id).ok());
  const auto refused =
      shop.fixture.Call<v1::MergeCartsResponse>("buyer/b", MergeOf("r-5", account_id, guest_id, "tok"));
  CHECK(refused.status().code() == absl::StatusCode::kAborted);
  CHECK(Reason(refused.status()) == "CART_FROZEN");
}

TEST_CASE("a guest's cart expires 30 days after its last change, an account's after 90") {
  Shop shop;
  const std::string guest_id = shop.Create("guest/tok", "r-1").cart_id();
  const std::string account_id = shop.Create("buyer/b", "r-2").cart_id();
  shop.fixture.AdvanceBy(absl::Hours(24 * 20));
  REQUIRE(shop.Add("guest/tok", "r-3", guest_id, 1).ok());
  shop.fixture.AdvanceBy(absl::Hours(24 * 20));
  CHECK(shop.Get("guest/tok", guest_id)->state() == v1::CartState::STATE_ACTIVE);
  shop.fixture.AdvanceBy(absl::Hours(24 * 11));
  CHECK(shop.Get("guest/tok", guest_id)->state() == v1::CartState::STATE_EXPIRED);
  CHECK(shop.Get("buyer/b", account_id)->state() == v1::CartState::STATE_ACTIVE);
  shop.fixture.AdvanceBy(absl::Hours(24 * 40));
  CHECK(shop.Get("buyer/b", account_id)->state() == v1::CartState::STATE_EXPIRED);
  CHECK(shop.fixture.PublicEvents<events::v1::CartExpired>().size() == 2);
}

}  // namespace
}  // namespace souk::cart
