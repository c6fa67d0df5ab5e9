// The review aggregate: what the buyer of one order line may say, says, and is answered.
//
//   AWAITED -> SUBMITTED -> ANSWERED        AWAITED -> CANCELLED
//
// It begins with the purchase, so that only buyers review, and each line once. It may be
// written as soon as the thing was sent, received, or should have been there, and until
// 100 days after the latest of these (the window of Etsy). What other services tell of a
// purchase may come in any order.
//
// Its id is "<product id>.<derived from order and line>": a review and the product it
// rates change together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/catalog/v1/review_events.pb.h"

namespace souk::catalog {

// -- Commands --

// What order and shipping tell. Each again: nothing.
struct RecordPurchase {
  v1::PurchaseRecorded purchase;
};
struct RecordDispatch {
  absl::Time dispatch_time;
};
struct RecordReceipt {
  absl::Time receive_time;
};
struct CancelPurchase {};

struct SubmitReview {
  std::int32_t score;
  std::string text;
};
struct AnswerReview {
  std::string text;
};

// Adds the score to those of the seller, who lives in another partition.
inline constexpr char kRateSellerEffect[] = "rate_seller";

inline constexpr absl::Duration kReviewWindow = absl::Hours(100 * 24);

struct Review {
  static constexpr const char* kName = "review";
  using Id = StrongId<Review>;
  using State = v1::ReviewState;
  using Event = v1::ReviewEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& review, const RecordPurchase& command, absl::Time now);
  static StatusOr<Events> Decide(const State& review, const RecordDispatch& command, absl::Time now);
  static StatusOr<Events> Decide(const State& review, const RecordReceipt& command, absl::Time now);
  static StatusOr<Events> Decide(const State& review, const CancelPurchase& command, absl::Time now);
  static StatusOr<Events> Decide(const State& review, const SubmitReview& command, absl::Time now);
  static StatusOr<Events> Decide(const State& review, const AnswerReview& command, absl::Time now);

  static void Evolve(State& review, const Event& event);
  static void React(const Id& id, const State& review, const Event& event, absl::Time now,
                    Reactions& reactions);

  // reviews_by_order_line: <order>/<line>, with the id as value; from the purchase on.
  // reviews_by_product: <product>/<submit time>/<id>. reviews_by_seller: the same by seller.
  static void Index(const Id& id, const State& review, IndexRows& rows);
  // That of the product.
  static std::string PartitionKey(const Id& id) { return id.str().substr(0, id.str().find('.')); }
};
using ReviewId = Review::Id;

// The one review of an order line.
ReviewId ReviewIdFor(std::string_view product_id, std::string_view order_id, std::string_view line_id);

}  // namespace souk::catalog
