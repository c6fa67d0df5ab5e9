#include "services/catalog/review_service.h"

#include <optional>
#include <utility>

#include "libs/eventsourcing/page.h"
#include "services/catalog/access.h"
#include "services/catalog/product.h"
#include "services/catalog/render.h"

namespace souk::catalog {
namespace {

// With order and line for those who know them anyway.
v1::Review RenderFor(const rpc::CallContext& call, const v1::ReviewState& state) {
  v1::Review review = Render(state);
  if (!MayRead(call, state.seller_id()) && BuyerIdOf(call.principal) != state.buyer_id()) return review;
  review.set_order_id(state.order_id());
  review.set_line_id(state.line_id());
  return review;
}

}  // namespace

void ReviewService::AddTo(rpc::Router& router) {
  using namespace rpc;
  router.Add<&ReviewService::SubmitReview>(*this, kGuests | kBuyers);
  router.Add<&ReviewService::AnswerReview>(*this, kSellers);
  router.Add<&ReviewService::ListReviews>(*this, kAnyone);
}

Task<StatusOr<v1::SubmitReviewResponse>> ReviewService::SubmitReview(CallContext call,
                                                                     v1::SubmitReviewRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("order_id", request.order_id()));
  co_await Try(CheckId("line_id", request.line_id()));
  const Status no_such_line = NotFound("no line %s of order %s", request.line_id(), request.order_id());
  const std::optional<std::string> review_id =
      co_await Try(engine_.Lookup("reviews_by_order_line", request.order_id() + "/" + request.line_id()));
  if (!review_id.has_value()) co_return no_such_line;
  const ReviewId id = ReviewId::Of(*review_id);
  const Shared<v1::ReviewState> purchase = co_await Try(engine_.Read<Review>(id));
  const std::string buyer_id = BuyerIdOf(call.principal);
  if (buyer_id.empty() || purchase->buyer_id() != buyer_id) co_return no_such_line;

  const catalog::SubmitReview submit{.score = request.score(), .text = request.text()};
  const RateProduct rate{.review_id = id.str(), .score = request.score()};
  // A review and the rating of its product change together.
  const auto work = [&](Unit& unit) -> Status {
    RETURN_IF_ERROR(unit.Execute<Review>(id, submit));
    return unit.Execute<Product>(ProductId::Of(purchase->product_id()), rate);
  };
  v1::SubmitReviewResponse response;
  const auto read = [&](Unit& unit) -> Status {
    ASSIGN_OR_RETURN(const v1::ReviewState* const state, unit.Load<Review>(id));
    *response.mutable_review() = RenderFor(call, *state);
    return OkStatus();
  };
  co_await Try(co_await engine_.Transact(PartitionKeyOf<Review>(id), std::move(metadata), work, read));
  co_return response;
}

Task<StatusOr<v1::AnswerReviewResponse>> ReviewService::AnswerReview(CallContext call,
                                                                     v1::AnswerReviewRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const ReviewId id = co_await Try(ReviewId::Parse(request.review_id()));
  const Shared<v1::ReviewState> before = co_await Try(engine_.Read<Review>(id));
  if (!before->has_submit_time() || !IsOwner(call, before->seller_id())) {
    co_return NotFound("no review %s", id.str());
  }
  const Shared<v1::ReviewState> review = co_await Try(
      engine_.Execute<Review>(id, catalog::AnswerReview{.text = request.text()}, std::move(metadata)));
  v1::AnswerReviewResponse response;
  *response.mutable_review() = RenderFor(call, *review);
  co_return response;
}

Task<StatusOr<v1::ListReviewsResponse>> ReviewService::ListReviews(CallContext call,
                                                                   v1::ListReviewsRequest request) {
  if (request.product_id().empty() == request.seller_id().empty()) {
    co_return InvalidField("product_id", "must be given, or seller_id, but not both");
  }
  IndexQuery query{.direction = Direction::kBackward};
  if (!request.product_id().empty()) {
    co_await Try(CheckId("product_id", request.product_id()));
    query.index = "reviews_by_product";
    query.prefix = request.product_id() + "/";
  } else {
    co_await Try(CheckId("seller_id", request.seller_id()));
    query.index = "reviews_by_seller";
    query.prefix = request.seller_id() + "/";
  }
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListReviewsResponse response;
  for (const IndexRow& row : page.rows) {
    const Shared<v1::ReviewState> review = co_await Try(engine_.Read<Review>(ReviewId::Of(IdInKey(row.key))));
    *response.add_reviews() = RenderFor(call, *review);
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

}  // namespace souk::catalog
