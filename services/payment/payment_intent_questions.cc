// Questions about the state of a payment intent.
#include <algorithm>
#include <iterator>

#include "libs/base/uuid.h"
#include "services/payment/payment_intent.h"

namespace souk::payment {

namespace {

using Share = v1::PaymentShare;
using Refund = v1::Refund;
using Operation = v1::ProviderOperation;
using State = v1::PaymentIntentState;

// The sum of the orders that wait for a transfer or for cash.
std::int64_t Due(const State& state) {
  if (state.intent().state() != v1::PaymentIntent::STATE_AWAITING_FUNDS) return 0;
  std::int64_t due = 0;
  for (const Share& share : state.intent().shares()) {
    if (share.state() == Share::STATE_OPEN) due += share.amount().minor_units();
  }
  return due;
}

}  // namespace

const Share* FindShare(const State& state, std::string_view order_id) {
  for (const Share& share : state.intent().shares()) {
    if (share.order_id() == order_id) return &share;
  }
  return nullptr;
}

const Operation* FindOperation(const State& state, std::string_view reference) {
  for (const Operation& operation : state.operations()) {
    if (operation.reference() == reference) return &operation;
  }
  return nullptr;
}

const Refund* FindRefund(const State& state, std::string_view refund_id) {
  for (const Refund& refund : state.intent().refunds()) {
    if (refund.refund_id() == refund_id) return &refund;
  }
  return nullptr;
}

const Operation* LastOperation(const State& state, Operation::Kind kind, std::string_view subject_id) {
  const Operation* last = nullptr;
  for (const Operation& operation : state.operations()) {
    if (operation.kind() == kind && operation.subject_id() == subject_id) last = &operation;
  }
  return last;
}

bool Ended(const Operation& operation) {
  return operation.state() == Operation::STATE_SUCCEEDED || operation.state() == Operation::STATE_FAILED;
}

std::int64_t Refundable(const Share& share) {
  return share.captured().minor_units() - share.refunded().minor_units() -
         share.refund_pending().minor_units();
}

std::int64_t Held(const State& state) {
  if (state.intent().method() != v1::PAYMENT_METHOD_BANK_TRANSFER) return 0;
  std::int64_t held = state.intent().received().minor_units();
  for (const Share& share : state.intent().shares()) held -= share.captured().minor_units();
  for (const Refund& refund : state.intent().refunds()) {
    const bool live = refund.state() != Refund::STATE_FAILED;
    if (live && refund.order_id().empty()) held -= refund.amount().minor_units();
  }
  return held;
}

std::int64_t Outstanding(const State& state) { return std::max<std::int64_t>(Due(state) - Held(state), 0); }

std::int64_t Overpaid(const State& state) { return std::max<std::int64_t>(Held(state) - Due(state), 0); }

std::string CancellationRefundId(std::string_view order_id) {
  return DerivedUuid("refund", order_id, "cancelled");
}

std::optional<std::string> IntentOfReference(std::string_view reference) {
  const std::size_t begin = reference.find('/');
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view operation = reference.substr(0, begin);
  if (operation == "payout") return std::nullopt;
  const std::string_view rest = reference.substr(begin + 1);
  return std::string(rest.substr(0, rest.find('/')));
}

absl::Time ResolveTime(std::int32_t attempts, absl::Time now) {
  if (attempts < 1 || attempts > static_cast<std::int32_t>(std::size(kResolvePauses)))
    return absl::InfiniteFuture();
  return now + kResolvePauses[attempts - 1];
}

}  // namespace souk::payment
