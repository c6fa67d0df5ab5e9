#include "services/catalog/review.h"

#include <algorithm>

#include "libs/base/card_number.h"
#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "libs/base/uuid.h"
#include "services/catalog/text.h"

namespace souk::catalog {

using Events = Review::Events;

namespace {

constexpr LengthRange kText{0, 4000};
constexpr LengthRange kAnswer{1, 4000};

// OK when the review may be written at `now`.
Status CheckWindow(const v1::ReviewState& review, absl::Time now) {
  absl::Time opens = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  const auto consider = [&](bool known, const google::protobuf::Timestamp& time) {
    if (!known) return;
    opens = std::min(opens, FromProto(time));
    last = std::max(last, FromProto(time));
  };
  consider(review.has_promise_time(), review.promise_time());
  consider(review.has_dispatch_time(), review.dispatch_time());
  consider(review.has_receive_time(), review.receive_time());
  if (opens > now) return Rejected("REVIEW_NOT_OPEN", {}, "it was neither sent nor is it due");
  if (last + kReviewWindow < now) return Rejected("REVIEW_CLOSED", {}, "reviews are open for 100 days");
  return OkStatus();
}

}  // namespace

ReviewId ReviewIdFor(std::string_view product_id, std::string_view order_id, std::string_view line_id) {
  return ReviewId::Of(std::string(product_id) + "." + DerivedUuid("review", order_id, line_id));
}

StatusOr<Events> Review::Decide(const State& review, const RecordPurchase& command, absl::Time) {
  if (review.state() != State::STATE_UNSPECIFIED) return Events{};
  Event event;
  *event.mutable_purchase_recorded() = command.purchase;
  return Events{event};
}

StatusOr<Events> Review::Decide(const State& review, const RecordDispatch& command, absl::Time) {
  if (review.has_dispatch_time()) return Events{};
  Event event;
  *event.mutable_purchase_dispatched()->mutable_dispatch_time() = ToProto(command.dispatch_time);
  return Events{event};
}

StatusOr<Events> Review::Decide(const State& review, const RecordReceipt& command, absl::Time) {
  if (review.has_receive_time()) return Events{};
  Event event;
  *event.mutable_purchase_received()->mutable_receive_time() = ToProto(command.receive_time);
  return Events{event};
}

StatusOr<Events> Review::Decide(const State& review, const CancelPurchase&, absl::Time) {
  if (review.state() != State::STATE_AWAITED) return Events{};  // What was said stays said.
  Event event;
  event.mutable_purchase_cancelled();
  return Events{event};
}

StatusOr<Events> Review::Decide(const State& review, const SubmitReview& command, absl::Time now) {
  if (review.state() == State::STATE_UNSPECIFIED) return NotFound("no such purchase");
  std::vector<FieldViolation> violations;
  if (command.score < 1 || command.score > 5) violations.push_back({"score", "must be 1 to 5"});
  CheckText(violations, "text", command.text, kText);
  RETURN_IF_ERROR(InvalidFields(violations));
  RETURN_IF_ERROR(CheckNoCardNumber("text", command.text));
  if (review.state() == State::STATE_CANCELLED) return Rejected("NOT_PURCHASED", {}, "order was cancelled");
  if (review.state() != State::STATE_AWAITED) return IllegalTransition("this order line is reviewed already");
  RETURN_IF_ERROR(CheckWindow(review, now));
  Event event;
  v1::ReviewSubmitted& submitted = *event.mutable_submitted();
  submitted.set_review_id(review.review_id());
  submitted.set_product_id(review.product_id());
  submitted.set_seller_id(review.seller_id());
  submitted.set_buyer_id(review.buyer_id());
  submitted.set_order_id(review.order_id());
  submitted.set_line_id(review.line_id());
  submitted.set_score(command.score);
  submitted.set_text(command.text);
  *submitted.mutable_submit_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> Review::Decide(const State& review, const AnswerReview& command, absl::Time now) {
  if (!review.has_submit_time()) return NotFound("no such review");
  std::vector<FieldViolation> violations;
  CheckText(violations, "text", command.text, kAnswer);
  RETURN_IF_ERROR(InvalidFields(violations));
  if (review.state() == State::STATE_ANSWERED) return IllegalTransition("review is answered already");
  Event event;
  v1::ReviewAnswered& answered = *event.mutable_answered();
  answered.set_review_id(review.review_id());
  answered.set_product_id(review.product_id());
  answered.set_seller_id(review.seller_id());
  answered.set_buyer_id(review.buyer_id());
  answered.set_order_id(review.order_id());
  answered.set_text(command.text);
  *answered.mutable_answer_time() = ToProto(now);
  return Events{event};
}

void Review::Evolve(State& review, const Event& event) {
  switch (event.kind_case()) {
    case Event::kPurchaseRecorded: {
      const v1::PurchaseRecorded& purchase = event.purchase_recorded();
      review.set_state(State::STATE_AWAITED);
      review.set_review_id(purchase.review_id());
      review.set_product_id(purchase.product_id());
      review.set_seller_id(purchase.seller_id());
      review.set_buyer_id(purchase.buyer_id());
      review.set_order_id(purchase.order_id());
      review.set_line_id(purchase.line_id());
      if (purchase.has_promise_time()) *review.mutable_promise_time() = purchase.promise_time();
      break;
    }
    case Event::kPurchaseDispatched:
      *review.mutable_dispatch_time() = event.purchase_dispatched().dispatch_time();
      break;
    case Event::kPurchaseReceived:
      *review.mutable_receive_time() = event.purchase_received().receive_time();
      break;
    case Event::kPurchaseCancelled:
      review.set_state(State::STATE_CANCELLED);
      break;
    case Event::kSubmitted:
      review.set_state(State::STATE_SUBMITTED);
      review.set_score(event.submitted().score());
      review.set_text(event.submitted().text());
      *review.mutable_submit_time() = event.submitted().submit_time();
      break;
    case Event::kAnswered:
      review.set_state(State::STATE_ANSWERED);
      review.set_answer(event.answered().text());
      *review.mutable_answer_time() = event.answered().answer_time();
      break;
    case Event::KIND_NOT_SET:
      break;  // The engine refuses these.
  }
}

void Review::React(const Id&, const State&, const Event& event, absl::Time, Reactions& reactions) {
  if (event.has_submitted()) reactions.Start({.kind = kRateSellerEffect});
}

void Review::Index(const Id& id, const State& review, IndexRows& rows) {
  if (review.state() == State::STATE_UNSPECIFIED) return;
  rows.Add("reviews_by_order_line", review.order_id() + "/" + review.line_id(), id.str());
  if (!review.has_submit_time()) return;
  const std::string key = SortableTime(FromProto(review.submit_time())) + "/" + id.str();
  rows.Add("reviews_by_product", review.product_id() + "/" + key);
  rows.Add("reviews_by_seller", review.seller_id() + "/" + key);
}

}  // namespace souk::catalog
