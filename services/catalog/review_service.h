// The RPCs about reviews: parse, execute, render. Rules are in review.cc.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/review.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

class ReviewService {
 public:
  // `engine` must outlive the service.
  explicit ReviewService(Engine& engine) : engine_(engine) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::SubmitReviewResponse>> SubmitReview(CallContext call, v1::SubmitReviewRequest request);
  Task<StatusOr<v1::AnswerReviewResponse>> AnswerReview(CallContext call, v1::AnswerReviewRequest request);
  Task<StatusOr<v1::ListReviewsResponse>> ListReviews(CallContext call, v1::ListReviewsRequest request);

  Engine& engine_;
};

}  // namespace souk::catalog
