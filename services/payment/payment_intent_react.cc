// What must happen because of an event of a payment intent.
#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "services/payment/payment_intent.h"

namespace souk::payment {
namespace {

using Event = v1::PaymentIntentEvent;

// Asks the provider for something.
void Submit(const std::string& reference, Reactions& reactions) {
  reactions.Start({.kind = "submit", .key = reference});
}

// The provider has said something: nobody needs to ask any more.
void StopAsking(const std::string& reference, Reactions& reactions) {
  if (reference.empty()) return;
  reactions.Cancel("submit", reference);
  reactions.Cancel("resolve", reference);
}

// Asks again, later.
void AskLater(const std::string& reference, std::int32_t attempts, absl::Time now, Reactions& reactions) {
  StopAsking(reference, reactions);
  const absl::Time due = ResolveTime(attempts, now);
  if (due == absl::InfiniteFuture()) return;
  reactions.Start(
      {.kind = "resolve", .key = reference, .payload = absl::StrFormat("%d", attempts), .due = due});
}

// Brings the seller's side of an order up to date. Each reason has its own key, so that
// none replaces another; each run does all there is to do.
void Settle(const std::string& order_id, std::string_view reason, Reactions& reactions) {
  reactions.Start({.kind = "settle", .key = absl::StrFormat("%s/%s", order_id, reason), .payload = order_id});
}

void StopTimerWhenPaid(const v1::PaymentIntentState& state, Reactions& reactions) {
  if (state.intent().state() == v1::PaymentIntent::STATE_FUNDED) reactions.Cancel("expire");
}

}  // namespace

void PaymentIntent::React(const Id&, const State& state, const Event& event, absl::Time now,
                          Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kCreated:
      if (event.created().method() == v1::PAYMENT_METHOD_BANK_TRANSFER) {
        reactions.Start({.kind = "expire", .due = FromProto(event.created().deadline())});
      }
      return;
    case Event::kAuthorizationStarted:
      return Submit(event.authorization_started().reference(), reactions);
    case Event::kVoidStarted:
      return Submit(event.void_started().reference(), reactions);
    case Event::kCaptureClaimed:
      reactions.Cancel("expire");
      return Submit(event.capture_claimed().reference(), reactions);
    case Event::kRefundRequested: {
      const Event::RefundRequested& requested = event.refund_requested();
      if (!requested.order_id().empty()) Settle(requested.order_id(), requested.refund_id(), reactions);
      return Submit(requested.reference(), reactions);
    }
    case Event::kActionRequired:
      return StopAsking(event.action_required().reference(), reactions);
    case Event::kOutcomePending:
      return AskLater(event.outcome_pending().reference(), event.outcome_pending().attempts(), now,
                      reactions);
    case Event::kOutcomeUnknown:
      return AskLater(event.outcome_unknown().reference(), event.outcome_unknown().attempts(), now,
                      reactions);
    case Event::kAuthorized:
      reactions.Start({.kind = "expire", .due = FromProto(event.authorized().expire_time())});
      return StopAsking(event.authorized().reference(), reactions);
    case Event::kDeclined:
      return StopAsking(event.declined().reference(), reactions);
    case Event::kVoidFailed:
      return StopAsking(event.void_failed().reference(), reactions);
    case Event::kVoided:
      reactions.Cancel("expire");
      for (const v1::ProviderOperation& operation : state.operations())
        StopAsking(operation.reference(), reactions);
      return;
    case Event::kShareCaptured:
      StopAsking(event.share_captured().reference(), reactions);
      StopTimerWhenPaid(state, reactions);
      return Settle(event.share_captured().order_id(), "captured", reactions);
    case Event::kCaptureFailed:
      return StopAsking(event.capture_failed().reference(), reactions);
    case Event::kShareCancelled:
      return StopTimerWhenPaid(state, reactions);
    case Event::kOrderReceived:
      if (FindShare(state, event.order_received().order_id())->state() == v1::PaymentShare::STATE_CAPTURED) {
        Settle(event.order_received().order_id(), "received", reactions);
      }
      return;
    case Event::kExpired:
      return reactions.Cancel("expire");
    case Event::kRefundSucceeded:
      return StopAsking(event.refund_succeeded().reference(), reactions);
    case Event::kRefundFailed: {
      const Event::RefundFailed& failed = event.refund_failed();
      if (!failed.order_id().empty()) {
        Settle(failed.order_id(), absl::StrFormat("%s/failed", failed.refund_id()), reactions);
      }
      return StopAsking(failed.reference(), reactions);
    }
    case Event::kVoidRequested:
    case Event::kFundsReceived:
    case Event::KIND_NOT_SET:
      return;
  }
}

}  // namespace souk::payment
