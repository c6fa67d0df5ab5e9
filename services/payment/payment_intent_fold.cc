// What events add up to, and what queries see of it.
#include "libs/base/check.h"
#include "services/payment/money_proto.h"
#include "services/payment/payment_intent.h"

namespace souk::payment {
namespace {

using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;
using Refund = v1::Refund;
using Operation = v1::ProviderOperation;
using State = v1::PaymentIntentState;
using Event = v1::PaymentIntentEvent;

template <typename Pointer>
auto* Mutable(const Pointer* found) {
  SOUK_CHECK(found != nullptr, "an event is about something that an earlier one made");
  return const_cast<Pointer*>(found);
}

void Add(type::v1::Money& sum, std::int64_t minor_units) {
  sum.set_minor_units(sum.minor_units() + minor_units);
}

void Begin(State& state, const std::string& reference, Operation::Kind kind,
           const std::string& subject_id = "") {
  Operation& operation = *state.add_operations();
  operation.set_reference(reference);
  operation.set_kind(kind);
  operation.set_state(Operation::STATE_SUBMITTED);
  operation.set_subject_id(subject_id);
}

void End(State& state, const std::string& reference, bool succeeded) {
  if (reference.empty()) return;
  Mutable(FindOperation(state, reference))
      ->set_state(succeeded ? Operation::STATE_SUCCEEDED : Operation::STATE_FAILED);
}

// Transfers and cash: all is paid once no order is open.
void CloseWhenPaid(State& state) {
  Intent& intent = *state.mutable_intent();
  if (intent.state() != Intent::STATE_AWAITING_FUNDS) return;
  bool open = false, captured = false;
  for (const Share& share : intent.shares()) {
    open = open || share.state() == Share::STATE_OPEN;
    captured = captured || share.state() == Share::STATE_CAPTURED;
  }
  if (captured && !open) intent.set_state(Intent::STATE_FUNDED);
}

void Fold(State& state, const Event::Created& created) {
  Intent& intent = *state.mutable_intent();
  intent.set_intent_id(created.parties().intent_id());
  intent.set_group_id(created.parties().group_id());
  intent.set_buyer_id(created.parties().buyer_id());
  *intent.mutable_amount() = created.amount();
  intent.set_method(created.method());
  intent.set_state(created.method() == v1::PAYMENT_METHOD_CARD ? Intent::STATE_CREATED
                                                               : Intent::STATE_AWAITING_FUNDS);
  *intent.mutable_create_time() = created.create_time();
  const type::v1::Money zero = AsProto({0, created.amount().currency_code()});
  *intent.mutable_received() = zero;
  for (const Event::Share& added : created.shares()) {
    Share& share = *intent.add_shares();
    share.set_order_id(added.order_id());
    share.set_seller_id(added.seller_id());
    *share.mutable_amount() = added.amount();
    *share.mutable_items() = added.items();
    *share.mutable_shipping() = added.shipping();
    *share.mutable_commission() = added.commission();
    share.set_state(Share::STATE_OPEN);
    *share.mutable_captured() = *share.mutable_refunded() = *share.mutable_refund_pending() = zero;
  }
  state.set_card_token(created.card_token());
  state.set_reference(created.reference());
  state.set_iban(created.iban());
  *state.mutable_deadline() = created.deadline();
}

// An operation has no end yet; what it is about says whether anything is known.
void FoldOpen(State& state, const std::string& reference, std::int32_t attempts, bool known) {
  Operation& operation = *Mutable(FindOperation(state, reference));
  operation.set_state(known ? Operation::STATE_PENDING : Operation::STATE_UNKNOWN);
  operation.set_attempts(attempts);
  if (operation.kind() == Operation::KIND_AUTHORIZE) {
    state.mutable_intent()->set_state(known ? Intent::STATE_PROCESSING : Intent::STATE_UNKNOWN);
  } else if (operation.kind() == Operation::KIND_CAPTURE) {
    Mutable(FindShare(state, operation.subject_id()))
        ->set_state(known ? Share::STATE_CAPTURING : Share::STATE_CAPTURE_UNKNOWN);
  } else if (operation.kind() == Operation::KIND_REFUND) {
    Mutable(FindRefund(state, operation.subject_id()))
        ->set_state(known ? Refund::STATE_SUBMITTED : Refund::STATE_UNKNOWN);
  }
}

void Fold(State& state, const Event::ShareCaptured& captured) {
  End(state, captured.reference(), true);
  Share& share = *Mutable(FindShare(state, captured.order_id()));
  share.set_state(Share::STATE_CAPTURED);
  *share.mutable_captured() = captured.amount();
  if (captured.method() == v1::PAYMENT_METHOD_CASH_ON_DELIVERY) {
    Add(*state.mutable_intent()->mutable_received(), captured.amount().minor_units());
  }
  CloseWhenPaid(state);
}

void Fold(State& state, const Event::ShareCancelled& cancelled) {
  Share& share = *Mutable(FindShare(state, cancelled.order_id()));
  share.set_order_cancelled(true);
  if (share.state() == Share::STATE_OPEN) share.set_state(Share::STATE_CANCELLED);
  CloseWhenPaid(state);
}

void Fold(State& state, const Event::RefundRequested& requested) {
  Refund& refund = *state.mutable_intent()->add_refunds();
  refund.set_refund_id(requested.refund_id());
  refund.set_order_id(requested.order_id());
  *refund.mutable_amount() = requested.amount();
  *refund.mutable_commission() = requested.commission();
  refund.set_state(Refund::STATE_SUBMITTED);
  refund.set_reason(requested.reason());
  *refund.mutable_create_time() = requested.create_time();
  Begin(state, requested.reference(), Operation::KIND_REFUND, requested.refund_id());
  if (requested.order_id().empty()) return;
  Add(*Mutable(FindShare(state, requested.order_id()))->mutable_refund_pending(),
      requested.amount().minor_units());
}

// RefundSucceeded and RefundFailed.
template <typename Ended>
void FoldRefundEnd(State& state, const Ended& ended, bool succeeded) {
  End(state, ended.reference(), succeeded);
  Mutable(FindRefund(state, ended.refund_id()))
      ->set_state(succeeded ? Refund::STATE_SUCCEEDED : Refund::STATE_FAILED);
  if (ended.order_id().empty()) return;
  Share& share = *Mutable(FindShare(state, ended.order_id()));
  Add(*share.mutable_refund_pending(), -ended.amount().minor_units());
  if (succeeded) Add(*share.mutable_refunded(), ended.amount().minor_units());
}

void Fold(State& state, const Event::Voided& voided) {
  state.mutable_intent()->set_state(Intent::STATE_VOIDED);
  End(state, voided.reference(), true);
  for (Operation& operation : *state.mutable_operations()) {
    // The provider never authorises what it has freed.
    const bool open = operation.kind() == Operation::KIND_AUTHORIZE && !Ended(operation);
    if (open) operation.set_state(Operation::STATE_FAILED);
  }
}

}  // namespace

void PaymentIntent::Evolve(State& state, const Event& event) {
  Intent& intent = *state.mutable_intent();
  switch (event.kind_case()) {
    case Event::kCreated:
      return Fold(state, event.created());
    case Event::kAuthorizationStarted:
      state.set_card_token(event.authorization_started().card_token());
      intent.set_state(Intent::STATE_PROCESSING);
      intent.clear_decline_code();
      intent.clear_retryable();
      return Begin(state, event.authorization_started().reference(), Operation::KIND_AUTHORIZE);
    case Event::kActionRequired:
      intent.set_state(Intent::STATE_ACTION_REQUIRED);
      state.set_action_url(event.action_required().url());
      Mutable(FindOperation(state, event.action_required().reference()))->set_state(Operation::STATE_PENDING);
      return;
    case Event::kAuthorized:
      intent.set_state(Intent::STATE_AUTHORIZED);
      *state.mutable_deadline() = event.authorized().expire_time();
      return End(state, event.authorized().reference(), true);
    case Event::kDeclined:
      intent.set_state(Intent::STATE_DECLINED);
      intent.set_decline_code(event.declined().decline_code());
      intent.set_retryable(event.declined().retryable());
      return End(state, event.declined().reference(), false);
    case Event::kOutcomePending:
      return FoldOpen(state, event.outcome_pending().reference(), event.outcome_pending().attempts(), true);
    case Event::kOutcomeUnknown:
      return FoldOpen(state, event.outcome_unknown().reference(), event.outcome_unknown().attempts(), false);
    case Event::kVoidRequested:
      intent.set_void_requested(true);
      state.set_void_reason(event.void_requested().reason());
      return;
    case Event::kVoidStarted:
      intent.set_void_requested(true);
      state.set_void_reason(event.void_started().reason());
      return Begin(state, event.void_started().reference(), Operation::KIND_VOID);
    case Event::kVoidFailed:
      return End(state, event.void_failed().reference(), false);
    case Event::kVoided:
      return Fold(state, event.voided());
    case Event::kCaptureClaimed:
      Mutable(FindShare(state, event.capture_claimed().order_id()))->set_state(Share::STATE_CAPTURING);
      return Begin(state, event.capture_claimed().reference(), Operation::KIND_CAPTURE,
                   event.capture_claimed().order_id());
    case Event::kShareCaptured:
      return Fold(state, event.share_captured());
    case Event::kCaptureFailed: {
      Share& share = *Mutable(FindShare(state, event.capture_failed().order_id()));
      share.set_state(Share::STATE_CAPTURE_FAILED);
      share.set_failure_code(event.capture_failed().failure_code());
      return End(state, event.capture_failed().reference(), false);
    }
    case Event::kShareCancelled:
      return Fold(state, event.share_cancelled());
    case Event::kOrderReceived:
      Mutable(FindShare(state, event.order_received().order_id()))->set_order_received(true);
      return;
    case Event::kFundsReceived:
      Add(*intent.mutable_received(), event.funds_received().amount().minor_units());
      state.add_receipt_ids(event.funds_received().receipt_id());
      return;
    case Event::kExpired:
      intent.set_state(Intent::STATE_EXPIRED);
      return;
    case Event::kRefundRequested:
      return Fold(state, event.refund_requested());
    case Event::kRefundSucceeded:
      return FoldRefundEnd(state, event.refund_succeeded(), true);
    case Event::kRefundFailed:
      Mutable(FindRefund(state, event.refund_failed().refund_id()))
          ->set_failure_code(event.refund_failed().failure_code());
      return FoldRefundEnd(state, event.refund_failed(), false);
    case Event::KIND_NOT_SET:
      return;
  }
}

void PaymentIntent::Index(const Id& id, const State& state, IndexRows& rows) {
  if (!state.reference().empty()) rows.Add("intents_by_reference", state.reference(), id.str());
}

}  // namespace souk::payment
