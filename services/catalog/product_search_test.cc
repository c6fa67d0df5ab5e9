#include "services/catalog/product_search.h"

#include <catch2/catch.hpp>
#include <set>

#include "services/catalog/shop_fixture.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Shop;
using Ids = std::vector<std::string>;

Ids IdsOf(const v1::SearchProductsResponse& response) {
  Ids ids;
  for (const v1::Product& product : response.products()) ids.push_back(product.product_id());
  return ids;
}

Ids Find(Shop& shop, const std::string& request) {
  return IdsOf(shop.Get<v1::SearchProductsResponse>("guest/g", FromText<v1::SearchProductsRequest>(request)));
}

TEST_CASE("a product is found by all words, and by the beginning of the last one") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.title = "Crème brûlée bowl, blue"});
  shop.AddProduct("s-1", {.title = "Blue plate"});
  CHECK(Find(shop, R"pb(text: "creme BLUE")pb") == Ids{id});
  CHECK(Find(shop, R"pb(text: "blue bow")pb") == Ids{id});
  CHECK(Find(shop, R"pb(text: "bow blue")pb").empty());
  CHECK(Find(shop, R"pb(text: "blue")pb").size() == 2);
  CHECK(Find(shop, R"pb(text: "made by hand")pb").size() == 2);
  CHECK(Find(shop, R"pb(text: "green")pb").empty());
  CHECK(Find(shop, R"pb(text: " ,.- ")pb").size() == 2);
}

TEST_CASE("what is renamed, hidden or archived is not found by its old words") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.title = "Bowl"});
  auto revise = FromText<v1::ReviseProductRequest>(
      R"pb(texts { language_code: "en" title: "Dish" description: "Round." })pb");
  revise.set_product_id(id);
  shop.Do<v1::ReviseProductResponse>("seller/s-1", revise);
  CHECK(Find(shop, R"pb(text: "bowl")pb").empty());
  CHECK(Find(shop, R"pb(text: "dish")pb") == Ids{id});
  v1::UnpublishProductRequest unpublish;
  unpublish.set_product_id(id);
  shop.Do<v1::UnpublishProductResponse>("seller/s-1", unpublish);
  CHECK(Find(shop, R"pb(text: "dish")pb").empty());
  v1::PublishProductRequest publish;
  publish.set_product_id(id);
  shop.Do<v1::PublishProductResponse>("seller/s-1", publish);
  CHECK(Find(shop, R"pb(text: "dish")pb") == Ids{id});
  v1::ArchiveProductRequest archive;
  archive.set_product_id(id);
  shop.Do<v1::ArchiveProductResponse>("seller/s-1", archive);
  CHECK(Find(shop, "").empty());
}

TEST_CASE("filters and orders") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const std::string cheap = shop.AddProduct("s-1", {.category = "kitchen", .price = 500});
  shop.fixture().AdvanceBy(absl::Minutes(1));
  const std::string dear = shop.AddProduct("s-2", {.category = "kitchen", .price = 9000});
  shop.fixture().AdvanceBy(absl::Minutes(1));
  const std::string garden = shop.AddProduct("s-1", {.category = "garden", .price = 2000, .quantity = 1});
  CHECK(Find(shop, R"pb(category: "kitchen")pb") == Ids{dear, cheap});
  CHECK(Find(shop, R"pb(seller_id: "s-1")pb") == Ids{garden, cheap});
  CHECK(Find(shop, R"pb(price_min { currency_code: "EUR" minor_units: 501 })pb") == Ids{garden, dear});
  CHECK(Find(shop, R"pb(price_max { currency_code: "EUR" minor_units: 2000 })pb") == Ids{garden, cheap});
  CHECK(Find(shop, R"pb(price_min { currency_code: "USD" })pb").empty());
  CHECK(Find(shop, R"pb(order: SEARCH_ORDER_NEWEST)pb") == Ids{garden, dear, cheap});
  CHECK(Find(shop, R"pb(order: SEARCH_ORDER_PRICE_ASCENDING)pb") == Ids{cheap, garden, dear});
  CHECK(Find(shop, R"pb(order: SEARCH_ORDER_PRICE_DESCENDING)pb") == Ids{dear, garden, cheap});

  shop.Get<v1::HoldStockResponse>(testing::kOrderService, shop.HoldOf(garden, "h-1", 1));
  CHECK(Find(shop, R"pb(available_only: true)pb") == Ids{dear, cheap});
  CHECK(Find(shop, "").size() == 3);

  const auto mixed = FromText<v1::SearchProductsRequest>(R"pb(price_min { currency_code: "EUR" }
                                                              price_max { currency_code: "USD" })pb");
  CHECK(shop.Call<v1::SearchProductsResponse>("guest/g", mixed).status().code() ==
        StatusCode::kInvalidArgument);
}

// All pages of one product each; `between` runs after each page.
template <typename Response, typename Request>
Ids Pages(Shop& shop, Request request, const std::function<void()>& between) {
  request.set_page_size(1);
  Ids ids;
  for (;;) {
    const auto response = shop.Get<Response>("guest/g", request);
    for (const v1::Product& product : response.products()) ids.push_back(product.product_id());
    if (response.next_page_token().empty()) return ids;
    request.set_page_token(response.next_page_token());
    between();
  }
}

TEST_CASE("pages stay the same while products come and go") {
  Shop shop;
  shop.AddSeller("s-1");
  Ids ids;
  for (const int price : {400, 300, 200, 100}) {
    ids.insert(ids.begin(), shop.AddProduct("s-1", {.price = price}));
    shop.fixture().AdvanceBy(absl::Minutes(1));
  }
  int more = 0;
  const auto add_newer = [&] {
    if (++more <= 2) shop.AddProduct("s-1", {.price = 50});
  };
  CHECK(Pages<v1::ListProductsResponse>(shop, v1::ListProductsRequest(), add_newer) == ids);
  CHECK(more >= 3);
  more = 0;
  const auto cheapest_last =
      FromText<v1::SearchProductsRequest>(R"pb(order: SEARCH_ORDER_PRICE_ASCENDING
                                               price_min { currency_code: "EUR" minor_units: 100 })pb");
  CHECK(Pages<v1::SearchProductsResponse>(shop, cheapest_last, add_newer) == ids);
}

TEST_CASE("a page token is good for its own question only") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddProduct("s-1", {});
  shop.AddProduct("s-1", {});
  auto list = FromText<v1::ListProductsRequest>(R"pb(page_size: 1)pb");
  list.set_page_token(shop.Get<v1::ListProductsResponse>("guest/g", list).next_page_token());
  list.set_category("kitchen");
  CHECK(shop.Call<v1::ListProductsResponse>("guest/g", list).status().code() == StatusCode::kInvalidArgument);
  auto search = FromText<v1::SearchProductsRequest>(R"pb(page_size: 1)pb");
  search.set_page_token(shop.Get<v1::SearchProductsResponse>("guest/g", search).next_page_token());
  search.set_text("bowl");
  CHECK(shop.Call<v1::SearchProductsResponse>("guest/g", search).status().code() ==
        StatusCode::kInvalidArgument);
  search.set_page_token("rubbish");
  CHECK(shop.Call<v1::SearchProductsResponse>("guest/g", search).status().code() ==
        StatusCode::kInvalidArgument);
}

TEST_CASE("lists show what is for sale, and its own seller the rest") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string draft = shop.AddDraft("s-1", {});
  const std::string product = shop.AddProduct("s-1", {});
  const auto size = [&shop](const char* principal, const std::string& request) {
    return shop.Get<v1::ListProductsResponse>(principal, FromText<v1::ListProductsRequest>(request))
        .products_size();
  };
  CHECK(size("guest/g", "") == 1);
  CHECK(size("guest/g", R"pb(category: "kitchen")pb") == 1);
  CHECK(size("guest/g", R"pb(category: "garden")pb") == 0);
  CHECK(size("guest/g", R"pb(seller_id: "s-1")pb") == 1);
  CHECK(size("seller/s-1", R"pb(seller_id: "s-1")pb") == 2);
  CHECK(size("seller/s-1", R"pb(seller_id: "s-1" state: STATE_DRAFT)pb") == 1);
  CHECK(size("operator/olga", R"pb(seller_id: "s-1" state: STATE_DRAFT)pb") == 1);
  const auto drafts = FromText<v1::ListProductsRequest>(R"pb(seller_id: "s-1" state: STATE_DRAFT)pb");
  CHECK(shop.Call<v1::ListProductsResponse>("seller/s-2", drafts).status().code() == StatusCode::kNotFound);
}

TEST_CASE("what was found before a crash is found after it") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {.title = "Bowl"});
  shop.fixture().Restart();
  CHECK(Find(shop, R"pb(text: "bowl")pb") == Ids{id});
}

}  // namespace
}  // namespace souk::catalog
