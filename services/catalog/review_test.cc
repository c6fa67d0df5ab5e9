#include "services/catalog/review.h"

#include <catch2/catch.hpp>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using testing::Spec;

constexpr char kPurchase[] = R"pb(
  purchase_recorded {
    review_id: "p-1.r"
    product_id: "p-1"
    seller_id: "s-1"
    buyer_id: "b-1"
    order_id: "o-1.1"
    line_id: "l-1"
    promise_time { seconds: 1772625600 }
  })pb";  // Promised for noon + 2 d.
constexpr char kDispatched[] = R"pb(purchase_dispatched { dispatch_time { seconds: 1772452800 } })pb";
constexpr char kReceived[] = R"pb(purchase_received { receive_time { seconds: 1772452800 } })pb";
constexpr char kCancelled[] = R"pb(purchase_cancelled {})pb";
constexpr char kSubmitted[] = R"pb(
  submitted {
    review_id: "p-1.r"
    product_id: "p-1"
    seller_id: "s-1"
    buyer_id: "b-1"
    order_id: "o-1.1"
    line_id: "l-1"
    score: 4
    text: "Nice."
    submit_time { seconds: 1772452800 }
  })pb";
constexpr char kAnswered[] = R"pb(
  answered {
    review_id: "p-1.r"
    product_id: "p-1"
    seller_id: "s-1"
    buyer_id: "b-1"
    order_id: "o-1.1"
    text: "Thank you."
    answer_time { seconds: 1772452800 }
  })pb";

const SubmitReview kNice{.score = 4, .text = "Nice."};
const AnswerReview kThanks{.text = "Thank you."};

RecordPurchase Purchase() { return {.purchase = FromText<v1::ReviewEvent>(kPurchase).purchase_recorded()}; }

TEST_CASE("only who bought it can review it") {
  Spec<Review>().When(kNice).ThenFails(StatusCode::kNotFound);
  Spec<Review>().Given({kDispatched}).When(kNice).ThenFails(StatusCode::kNotFound);
  Spec<Review>()
      .Given({kPurchase, kDispatched, kCancelled})
      .When(kNice)
      .ThenFails(StatusCode::kFailedPrecondition, "NOT_PURCHASED");
}

TEST_CASE("a review can be written once it was sent, received, or due") {
  Spec<Review>().Given({kPurchase}).When(kNice).ThenFails(StatusCode::kFailedPrecondition, "REVIEW_NOT_OPEN");
  Spec<Review>().Given({kPurchase, kDispatched}).When(kNice).Then({kSubmitted});
  Spec<Review>().Given({kPurchase, kReceived}).When(kNice).Then({kSubmitted});
  Spec<Review> due;
  due.At(Noon() + absl::Hours(48)).Given({kPurchase}).When(kNice);
  CHECK(due.state().state() == v1::ReviewState::STATE_SUBMITTED);
}

TEST_CASE("what other services tell may come in any order") {
  const auto review = Spec<Review>().Given({kDispatched}).When(Purchase()).Then({kPurchase});
  CHECK(review.has_dispatch_time());
  CHECK(Review::Decide(review, kNice, Noon()).ok());
}

TEST_CASE("a review can be written for 100 days after the last of these") {
  const absl::Time last = Noon() + absl::Hours(48) + kReviewWindow;
  Spec<Review> in_time;
  in_time.At(last).Given({kPurchase, kReceived}).When(kNice);
  CHECK(in_time.state().score() == 4);
  Spec<Review>()
      .At(last + absl::Seconds(1))
      .Given({kPurchase, kReceived})
      .When(kNice)
      .ThenFails(StatusCode::kFailedPrecondition, "REVIEW_CLOSED");
}

TEST_CASE("a score is 1 to 5") {
  for (const int score : {0, 6, -1}) {
    Spec<Review>()
        .Given({kPurchase, kReceived})
        .When(SubmitReview{.score = score})
        .ThenFails(StatusCode::kInvalidArgument);
  }
}

TEST_CASE("a review with the number of a payment card is refused, one with that of a parcel is not") {
  Spec<Review>()
      .Given({kPurchase, kReceived})
      .When(SubmitReview{.score = 5, .text = "Charge 4242 4242 4242 4242 again!"})
      .ThenFails(StatusCode::kInvalidArgument, "CARD_NUMBER");
  Spec<Review> parcel;
  parcel.Given({kPurchase, kReceived})
      .When(SubmitReview{.score = 1, .text = "00340434161094042559 is lost."});
  CHECK(parcel.state().score() == 1);
}

TEST_CASE("an order line is reviewed once and answered once") {
  Spec<Review>()
      .Given({kPurchase, kReceived, kSubmitted})
      .When(kNice)
      .ThenFails(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  Spec<Review>().Given({kPurchase, kReceived, kSubmitted}).When(kThanks).Then({kAnswered});
  Spec<Review>()
      .Given({kPurchase, kReceived, kSubmitted, kAnswered})
      .When(AnswerReview{.text = "And?"})
      .ThenFails(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("a review stays when the order is cancelled afterwards") {
  Spec<Review>().Given({kPurchase, kReceived, kSubmitted}).When(CancelPurchase{}).Then({});
}

TEST_CASE("each order line has one review, next to its product") {
  const ReviewId id = ReviewIdFor("p-1", "o-1.1", "l-1");
  CHECK(id == ReviewIdFor("p-1", "o-1.1", "l-1"));
  CHECK(id != ReviewIdFor("p-1", "o-1.1", "l-2"));
  CHECK(Review::PartitionKey(id) == "p-1");
}

TEST_CASE("each command meets each phase of a review") {
  const auto table = testing::CommandTable<Review>(Noon())
                         .Add(Purchase())
                         .Add(RecordDispatch{.dispatch_time = Noon()})
                         .Add(RecordReceipt{.receive_time = Noon()})
                         .Add(CancelPurchase{})
                         .Add(kNice)
                         .Add(kThanks);
  struct Phase {
    const char* name;
    std::vector<const char*> history;
    std::string row;  // purchase, dispatch, receipt, cancel, submit, answer
  };
  const std::vector<Phase> phases = {
      {"unknown", {}, "+++=--"},
      {"bought", {kPurchase}, "=+++!-"},
      {"sent", {kPurchase, kDispatched}, "==+++-"},
      {"received", {kPurchase, kDispatched, kReceived}, "===++-"},
      {"cancelled", {kPurchase, kCancelled}, "=++=!-"},
      {"submitted", {kPurchase, kReceived, kSubmitted}, "=+==!+"},
      {"answered", {kPurchase, kReceived, kSubmitted, kAnswered}, "=+==!!"},
  };
  for (const Phase& phase : phases) {
    v1::ReviewState state;
    for (const char* text : phase.history) Review::Evolve(state, FromText<v1::ReviewEvent>(text));
    INFO(phase.name);
    CHECK(table.RowOf(state) == phase.row);
  }
}

TEST_CASE("whatever happens, a review has a buyer, a score, and at most one answer") {
  testing::Explorer<Review> explorer(Noon());
  explorer.Add("purchase", Purchase());
  explorer.Add("dispatch", RecordDispatch{.dispatch_time = Noon()});
  explorer.Add("receipt", RecordReceipt{.receive_time = Noon()});
  explorer.Add("cancel", CancelPurchase{});
  explorer.Add("submit", kNice);
  explorer.Add("answer", kThanks);
  explorer.AddWait("90 days", absl::Hours(90 * 24));
  explorer.Check([](const v1::ReviewState& review, const std::string& path) {
    INFO(path);
    CHECK(review.has_submit_time() == (review.score() > 0));
    if (review.has_submit_time()) CHECK(review.buyer_id() == "b-1");
    if (review.has_answer_time()) CHECK(review.has_submit_time());
  });
  explorer.CheckTransition(
      [](const v1::ReviewState& before, const v1::ReviewState& after, const std::string& path) {
        INFO(path);
        if (before.has_submit_time()) CHECK(after.text() == before.text());
        if (before.has_answer_time()) CHECK(after.answer() == before.answer());
      });
  CHECK(explorer.Run(6) > 5000);
}

}  // namespace
}  // namespace souk::catalog
