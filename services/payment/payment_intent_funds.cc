// Transfers, and money that goes back.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "services/payment/ledger.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payment_intent_decision.h"

namespace souk::payment {
namespace {

using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;
using Event = v1::PaymentIntentEvent;
using Events = std::vector<Event>;

Status CheckAmount(const Money& amount, const Intent& intent) {
  if (amount.currency_code != intent.amount().currency_code()) {
    return InvalidField("amount", absl::StrFormat("must be in %s", intent.amount().currency_code()));
  }
  if (amount.minor_units <= 0) return InvalidField("amount", "must be positive");
  return OkStatus();
}

// What a refund asks for, or all of `refundable`.
StatusOr<Money> AmountToRefund(const std::optional<Money>& asked, const Money& refundable,
                               const Intent& intent) {
  if (asked.has_value()) RETURN_IF_ERROR(CheckAmount(*asked, intent));
  const Money amount = asked.value_or(refundable);
  if (amount.minor_units > refundable.minor_units || amount.minor_units == 0) {
    return Rejected("REFUND_EXCEEDS_CAPTURED", {{"refundable", std::to_string(refundable.minor_units)}},
                    "only %s can be given back", ToString(refundable));
  }
  return amount;
}

// The part of our commission in a refund of `amount`: what keeps the commission that
// remains in proportion to the money that remains, so that nothing is left of it when
// all money has gone back.
std::int64_t CommissionOf(const v1::PaymentIntentState& state, const Share& share, std::int64_t amount) {
  std::int64_t given_back = 0;
  for (const v1::Refund& refund : state.intent().refunds()) {
    const bool live = refund.state() != v1::Refund::STATE_FAILED;
    if (live && refund.order_id() == share.order_id()) given_back += refund.commission().minor_units();
  }
  const std::int64_t rest = Refundable(share) - amount;
  const std::int64_t captured = share.captured().minor_units();
  const std::int64_t stays = Allocate(share.commission().minor_units(), {rest, captured - rest})[0];
  return std::clamp<std::int64_t>(share.commission().minor_units() - given_back - stays, 0, amount);
}

}  // namespace

StatusOr<Events> PaymentIntent::Decide(const State& state, const RecordFunds& funds, absl::Time now) {
  RETURN_IF_ERROR(CheckExists(state));
  const Intent& intent = state.intent();
  if (intent.method() != v1::PAYMENT_METHOD_BANK_TRANSFER) {
    return IllegalTransition("the payment is not made by bank transfer");
  }
  const auto& receipts = state.receipt_ids();
  if (std::find(receipts.begin(), receipts.end(), funds.receipt_id) != receipts.end()) return Events{};
  RETURN_IF_ERROR(CheckAmount(funds.amount, intent));
  if (funds.occur_time > now) return InvalidField("occur_time", "must not be in the future");

  Decision decision(state, now);
  const std::int64_t outstanding = Outstanding(state);
  const std::int64_t rest = std::max<std::int64_t>(outstanding - funds.amount.minor_units, 0);
  Event event;
  Event::FundsReceived& received = *event.mutable_funds_received();
  *received.mutable_parties() = decision.Parties();
  for (const Share& share : intent.shares()) {
    if (share.state() == Share::STATE_OPEN) received.add_order_ids(share.order_id());
  }
  received.set_receipt_id(funds.receipt_id);
  *received.mutable_amount() = AsProto(funds.amount);
  *received.mutable_received() =
      AsProto(decision.In(intent.received().minor_units() + funds.amount.minor_units));
  *received.mutable_outstanding() = AsProto(decision.In(rest));
  received.set_full(outstanding > 0 && rest == 0);
  *received.mutable_occur_time() = ToProto(funds.occur_time);
  *received.mutable_entry() = ledger::FundsReceived(intent.intent_id(), funds.receipt_id, funds.amount, now);
  decision.Add(std::move(event));

  const bool closed = intent.state() == Intent::STATE_EXPIRED || intent.state() == Intent::STATE_VOIDED;
  if (closed) {
    decision.ReturnHeldFunds(funds.receipt_id, "payment_closed");
  } else {
    decision.ApplyFunds();
  }
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const RefundOrder& refund, absl::Time now) {
  ASSIGN_OR_RETURN(const Share share, ShareOf(state, refund.order_id));
  if (FindRefund(state, refund.refund_id) != nullptr) return Events{};
  if (share.state() != Share::STATE_CAPTURED) return IllegalTransition("nothing was captured for the order");
  Decision decision(state, now);
  ASSIGN_OR_RETURN(const Money amount,
                   AmountToRefund(refund.amount, decision.In(Refundable(share)), state.intent()));
  decision.AddRefundRequested(refund.refund_id, refund.order_id, amount, refund.reason);
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const RefundHeldFunds& refund, absl::Time now) {
  RETURN_IF_ERROR(CheckExists(state));
  if (FindRefund(state, refund.refund_id) != nullptr) return Events{};
  Decision decision(state, now);
  ASSIGN_OR_RETURN(const Money amount,
                   AmountToRefund(refund.amount, decision.In(Overpaid(state)), state.intent()));
  decision.AddRefundRequested(refund.refund_id, "", amount, "overpaid");
  return std::move(decision).Take();
}

void Decision::ApplyFunds() {
  if (intent().method() != v1::PAYMENT_METHOD_BANK_TRANSFER ||
      intent().state() != Intent::STATE_AWAITING_FUNDS || Outstanding(state_) > 0) {
    return;
  }
  const auto shares = intent().shares();  // A copy: each event changes them.
  for (const Share& share : shares) {
    if (share.state() != Share::STATE_OPEN) continue;
    AddShareCaptured(
        share, "",
        ledger::FundsApplied(intent().intent_id(), share.order_id(), AsMoney(share.amount()), now_));
  }
}

void Decision::ReturnHeldFunds(std::string_view cause, std::string_view reason) {
  const std::int64_t held = Held(state_);
  if (held <= 0) return;
  AddRefundRequested(DerivedUuid("refund", intent().intent_id(), cause), "", In(held), reason);
}

void Decision::AddRefundRequested(std::string_view refund_id, std::string_view order_id, const Money& amount,
                                  std::string_view reason) {
  Event event;
  Event::RefundRequested& requested = *event.mutable_refund_requested();
  *requested.mutable_parties() = Parties();
  requested.set_refund_id(std::string(refund_id));
  *requested.mutable_amount() = AsProto(amount);
  requested.set_reason(std::string(reason));
  requested.set_reference(Reference("refund", refund_id));
  *requested.mutable_create_time() = ToProto(now_);
  if (order_id.empty()) {
    *requested.mutable_entry() = ledger::OverpaymentReserved(intent().intent_id(), refund_id, amount, now_);
  } else {
    const Share& share = *FindShare(state_, order_id);
    requested.set_order_id(std::string(order_id));
    requested.set_seller_id(share.seller_id());
    *requested.mutable_commission() = AsProto(In(CommissionOf(state_, share, amount.minor_units)));
  }
  Add(std::move(event));
}

}  // namespace souk::payment
