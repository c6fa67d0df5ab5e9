#include "services/cart/merge.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "services/cart/cart.h"

namespace souk::cart {
namespace {

using Outcome = v1::MergeOutcome;

const v1::Offer* FindOffer(const std::vector<v1::Offer>& offers, std::string_view product_id) {
  for (const v1::Offer& offer : offers) {
    if (offer.product_id() == product_id) return &offer;
  }
  return nullptr;
}

int WantedQuantity(v1::MergePolicy policy, int guest, int account) {
  switch (policy) {
    case v1::MERGE_POLICY_GUEST_WINS:
      return guest;
    case v1::MERGE_POLICY_ACCOUNT_WINS:
      return account;
    case v1::MERGE_POLICY_UNSPECIFIED:
    case v1::MERGE_POLICY_SUM:
    case v1::MergePolicy_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::MergePolicy_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return guest + account;
}

int Clamp(int wanted, const v1::Offer* offer) {
  const int limited = std::min(wanted, kQuantityMax);
  if (offer == nullptr || !offer->saleable() || offer->available_quantity() < 1) return limited;
  return std::min(limited, offer->available_quantity());
}

}  // namespace

MergeResult Merge(const v1::CartState& target, const std::vector<v1::CartLine>& lines,
                  const std::vector<v1::Offer>& offers, v1::MergePolicy policy) {
  MergeResult result;
  int line_count = target.lines_size();
  std::string currency = target.lines().empty() ? "" : target.lines(0).unit_price().currency_code();
  for (const v1::CartLine& line : lines) {
    Outcome& outcome = result.outcomes.emplace_back();
    outcome.set_product_id(line.product_id());
    outcome.set_source_quantity(line.quantity());
    const v1::CartLine* const existing = FindLine(target, line.product_id());
    if (currency.empty()) currency = line.unit_price().currency_code();
    if (line.unit_price().currency_code() != currency) {
      outcome.set_result(Outcome::RESULT_LEFT_CURRENCY_MISMATCH);
      if (existing != nullptr) {
        outcome.set_previous_quantity(existing->quantity());
        outcome.set_quantity(existing->quantity());
      }
      continue;
    }
    if (existing == nullptr && line_count >= kLinesMax) {
      outcome.set_result(Outcome::RESULT_LEFT_LINE_LIMIT);
      continue;
    }
    if (existing == nullptr) ++line_count;
    const int wanted =
        existing == nullptr ? line.quantity() : WantedQuantity(policy, line.quantity(), existing->quantity());
    const int quantity = Clamp(wanted, FindOffer(offers, line.product_id()));
    v1::CartLine merged = line;
    if (existing != nullptr && existing->offer_version() > line.offer_version()) merged = *existing;
    merged.set_quantity(quantity);
    outcome.set_previous_quantity(existing == nullptr ? 0 : existing->quantity());
    outcome.set_quantity(quantity);
    outcome.set_result(quantity < wanted     ? Outcome::RESULT_CLAMPED
                       : existing == nullptr ? Outcome::RESULT_ADDED
                                             : Outcome::RESULT_COMBINED);
    result.lines.push_back(std::move(merged));
    result.moved_lines.push_back(line);
  }
  return result;
}

Status CheckSomethingMoved(const MergeResult& result) {
  if (!result.moved_lines.empty()) return OkStatus();
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.result() == Outcome::RESULT_LEFT_CURRENCY_MISMATCH) {
      return Rejected("CURRENCY_MISMATCH", {},
                      "the carts are in different currencies; they cannot be merged");
    }
  }
  return Rejected("LINE_LIMIT", {{"limit", absl::StrFormat("%d", kLinesMax)}}, "the cart is full");
}

}  // namespace souk::cart
