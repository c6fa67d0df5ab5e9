#include "services/catalog/product_service.h"

#include <catch2/catch.hpp>

#include "services/catalog/shop_fixture.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using events::v1::OfferChanged;
using testing::FromText;
using testing::Shop;

v1::GetProductRequest Page(const std::string& product_id) {
  v1::GetProductRequest request;
  request.set_product_id(product_id);
  request.set_view(v1::PRODUCT_VIEW_FULL);
  return request;
}

TEST_CASE("publish refuses, naming everything that is missing, until nothing is") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddDraft("s-1", {});
  v1::PublishProductRequest publish;
  publish.set_product_id(id);
  const Status status = shop.Fails<v1::PublishProductResponse>("seller/s-1", publish);
  CHECK(Reason(status) == "PRODUCT_INCOMPLETE");
  std::string names;
  for (const auto& [name, value] : ValuesOfReason(status)) names += name + " ";
  CHECK(names == "photo price stock delivery_profile ");
  CHECK(shop.fixture().PublicEvents<OfferChanged>().empty());

  const std::string complete = shop.AddProduct("s-1", {});
  const std::vector<OfferChanged> offers = shop.fixture().PublicEvents<OfferChanged>();
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].product_id() == complete);
  CHECK(offers[0].title() == "Bowl");
  CHECK(offers[0].price().minor_units() == 1250);
  CHECK(offers[0].saleable());
  CHECK(offers[0].available_band() == events::v1::AVAILABILITY_BAND_IN);
  CHECK(offers[0].available_quantity() == 10);
  CHECK(offers[0].offer_version() == 1);
}

TEST_CASE("a seller who is not approved can prepare, but not publish") {
  Shop shop;
  shop.Do<v1::RegisterSellerResponse, v1::RegisterSellerRequest>(
      "seller/s-1", R"pb(shop_name: "Clay" contact_name: "Ann" contact_email: "a@b.c")pb");
  v1::PublishProductRequest publish;
  publish.set_product_id(shop.AddDraft("s-1", {}));
  const Status status = shop.Fails<v1::PublishProductResponse>("seller/s-1", publish);
  CHECK(ValuesOfReason(status).back().first == "active_seller");
}

TEST_CASE("someone else's product cannot be told from one that does not exist") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const std::string id = shop.AddDraft("s-1", {});
  const std::string theirs = "product_id: '" + id + "'";
  const Status expected = NotFound("no product %s", id);
  CHECK(shop.Fails<v1::ReviseProductResponse, v1::ReviseProductRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::AttachMediaResponse, v1::AttachMediaRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::DetachMediaResponse, v1::DetachMediaRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::ReorderMediaResponse, v1::ReorderMediaRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::SetPriceResponse, v1::SetPriceRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::SetDeliveryProfileResponse, v1::SetDeliveryProfileRequest>("seller/s-2", theirs) ==
        expected);
  CHECK(shop.Fails<v1::PublishProductResponse, v1::PublishProductRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::UnpublishProductResponse, v1::UnpublishProductRequest>("seller/s-2", theirs) ==
        expected);
  CHECK(shop.Fails<v1::ArchiveProductResponse, v1::ArchiveProductRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::ReceiveStockResponse, v1::ReceiveStockRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::AdjustStockResponse, v1::AdjustStockRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Fails<v1::SetLowStockLevelResponse, v1::SetLowStockLevelRequest>("seller/s-2", theirs) ==
        expected);
  CHECK(shop.Fails<v1::ReturnStockResponse, v1::ReturnStockRequest>("seller/s-2", theirs) == expected);
  CHECK(shop.Call<v1::GetStockResponse>("seller/s-2", FromText<v1::GetStockRequest>(theirs)).status() ==
        expected);
  for (const char* stranger : {"seller/s-2", "buyer/b-1", "guest/g"}) {
    CHECK(shop.Call<v1::GetProductResponse>(stranger, Page(id)).status() == expected);
  }
  CHECK(shop.Call<v1::GetProductResponse>("seller/s-1", Page(id)).ok());
  CHECK(shop.Call<v1::GetProductResponse>("operator/olga", Page(id)).ok());
}

TEST_CASE("a draft belongs to the seller who is named") {
  Shop shop;
  shop.AddSeller("s-1");
  const Status status = shop.Fails<v1::CreateProductResponse, v1::CreateProductRequest>(
      "seller/s-2", R"pb(seller_id: "s-1")pb");
  CHECK(status.code() == StatusCode::kNotFound);
}

TEST_CASE("the page of a product shows how it is delivered and who sells it") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.Do<v1::UpdateSellerResponse, v1::UpdateSellerRequest>(
      "seller/s-1", R"pb(seller_id: "s-1" story: "I like mud." return_terms: "14 days.")pb");
  const std::string id = shop.AddProduct("s-1", {});
  shipping::v1::ListDeliveryOffersRequest asked;
  shop.fixture()
      .Fake("shipping")
      .On<shipping::v1::ListDeliveryOffersRequest>(
          [&asked](const shipping::v1::ListDeliveryOffersRequest& request) {
            asked = request;
            return StatusOr<shipping::v1::ListDeliveryOffersResponse>(
                FromText<shipping::v1::ListDeliveryOffersResponse>(R"pb(
                  offers {
                    option_id: "post"
                    display_name: "Post"
                    cost { currency_code: "EUR" minor_units: 490 }
                    arrive_from { year: 2026 month: 3 day: 4 }
                    arrive_until { year: 2026 month: 3 day: 6 }
                  })pb"));
          });
  v1::GetProductRequest request = Page(id);
  request.mutable_destination()->set_region_code("DE");
  request.set_quantity(2);
  const auto response = shop.Get<v1::GetProductResponse>("guest/g", request);
  CHECK(asked.lines(0).profile_id() == "d-1");
  CHECK(asked.lines(0).quantity() == 2);
  CHECK(asked.lines(0).weight_grams() == 400);
  CHECK(asked.lines(0).unit_price().minor_units() == 1250);
  CHECK(asked.destination().region_code() == "DE");
  REQUIRE(response.page().delivery_offers_size() == 1);
  CHECK(response.page().delivery_offers(0).cost().minor_units() == 490);
  CHECK(response.page().delivery_offers(0).arrive_until().day() == 6);
  CHECK_FALSE(response.page().delivery_offers_unavailable());
  CHECK(response.page().seller().story() == "I like mud.");
  CHECK(response.page().return_terms() == "14 days.");
  CHECK(response.product().availability() == v1::AVAILABILITY_BAND_IN);
  CHECK(response.product().media(0).width() == 300);
}

TEST_CASE("a product that cannot be delivered there says why") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  shop.fixture()
      .Fake("shipping")
      .On<shipping::v1::ListDeliveryOffersRequest>([](const shipping::v1::ListDeliveryOffersRequest&) {
        return StatusOr<shipping::v1::ListDeliveryOffersResponse>(
            FromText<shipping::v1::ListDeliveryOffersResponse>(
                R"pb(undeliverable_reason: UNDELIVERABLE_REASON_DESTINATION_NOT_SERVED)pb"));
      });
  const auto response = shop.Get<v1::GetProductResponse>("guest/g", Page(id));
  CHECK(response.page().undeliverable_reason() == "UNDELIVERABLE_REASON_DESTINATION_NOT_SERVED");
}

TEST_CASE("the page is shown without delivery offers when nobody can be asked") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  shop.fixture()
      .Fake("shipping")
      .On<shipping::v1::ListDeliveryOffersRequest>([](const shipping::v1::ListDeliveryOffersRequest&) {
        return StatusOr<shipping::v1::ListDeliveryOffersResponse>(Unavailable("shipping is down"));
      });
  const auto response = shop.Get<v1::GetProductResponse>("guest/g", Page(id));
  CHECK(response.page().delivery_offers_unavailable());
  CHECK(response.product().title() == "Bowl");
  CHECK(response.page().seller().shop_name() == "Shop of s-1");
}

TEST_CASE("readers get a product in their language, or in the default one") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  v1::ReviseProductRequest revise = FromText<v1::ReviseProductRequest>(R"pb(
    texts { language_code: "en" title: "Bowl" description: "Round." }
    texts { language_code: "pt-BR" title: "Tigela" description: "Redonda." })pb");
  revise.set_product_id(id);
  shop.Do<v1::ReviseProductResponse>("seller/s-1", revise);
  const auto title = [&](const char* language) {
    v1::GetProductRequest request;
    request.set_product_id(id);
    request.set_language_code(language);
    return shop.Get<v1::GetProductResponse>("guest/g", request).product().title();
  };
  CHECK(title("pt-BR") == "Tigela");
  CHECK(title("pt") == "Tigela");
  CHECK(title("PT-pt") == "Tigela");
  CHECK(title("de") == "Bowl");
  CHECK(title("") == "Bowl");
}

TEST_CASE("a vacation takes all products of the seller off the market, and brings them back") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const std::string one = shop.AddProduct("s-1", {});
  const std::string two = shop.AddProduct("s-1", {});
  shop.AddProduct("s-2", {});
  const auto listed = [&shop] {
    return shop.Get<v1::ListProductsResponse>("guest/g", v1::ListProductsRequest()).products_size();
  };
  const auto found = [&shop] {
    return shop.Get<v1::SearchProductsResponse>("guest/g", v1::SearchProductsRequest()).products_size();
  };
  CHECK(listed() == 3);
  CHECK(found() == 3);

  v1::ScheduleVacationRequest vacation;
  vacation.set_seller_id("s-1");
  *vacation.mutable_vacation()->mutable_start_time() = ToProto(shop.fixture().now() + absl::Hours(24));
  *vacation.mutable_vacation()->mutable_end_time() = ToProto(shop.fixture().now() + absl::Hours(48));
  shop.Do<v1::ScheduleVacationResponse>("seller/s-1", vacation);
  CHECK(listed() == 3);

  shop.fixture().AdvanceBy(absl::Hours(25));
  CHECK(listed() == 1);
  CHECK(found() == 1);
  CHECK(shop.fixture().PublicEvents<events::v1::SellerVacationStarted>().size() == 1);
  std::vector<OfferChanged> offers = shop.fixture().PublicEvents<OfferChanged>();
  REQUIRE(offers.size() == 5);
  CHECK_FALSE(offers[3].saleable());
  CHECK_FALSE(offers[4].saleable());
  // Who has a link still sees the product, and that the shop is closed.
  const auto page = shop.Get<v1::GetProductResponse>("guest/g", Page(one));
  CHECK_FALSE(page.product().saleable());
  CHECK(page.page().seller().on_vacation());
  const Status hold =
      shop.Call<v1::HoldStockResponse>(testing::kOrderService, shop.HoldOf(two, "h-1", 1)).status();
  CHECK(Reason(hold) == "SELLER_UNAVAILABLE");

  shop.fixture().AdvanceBy(absl::Hours(24));
  CHECK(listed() == 3);
  CHECK(found() == 3);
  offers = shop.fixture().PublicEvents<OfferChanged>();
  REQUIRE(offers.size() == 7);
  CHECK(offers[6].saleable());
  CHECK(offers[6].offer_version() == 3);
}

TEST_CASE("a suspended seller's products are there for nobody else") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  shop.Do<v1::SuspendSellerResponse, v1::SuspendSellerRequest>("operator/olga", R"pb(seller_id: "s-1"
                                                                                     reason: "fakes")pb");
  CHECK(shop.Call<v1::GetProductResponse>("buyer/b-1", Page(id)).status().code() == StatusCode::kNotFound);
  CHECK(shop.Call<v1::GetProductResponse>("seller/s-1", Page(id)).ok());
  shop.Do<v1::ApproveSellerResponse, v1::ApproveSellerRequest>("operator/olga", R"pb(seller_id: "s-1")pb");
  CHECK(shop.Call<v1::GetProductResponse>("buyer/b-1", Page(id)).ok());
}

TEST_CASE("news for products survive a crash") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  v1::ScheduleVacationRequest vacation;
  vacation.set_seller_id("s-1");
  *vacation.mutable_vacation()->mutable_start_time() = ToProto(shop.fixture().now() + absl::Hours(1));
  shop.Do<v1::ScheduleVacationResponse>("seller/s-1", vacation);
  shop.fixture().Crash();
  shop.fixture().Start();
  shop.fixture().AdvanceBy(absl::Hours(2));
  CHECK_FALSE(shop.Get<v1::GetProductResponse>("guest/g", Page(id)).product().saleable());
}

TEST_CASE("a reduced price shows the lowest one of the last 30 days") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.price = 1000});
  shop.fixture().AdvanceBy(absl::Hours(24));
  v1::SetPriceRequest price;
  price.set_product_id(id);
  price.mutable_price()->set_currency_code("EUR");
  price.mutable_price()->set_minor_units(800);
  const v1::Product product = shop.Do<v1::SetPriceResponse>("seller/s-1", price).product();
  CHECK(product.prices(0).price().minor_units() == 800);
  CHECK(product.prices(0).lowest_price_30_days().minor_units() == 1000);
}

}  // namespace
}  // namespace souk::catalog
