#include "tools/soukctl/olist/olist_plan.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace souk::ctl {
namespace {

class OrderPlanner {
 public:
  OrderPlanner(const OlistOrder& order, int transfer_days, int dispatch_days, OlistPlan& plan)
      : order_(order), transfer_days_(transfer_days), dispatch_days_(dispatch_days), plan_(plan) {}

  void Plan() {
    Add(order_.purchased, OlistAction::kPlace);
    const std::optional<absl::Time> paid = PlanPayment();
    if (order_.status == "canceled" || order_.status == "unavailable") {
      if (order_.handed_over.has_value() || order_.delivered.has_value())
        Count("cancelled_after_handed_over");
      // No time of it is recorded: called off once it was paid, or a day after the purchase.
      Add(paid.value_or(order_.purchased + absl::Hours(24)) + absl::Minutes(1), OlistAction::kCancel);
      PlanReviews(std::nullopt);
      return;
    }
    const bool known = order_.status == "delivered" || order_.status == "shipped" ||
                       order_.status == "invoiced" || order_.status == "processing" ||
                       order_.status == "approved" || order_.status == "created";
    if (!known) Count("status_unknown");
    const std::optional<absl::Time> dispatched = paid.has_value() ? PlanDispatch(*paid) : std::nullopt;
    const std::optional<absl::Time> delivered =
        dispatched.has_value() ? PlanDelivery(*dispatched) : std::nullopt;
    PlanReviews(delivered.has_value() ? delivered : dispatched);
    CountLateDelivery();
  }

 private:
  // When it was paid; nothing when it never was.
  std::optional<absl::Time> PlanPayment() {
    if (!order_.boleto) return order_.purchased;
    if (!order_.approved.has_value() && order_.status != "delivered" && order_.status != "shipped") {
      Count("approved_missing");
      return std::nullopt;
    }
    absl::Time paid = order_.approved.value_or(order_.purchased);
    if (!order_.approved.has_value()) Count("approved_missing");
    if (paid < order_.purchased) {
      Count("approved_before_purchase");
      paid = order_.purchased;
    }
    const absl::Time last = order_.purchased + absl::Hours(24) * (transfer_days_ - 1);
    if (paid > last) {
      Count("approved_after_deadline");
      paid = last;
    }
    Add(paid, OlistAction::kPay);
    return paid;
  }

  std::optional<absl::Time> PlanDispatch(absl::Time paid) {
    std::optional<absl::Time> handed_over = order_.handed_over;
    if (!handed_over.has_value() && order_.status == "delivered") {
      Count("handed_over_missing");
      handed_over = order_.delivered.has_value() ? *order_.delivered - absl::Minutes(1) : paid;
    }
    if (!handed_over.has_value()) return std::nullopt;
    if (*handed_over < paid) {
      Count("handed_over_before_approved");
      handed_over = paid;
    }
    const absl::Time last = paid + absl::Hours(24) * (dispatch_days_ - 1);
    if (*handed_over > last) {
      Count("handed_over_after_limit");
      handed_over = last;
    }
    Add(*handed_over, OlistAction::kDispatch);
    return handed_over;
  }

  std::optional<absl::Time> PlanDelivery(absl::Time dispatched) {
    if (!order_.delivered.has_value()) {
      if (order_.status == "delivered") Count("delivered_missing");
      return std::nullopt;
    }
    absl::Time delivered = *order_.delivered;
    if (delivered < dispatched) {
      Count("delivered_before_handed_over");
      delivered = dispatched + absl::Minutes(1);
    }
    Add(delivered, OlistAction::kDeliver);
    return delivered;
  }

  // `from`: when the buyer had it, or at least when it was on its way.
  void PlanReviews(std::optional<absl::Time> from) {
    for (std::size_t i = 0; i < order_.reviews.size(); ++i) {
      const OlistReview& review = order_.reviews[i];
      if (!from.has_value()) {
        Count("review_without_delivery");
        continue;
      }
      if (i > 0) {
        Count("review_repeated");
        continue;
      }
      if (review.time < *from) Count("review_before_delivery");
      plan_.steps.push_back({std::max(review.time, *from), OlistAction::kReview, &order_, &review});
    }
  }

  void CountLateDelivery() {
    if (order_.status != "delivered" || !order_.delivered.has_value() || !order_.estimated.has_value())
      return;
    absl::TimeZone zone;
    if (!absl::LoadTimeZone("America/Sao_Paulo", &zone)) zone = absl::FixedTimeZone(-3 * 60 * 60);
    if (absl::ToCivilDay(*order_.delivered, zone) > absl::ToCivilDay(*order_.estimated, zone))
      ++plan_.late_deliveries;
  }

  void Add(absl::Time time, OlistAction action) { plan_.steps.push_back({time, action, &order_}); }
  void Count(const std::string& anomaly) { ++plan_.anomalies[anomaly]; }

  const OlistOrder& order_;
  const int transfer_days_;
  const int dispatch_days_;
  OlistPlan& plan_;
};

}  // namespace

OlistPlan PlanOlist(const OlistData& data, int transfer_days, int dispatch_days) {
  OlistPlan plan;
  for (const auto& [id, order] : data.orders) {
    if (order.items.empty()) {
      ++plan.orders_skipped;
      continue;
    }
    OrderPlanner(order, transfer_days, dispatch_days, plan).Plan();
  }
  std::sort(plan.steps.begin(), plan.steps.end(), [](const OlistStep& a, const OlistStep& b) {
    return std::tie(a.time, a.order->order_id, a.action) < std::tie(b.time, b.order->order_id, b.action);
  });
  return plan;
}

}  // namespace souk::ctl
