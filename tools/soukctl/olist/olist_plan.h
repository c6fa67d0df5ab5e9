// Turns the dataset into what happened in the store, and when: one list of steps in the
// order of time. Recorded times are sometimes missing or contradict each other; every such
// row is kept, resolved by the rule beside the anomaly's name, and counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/soukctl/olist/olist_data.h"

namespace souk::ctl {

// Anomalies, by name:
//   approved_missing             a bank slip without approval: unpaid, and the timer cancels it
//   approved_before_purchase     paid at the purchase
//   approved_after_deadline      paid a day before the deadline for transfers
//   handed_over_missing          of a delivered order: dispatched a minute before its delivery, or
//                                when it was paid if that is missing too
//   handed_over_before_approved  dispatched when it was paid
//   handed_over_after_limit      dispatched a day before the store would have cancelled it
//   delivered_missing            of a delivered order: received by the store's timer
//   delivered_before_handed_over delivered a minute after it was dispatched
//   cancelled_after_handed_over  a cancelled order with hand-over or delivery: those are left
//                                out, because a dispatched order cannot be cancelled
//   review_before_delivery       submitted when it was delivered
//   review_without_delivery      of an order that was never dispatched: left out
//   review_repeated              a further review of one order: left out
//   status_unknown               left to the store's timers
enum class OlistAction { kPlace, kPay, kCancel, kDispatch, kDeliver, kReview };

struct OlistStep {
  absl::Time time;
  OlistAction action;
  const OlistOrder* order;              // Points into the data.
  const OlistReview* review = nullptr;  // Only with kReview.
};

struct OlistPlan {
  std::vector<OlistStep> steps;  // In order of time.
  std::map<std::string, std::int64_t> anomalies;
  std::int64_t orders_skipped = 0;   // Without items: there is nothing to buy.
  std::int64_t late_deliveries = 0;  // Delivered after the day of the estimate.
};

// `transfer_days`: within so many days a transfer must arrive. `dispatch_days`: within so
// many days after the payment an order must be dispatched. Both as the store has them.
OlistPlan PlanOlist(const OlistData& data, int transfer_days, int dispatch_days);

}  // namespace souk::ctl
