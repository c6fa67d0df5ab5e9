#include "services/catalog/review_service.h"

#include <catch2/catch.hpp>

#include "services/catalog/shop_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Shop;

constexpr char kNice[] = R"pb(order_id: "o-1.1" line_id: "l-1" score: 4 text: "Nice.")pb";

// b-1 buys one of `product_id`, promised for March 5.
void Buy(Shop& shop, const std::string& product_id, const std::string& buyer_id = "b-1") {
  auto placed = FromText<order::events::v1::OrderPlaced>(R"pb(
    order_id: "o-1.1"
    group_id: "o-1"
    seller_id: "s-1"
    lines { line_id: "l-1" quantity: 1 }
    shipping { arrive_until { year: 2026 month: 3 day: 5 } })pb");
  placed.set_buyer_id(buyer_id);
  placed.mutable_lines(0)->set_product_id(product_id);
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", placed).ok());
}

void Dispatch(Shop& shop, const std::string& product_id) {
  auto dispatched = FromText<shipping::events::v1::ShipmentDispatched>(R"pb(
    shipment_id: "o-1.1.s1"
    order_id: "o-1.1"
    seller_id: "s-1"
    buyer_id: "b-1"
    lines { line_id: "l-1" quantity: 1 })pb");
  dispatched.mutable_lines(0)->set_product_id(product_id);
  *dispatched.mutable_dispatch_time() = ToProto(shop.fixture().now());
  REQUIRE(shop.fixture().Deliver("shipping", "o-1.1.s1", dispatched).ok());
}

v1::Product ProductOf(Shop& shop, const std::string& product_id) {
  v1::GetProductRequest request;
  request.set_product_id(product_id);
  return shop.Get<v1::GetProductResponse>("guest/g", request).product();
}

TEST_CASE("a buyer reviews, the seller answers, and both ratings follow") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id);
  Dispatch(shop, id);
  const v1::Review review =
      shop.Do<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice).review();
  CHECK(review.score() == 4);
  CHECK(review.product_id() == id);
  CHECK(ProductOf(shop, id).rating().score_sum() == 4);
  CHECK(ProductOf(shop, id).rating().score_count() == 1);
  const auto get = FromText<v1::GetSellerRequest>(R"pb(seller_id: "s-1")pb");
  CHECK(shop.Get<v1::GetSellerResponse>("guest/g", get).seller().rating().score_sum() == 4);
  CHECK(shop.Get<v1::GetSellerResponse>("guest/g", get).seller().rating().score_count() == 1);

  v1::AnswerReviewRequest answer;
  answer.set_review_id(review.review_id());
  answer.set_text("Thank you.");
  CHECK(shop.Fails<v1::AnswerReviewResponse>("seller/s-2", answer).code() == StatusCode::kNotFound);
  shop.Do<v1::AnswerReviewResponse>("seller/s-1", answer);
  CHECK(Reason(shop.Fails<v1::AnswerReviewResponse>("seller/s-1", answer)) == "ILLEGAL_TRANSITION");

  v1::ListReviewsRequest list;
  list.set_product_id(id);
  const auto reviews = shop.Get<v1::ListReviewsResponse>("guest/g", list);
  REQUIRE(reviews.reviews_size() == 1);
  CHECK(reviews.reviews(0).text() == "Nice.");
  CHECK(reviews.reviews(0).answer() == "Thank you.");
  CHECK(reviews.reviews(0).order_id().empty());
  CHECK(shop.Get<v1::ListReviewsResponse>("seller/s-1", list).reviews(0).order_id() == "o-1.1");

  const auto submitted = shop.fixture().PublicEvents<events::v1::ReviewSubmitted>();
  REQUIRE(submitted.size() == 1);
  CHECK(submitted[0].buyer_id() == "b-1");
  CHECK(submitted[0].seller_id() == "s-1");
  CHECK(submitted[0].score() == 4);
  CHECK(shop.fixture().PublicEvents<events::v1::ReviewAnswered>().size() == 1);
}

TEST_CASE("an order line is reviewed once, whatever happens in between") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id);
  Dispatch(shop, id);
  shop.Do<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice);
  shop.fixture().Restart();
  const Status again = shop.Fails<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice);
  CHECK(Reason(again) == "ILLEGAL_TRANSITION");
  CHECK(ProductOf(shop, id).rating().score_count() == 1);
}

TEST_CASE("only who bought it reviews it, and strangers learn nothing") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id, BuyerIdOf({Principal::Kind::kGuest, "g-1"}));
  Dispatch(shop, id);
  const auto refused = [&](const char* principal, const char* request) {
    return shop.Fails<v1::SubmitReviewResponse, v1::SubmitReviewRequest>(principal, request);
  };
  CHECK(refused("buyer/b-2", kNice) == NotFound("no line l-1 of order o-1.1"));
  CHECK(refused("guest/g-2", kNice) == NotFound("no line l-1 of order o-1.1"));
  CHECK(refused("guest/g-1", R"pb(order_id: "o-2.1" line_id: "l-1" score: 4)pb") ==
        NotFound("no line l-1 of order o-2.1"));
  CHECK(refused("seller/s-1", kNice).code() == StatusCode::kPermissionDenied);
  shop.Do<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("guest/g-1", kNice);
}

TEST_CASE("a review opens when the parcel leaves, or when it should have come") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id);
  CHECK(Reason(shop.Fails<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice)) ==
        "REVIEW_NOT_OPEN");
  shop.fixture().AdvanceBy(absl::Hours(4 * 24));
  shop.Do<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice);
}

TEST_CASE("a parcel may be heard of before the order") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Dispatch(shop, id);
  Buy(shop, id);
  shop.Do<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice);
}

TEST_CASE("reviews close 100 days after the receipt") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id);
  shop.fixture().AdvanceBy(absl::Hours(10 * 24));
  auto received = FromText<order::events::v1::OrderReceived>(R"pb(order_id: "o-1.1"
                                                                  buyer_id: "b-1"
                                                                  seller_id: "s-1"
                                                                  lines { line_id: "l-1" quantity: 1 })pb");
  received.mutable_lines(0)->set_product_id(id);
  *received.mutable_receive_time() = ToProto(shop.fixture().now());
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", received).ok());
  shop.fixture().AdvanceBy(kReviewWindow + absl::Seconds(1));
  CHECK(Reason(shop.Fails<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice)) ==
        "REVIEW_CLOSED");
}

TEST_CASE("a cancelled order is not reviewed") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string id = shop.AddProduct("s-1", {});
  Buy(shop, id);
  auto cancelled =
      FromText<order::events::v1::OrderCancelled>(R"pb(order_id: "o-1.1"
                                                       lines { line_id: "l-1" quantity: 1 })pb");
  cancelled.mutable_lines(0)->set_product_id(id);
  REQUIRE(shop.fixture().Deliver("order", "o-1.1", cancelled).ok());
  CHECK(Reason(shop.Fails<v1::SubmitReviewResponse, v1::SubmitReviewRequest>("buyer/b-1", kNice)) ==
        "NOT_PURCHASED");
}

TEST_CASE("a list of reviews is about one product or one seller") {
  Shop shop;
  shop.AddSeller("s-1");
  for (const char* bad : {"", R"pb(product_id: "p-1" seller_id: "s-1")pb", R"pb(product_id: "a/b")pb"}) {
    CHECK(shop.Call<v1::ListReviewsResponse>("guest/g", FromText<v1::ListReviewsRequest>(bad))
              .status()
              .code() == StatusCode::kInvalidArgument);
  }
  CHECK(shop.Get<v1::ListReviewsResponse>("guest/g",
                                          FromText<v1::ListReviewsRequest>(R"pb(seller_id: "s-1")pb"))
            .reviews()
            .empty());
}

}  // namespace
}  // namespace souk::catalog
