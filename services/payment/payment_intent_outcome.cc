// What the provider says about an operation, and what follows from it.
#include <algorithm>

#include "libs/base/proto_time.h"
#include "services/payment/ledger.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payment_intent_decision.h"

namespace souk::payment {
namespace {

using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;
using Operation = v1::ProviderOperation;
using Event = v1::PaymentIntentEvent;
using Events = std::vector<Event>;
using Kind = ProviderResult::Kind;

const char* NameOf(Operation::Kind kind) {
  if (kind == Operation::KIND_AUTHORIZE) return "authorize";
  if (kind == Operation::KIND_CAPTURE) return "capture";
  if (kind == Operation::KIND_VOID) return "void";
  return "refund";
}

std::string OrderOf(const v1::PaymentIntentState& state, const Operation& operation) {
  if (operation.kind() == Operation::KIND_CAPTURE) return operation.subject_id();
  const v1::Refund* const refund = FindRefund(state, operation.subject_id());
  return refund == nullptr ? "" : refund->order_id();
}

// No end yet. `attempts` counts how often it was asked about. What was accepted once is
// never less known than that.
void AddOpen(Decision& decision, const Operation& operation, const RecordOutcome& outcome) {
  const bool accepted = operation.state() == Operation::STATE_PENDING;
  if ((accepted || outcome.result.kind == Kind::kUnknown) && outcome.attempts != operation.attempts()) {
    return;  // Counted already.
  }
  Event event;
  if (accepted || outcome.result.kind == Kind::kPending) {
    event.mutable_outcome_pending()->set_reference(operation.reference());
    event.mutable_outcome_pending()->set_attempts(operation.attempts() + 1);
  } else {
    Event::OutcomeUnknown& unknown = *event.mutable_outcome_unknown();
    *unknown.mutable_parties() = decision.Parties();
    unknown.set_reference(operation.reference());
    unknown.set_operation(NameOf(operation.kind()));
    unknown.set_order_id(OrderOf(decision.state(), operation));
    unknown.set_attempts(operation.attempts() + 1);
  }
  decision.Add(std::move(event));
}

void AddAuthorization(Decision& decision, const Operation& operation, const ProviderResult& result) {
  const bool unwanted = decision.intent().void_requested();
  Event event;
  if (result.kind == Kind::kActionRequired) {
    if (decision.intent().state() == Intent::STATE_ACTION_REQUIRED) return;
    *event.mutable_action_required()->mutable_parties() = decision.Parties();
    event.mutable_action_required()->set_reference(operation.reference());
    event.mutable_action_required()->set_url(result.url);
    decision.Add(std::move(event));
  } else if (result.kind == Kind::kSucceeded) {
    Event::Authorized& authorized = *event.mutable_authorized();
    *authorized.mutable_parties() = decision.Parties();
    authorized.set_reference(operation.reference());
    *authorized.mutable_amount() = decision.intent().amount();
    *authorized.mutable_expire_time() = ToProto(decision.now() + kAuthorizationWindow);
    authorized.set_unwanted(unwanted);
    decision.Add(std::move(event));
  } else {
    Event::Declined& declined = *event.mutable_declined();
    *declined.mutable_parties() = decision.Parties();
    declined.set_reference(operation.reference());
    declined.set_decline_code(result.code);
    declined.set_retryable(result.retryable);
    declined.set_unwanted(unwanted);
    decision.Add(std::move(event));
    // A void that is under way tells the end itself.
    const Operation* const freeing = LastOperation(decision.state(), Operation::KIND_VOID);
    if (freeing != nullptr && !Ended(*freeing)) return;
  }
  if (unwanted) decision.StartVoid(decision.state().void_reason());
}

void AddVoid(Decision& decision, const Operation& operation, const ProviderResult& result) {
  if (result.kind == Kind::kSucceeded) {
    decision.AddVoided(decision.state().void_reason(), operation.reference());
    return;
  }
  Event event;
  event.mutable_void_failed()->set_reference(operation.reference());
  event.mutable_void_failed()->set_failure_code(result.code);
  decision.Add(std::move(event));
  // Nothing is kept on the card; what is kept lapses with the authorisation.
  if (decision.intent().state() == Intent::STATE_DECLINED)
    decision.AddVoided(decision.state().void_reason(), "");
}

void AddCapture(Decision& decision, const Operation& operation, const ProviderResult& result) {
  const Share share = *FindShare(decision.state(), operation.subject_id());
  if (result.kind == Kind::kSucceeded) {
    decision.AddShareCaptured(share, operation.reference(),
                              ledger::Capture(share.order_id(), AsMoney(share.amount()), decision.now()));
    if (!share.order_cancelled()) return;
    decision.AddRefundRequested(CancellationRefundId(share.order_id()), share.order_id(),
                                AsMoney(share.amount()), "order_cancelled");
    return;
  }
  Event event;
  Event::CaptureFailed& failed = *event.mutable_capture_failed();
  *failed.mutable_parties() = decision.Parties();
  failed.set_order_id(share.order_id());
  failed.set_seller_id(share.seller_id());
  failed.set_reference(operation.reference());
  failed.set_failure_code(result.code);
  decision.Add(std::move(event));
}

void AddRefund(Decision& decision, const Operation& operation, const ProviderResult& result) {
  const v1::Refund refund = *FindRefund(decision.state(), operation.subject_id());
  const Share* const share = FindShare(decision.state(), refund.order_id());
  const auto fill = [&](auto& message) {
    *message.mutable_parties() = decision.Parties();
    message.set_refund_id(refund.refund_id());
    message.set_order_id(refund.order_id());
    if (share != nullptr) message.set_seller_id(share->seller_id());
    *message.mutable_amount() = refund.amount();
    message.set_reference(operation.reference());
  };
  Event event;
  if (result.kind == Kind::kSucceeded) {
    fill(*event.mutable_refund_succeeded());
    *event.mutable_refund_succeeded()->mutable_entry() =
        ledger::RefundPaid(refund.refund_id(), AsMoney(refund.amount()), decision.now());
  } else {
    fill(*event.mutable_refund_failed());
    event.mutable_refund_failed()->set_failure_code(result.code);
    if (share == nullptr) {
      *event.mutable_refund_failed()->mutable_entry() = ledger::OverpaymentRestored(
          decision.intent().intent_id(), refund.refund_id(), AsMoney(refund.amount()), decision.now());
    }
  }
  decision.Add(std::move(event));
}

}  // namespace

StatusOr<Events> PaymentIntent::Decide(const State& state, const RecordOutcome& outcome, absl::Time now) {
  const Operation* const operation = FindOperation(state, outcome.reference);
  if (operation == nullptr) return NotFound("no operation %s", outcome.reference);
  if (Ended(*operation)) return Events{};
  Decision decision(state, now);
  const Kind kind = outcome.result.kind;
  if (kind == Kind::kPending || kind == Kind::kUnknown) {
    // A payment that waits for the buyer is not less known than before.
    const bool waits = operation->kind() == Operation::KIND_AUTHORIZE &&
                       state.intent().state() == Intent::STATE_ACTION_REQUIRED;
    if (!waits) AddOpen(decision, *operation, outcome);
  } else if (operation->kind() == Operation::KIND_AUTHORIZE) {
    AddAuthorization(decision, *operation, outcome.result);
  } else if (kind == Kind::kActionRequired) {
    return InvalidArgument("only an authorisation can need the buyer");
  } else if (operation->kind() == Operation::KIND_CAPTURE) {
    AddCapture(decision, *operation, outcome.result);
  } else if (operation->kind() == Operation::KIND_VOID) {
    AddVoid(decision, *operation, outcome.result);
  } else {
    AddRefund(decision, *operation, outcome.result);
  }
  return std::move(decision).Take();
}

}  // namespace souk::payment
