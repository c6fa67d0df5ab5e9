#include "services/catalog/stock_service.h"

#include <catch2/catch.hpp>

#include "services/catalog/shop_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using order::events::v1::OrderCancelled;
using shipping::events::v1::ShipmentDispatched;
using testing::FromText;
using testing::kOrderService;
using testing::Shop;

v1::CommitHoldRequest CommitOf(Shop& shop, const std::string& product_id, const std::string& hold_id,
                               const std::string& order_id) {
  v1::CommitHoldRequest request;
  request.set_request_id(shop.NewRequestId());
  request.set_product_id(product_id);
  request.set_hold_id(hold_id);
  request.set_order_id(order_id);
  return request;
}

OrderCancelled Cancellation(const std::string& product_id, std::int64_t quantity) {
  auto event = FromText<OrderCancelled>(R"pb(order_id: "o-1.1" seller_id: "s-1" buyer_id: "b-1")pb");
  event.add_lines()->set_line_id("l-1");
  event.mutable_lines(0)->set_product_id(product_id);
  event.mutable_lines(0)->set_quantity(quantity);
  return event;
}

ShipmentDispatched Dispatch(const std::string& product_id, std::int32_t quantity) {
  auto event = FromText<ShipmentDispatched>(R"pb(
    shipment_id: "o-1.1.s1"
    order_id: "o-1.1"
    seller_id: "s-1"
    buyer_id: "b-1"
    dispatch_time { seconds: 1772452800 })pb");
  event.add_lines()->set_line_id("l-1");
  event.mutable_lines(0)->set_product_id(product_id);
  event.mutable_lines(0)->set_quantity(quantity);
  return event;
}

TEST_CASE("a checkout holds, commits, and the parcel takes the pieces away") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 10});
  const auto held = shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 2));
  CHECK(held.hold().state() == v1::StockHold::STATE_HELD);
  CHECK(shop.StockOf(id).available_quantity() == 8);
  const auto committed = shop.Do<v1::CommitHoldResponse>(kOrderService, CommitOf(shop, id, "h-1", "o-1.1"));
  CHECK(committed.hold().state() == v1::StockHold::STATE_COMMITTED);
  CHECK(shop.StockOf(id).allocated_quantity() == 2);

  REQUIRE(shop.fixture().Deliver("shipping", "o-1.1.s1", Dispatch(id, 2), "event-1").ok());
  REQUIRE(shop.fixture().Deliver("shipping", "o-1.1.s1", Dispatch(id, 2), "event-1").ok());
  const v1::Stock stock = shop.StockOf(id);
  CHECK(stock.on_hand_quantity() == 8);
  CHECK(stock.allocated_quantity() == 0);

  const std::string about = "product_id: '" + id + "' order_id: 'o-1.1' ";
  CHECK(shop.Do<v1::ReturnStockResponse, v1::ReturnStockRequest>("seller/s-1", about + "quantity: 1")
            .stock()
            .on_hand_quantity() == 9);
  CHECK(Reason(shop.Fails<v1::ReturnStockResponse, v1::ReturnStockRequest>(
            "seller/s-1", about + "quantity: 2")) == "QUANTITY_LIMIT");
}

TEST_CASE("a cancelled order gives its pieces back once, however often it is told") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 10});
  shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 2));
  shop.Do<v1::CommitHoldResponse>(kOrderService, CommitOf(shop, id, "h-1", "o-1.1"));
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", Cancellation(id, 2), "event-1").ok());
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", Cancellation(id, 2), "event-1").ok());
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", Cancellation(id, 2), "event-2").ok());
  CHECK(shop.StockOf(id).available_quantity() == 10);
}

TEST_CASE("a cancellation that arrives before the commit is not lost") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 10});
  shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 2));
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", Cancellation(id, 2)).ok());
  CHECK(shop.StockOf(id).available_quantity() == 8);
  const auto response = shop.Do<v1::CommitHoldResponse>(kOrderService, CommitOf(shop, id, "h-1", "o-1.1"));
  CHECK(response.hold().state() == v1::StockHold::STATE_RELEASED);
  CHECK(shop.StockOf(id).available_quantity() == 10);
}

TEST_CASE("a hold expires on its own, also when the service was down at that time") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 2});
  shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 2));
  CHECK(shop.fixture().PublicEvents<events::v1::StockDepleted>().size() == 1);
  shop.fixture().AdvanceBy(absl::Minutes(14));
  CHECK(shop.StockOf(id).available_quantity() == 0);
  shop.fixture().Restart();
  shop.fixture().AdvanceBy(absl::Minutes(1));
  CHECK(shop.StockOf(id).available_quantity() == 2);
  CHECK(shop.fixture().PublicEvents<events::v1::StockReplenished>().back().available_quantity() == 2);
}

TEST_CASE("an extended hold outlives its first time") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 2});
  shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 2));
  v1::ExtendHoldRequest extend;
  extend.set_product_id(id);
  extend.set_hold_id("h-1");
  *extend.mutable_expire_time() = ToProto(shop.fixture().now() + absl::Hours(1));
  shop.Do<v1::ExtendHoldResponse>(kOrderService, extend);
  shop.fixture().AdvanceBy(absl::Minutes(59));
  CHECK(shop.StockOf(id).held_quantity() == 2);
  shop.fixture().AdvanceBy(absl::Minutes(1));
  CHECK(shop.StockOf(id).held_quantity() == 0);
}

TEST_CASE("N buyers at the same time, k pieces: exactly k holds") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 7});
  int held = 0;
  int refused = 0;
  const std::string path =
      rpc::MethodPath(*v1::HoldStockRequest::descriptor(), *v1::HoldStockResponse::descriptor());
  for (int buyer = 0; buyer < 50; ++buyer) {
    const auto request = shop.HoldOf(id, absl::StrFormat("h-%d", buyer), 1);
    shop.fixture().Begin(path, kOrderService, request.SerializeAsString(), [&](StatusOr<rpc::Bytes> answer) {
      if (answer.ok()) ++held;
      if (Reason(answer.status()) == "OUT_OF_STOCK") ++refused;
    });
  }
  shop.fixture().Settle();
  CHECK(held == 7);
  CHECK(refused == 43);
  CHECK(shop.StockOf(id).held_quantity() == 7);
  CHECK(shop.fixture().PublicEvents<events::v1::LowStockReached>().size() == 1);
}

TEST_CASE("nothing is held of what is not for sale") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string draft = shop.AddDraft("s-1", {});
  const auto reason = [&](const std::string& id) {
    return Reason(shop.Call<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h", 1)).status());
  };
  CHECK(reason(draft) == "PRODUCT_UNAVAILABLE");
  const Status unknown = shop.Call<v1::HoldStockResponse>(kOrderService, shop.HoldOf("p-0", "h", 1)).status();
  CHECK(unknown.code() == StatusCode::kNotFound);
  CHECK(shop.Call<v1::HoldStockResponse>("seller/s-1", shop.HoldOf(draft, "h", 1)).status().code() ==
        StatusCode::kPermissionDenied);
}

TEST_CASE("other services get what is offered at this moment") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.price = 700, .quantity = 10});
  const std::string draft = shop.AddDraft("s-1", {});
  shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, "h-1", 4));
  v1::GetOffersRequest request;
  request.add_product_ids(draft);
  request.add_product_ids(id);
  request.add_product_ids("unknown");
  auto response = shop.Get<v1::GetOffersResponse>("service/cart", request);
  REQUIRE(response.offers_size() == 1);
  const auto& offer = response.offers(0);
  CHECK(offer.product_id() == id);
  CHECK(offer.seller_id() == "s-1");
  CHECK(offer.price().minor_units() == 700);
  CHECK(offer.weight_grams() == 400);
  CHECK(offer.delivery_profile_id() == "d-1");
  CHECK(offer.available_quantity() == 6);
  CHECK(offer.saleable());
  CHECK(offer.offer_version() ==
        shop.fixture().PublicEvents<events::v1::OfferChanged>().back().offer_version());
  request.set_currency_code("USD");
  CHECK(shop.Get<v1::GetOffersResponse>("service/cart", request).offers().empty());
}

TEST_CASE("carts hear when the last pieces go") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.quantity = 4});
  for (int i = 0; i < 4; ++i) {
    shop.Do<v1::HoldStockResponse>(kOrderService, shop.HoldOf(id, absl::StrFormat("h-%d", i), 1));
  }
  std::vector<int> told;
  for (const auto& offer : shop.fixture().PublicEvents<events::v1::OfferChanged>()) {
    CHECK(offer.offer_version() == static_cast<std::int64_t>(told.size()) + 1);
    told.push_back(offer.available_quantity());
  }
  CHECK(told == std::vector<int>{4, 3, 2, 1, 0});
}

}  // namespace
}  // namespace souk::catalog
