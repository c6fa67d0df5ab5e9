#include "services/payment/payment_effects.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "services/payment/bank_account.h"
#include "services/payment/money_proto.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payout.h"
#include "services/payment/provider_event.h"
#include "services/payment/seller_account.h"
#include "services/payment/seller_ledger.h"

namespace souk::payment {
namespace {

// The payload of "resolve": how often it was asked before.
std::int32_t AttemptsOf(const Effect& effect) {
  std::int32_t attempts = 0;
  return absl::SimpleAtoi(effect.payload, &attempts) ? attempts : 0;
}

// What a refund gives back: the reference of the capture, or what the transfer said.
std::string SourceOf(const v1::PaymentIntentState& state, const v1::ProviderOperation& refund) {
  const std::string& order_id = FindRefund(state, refund.subject_id())->order_id();
  const v1::ProviderOperation* const capture =
      LastOperation(state, v1::ProviderOperation::KIND_CAPTURE, order_id);
  return capture != nullptr ? capture->reference() : state.reference();
}

}  // namespace

void PaymentEffects::Register() {
  engine_.OnEffect<PaymentIntent>("submit", [this](Effect effect) { return Submit(std::move(effect)); });
  engine_.OnEffect<PaymentIntent>("resolve", [this](Effect effect) { return Resolve(std::move(effect)); });
  engine_.OnEffect<PaymentIntent>("expire", [this](Effect effect) { return RunExpiry(std::move(effect)); });
  engine_.OnEffect<PaymentIntent>("settle", [this](Effect effect) { return Settle(std::move(effect)); });
  engine_.OnEffect<Payout>("submit", [this](Effect effect) { return SubmitPayout(std::move(effect)); });
  engine_.OnEffect<Payout>("resolve", [this](Effect effect) { return ResolvePayout(std::move(effect)); });
  engine_.OnEffect<ProviderEvent>("apply", [this](Effect effect) { return ApplyWebhook(std::move(effect)); });
}

Task<Status> PaymentEffects::Submit(Effect effect) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(effect.aggregate_id);
  Shared<v1::PaymentIntentState> state = co_await Try(engine_.Read<PaymentIntent>(id));
  const v1::ProviderOperation* const operation = FindOperation(*state, effect.key);
  if (operation == nullptr || Ended(*operation)) co_return OkStatus();
  ProviderResult result = co_await Perform(std::move(state), *operation);
  const RecordOutcome outcome{.reference = effect.key, .result = std::move(result)};
  co_await Try(engine_.Execute<PaymentIntent>(id, outcome, effect.Metadata("outcome")));
  co_return OkStatus();
}

Task<Status> PaymentEffects::Resolve(Effect effect) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(effect.aggregate_id);
  const Shared<v1::PaymentIntentState> state = co_await Try(engine_.Read<PaymentIntent>(id));
  const v1::ProviderOperation* const operation = FindOperation(*state, effect.key);
  if (operation == nullptr || Ended(*operation)) co_return OkStatus();
  std::optional<ProviderResult> result = co_await provider_.Query(effect.key);
  // It never arrived: with the same reference it cannot happen twice.
  if (!result.has_value()) result = co_await Perform(state, *operation);
  const RecordOutcome outcome{.reference = effect.key, .result = *result, .attempts = AttemptsOf(effect)};
  co_await Try(engine_.Execute<PaymentIntent>(id, outcome, effect.Metadata("outcome")));
  co_return OkStatus();
}

Task<ProviderResult> PaymentEffects::Perform(Shared<v1::PaymentIntentState> state,
                                             v1::ProviderOperation operation) {
  using Operation = v1::ProviderOperation;
  const v1::PaymentIntent& intent = state->intent();
  const Operation* const authorization = LastOperation(*state, Operation::KIND_AUTHORIZE);
  const std::string about = authorization == nullptr ? "" : authorization->reference();
  if (operation.kind() == Operation::KIND_AUTHORIZE) {
    co_return co_await provider_.Authorize({.reference = operation.reference(),
                                            .card_token = state->card_token(),
                                            .amount = AsMoney(intent.amount())});
  }
  if (operation.kind() == Operation::KIND_CAPTURE) {
    const Money amount = AsMoney(FindShare(*state, operation.subject_id())->amount());
    co_return co_await provider_.CaptureMoney(
        {.reference = operation.reference(), .about = about, .amount = amount});
  }
  if (operation.kind() == Operation::KIND_VOID) {
    co_return co_await provider_.VoidAuthorization({.reference = operation.reference(), .about = about});
  }
  const Money amount = AsMoney(FindRefund(*state, operation.subject_id())->amount());
  co_return co_await provider_.RefundMoney(
      {.reference = operation.reference(), .about = SourceOf(*state, operation), .amount = amount});
}

Task<Status> PaymentEffects::RunExpiry(Effect effect) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(effect.aggregate_id);
  co_await Try(engine_.Execute<PaymentIntent>(id, Expire{}, effect.Metadata()));
  co_return OkStatus();
}

Task<Status> PaymentEffects::Settle(Effect effect) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(effect.aggregate_id);
  const Shared<v1::PaymentIntentState> state = co_await Try(engine_.Read<PaymentIntent>(id));
  const v1::PaymentShare* const share = FindShare(*state, effect.payload);
  if (share == nullptr) co_return Internal("the payment is not for order %s", effect.payload);
  const auto settle = [&](Unit& unit) { return SettleOrder(unit, state->intent(), *share); };
  const auto read = [](Unit&) { return OkStatus(); };
  co_return co_await engine_.Transact(share->seller_id(), effect.Metadata(), settle, read);
}

Task<Status> PaymentEffects::SubmitPayout(Effect effect) {
  const Shared<v1::PayoutState> state =
      co_await Try(engine_.Read<Payout>(Payout::Id::Of(effect.aggregate_id)));
  if (Ended(state->payout())) co_return OkStatus();
  ProviderResult result = co_await Try(PayOut(state));
  co_return co_await RecordPayoutResult(effect.aggregate_id, std::move(result), 0,
                                        effect.Metadata("outcome"));
}

Task<Status> PaymentEffects::ResolvePayout(Effect effect) {
  const Payout::Id id = Payout::Id::Of(effect.aggregate_id);
  const Shared<v1::PayoutState> state = co_await Try(engine_.Read<Payout>(id));
  if (Ended(state->payout())) co_return OkStatus();
  std::optional<ProviderResult> result = co_await provider_.Query(ReferenceOf(id));
  if (!result.has_value()) result = co_await Try(PayOut(state));
  co_return co_await RecordPayoutResult(effect.aggregate_id, *result, AttemptsOf(effect),
                                        effect.Metadata("outcome"));
}

Task<StatusOr<ProviderResult>> PaymentEffects::PayOut(Shared<v1::PayoutState> state) {
  const v1::Payout& payout = state->payout();
  const Shared<v1::BankAccountState> account =
      co_await Try(engine_.Read<BankAccount>(BankAccount::Id::Of(payout.bank_account_id())));
  const StatusOr<std::string> holder = keys_.Open(account->holder());
  const StatusOr<std::string> iban = keys_.Open(account->iban());
  // The seller's data was erased: there is nowhere to pay to.
  if (!holder.ok() || !iban.ok()) {
    co_return ProviderResult{.kind = ProviderResult::Kind::kFailed, .code = "no_bank_account"};
  }
  co_return co_await provider_.PayOut({.reference = ReferenceOf(Payout::Id::Of(payout.payout_id())),
                                       .holder = *holder,
                                       .iban = *iban,
                                       .amount = AsMoney(payout.amount())});
}

Task<Status> PaymentEffects::RecordPayoutResult(std::string payout_id, ProviderResult result,
                                                std::int32_t attempts, CommandMetadata metadata) {
  const Payout::Id id = Payout::Id::Of(payout_id);
  const RecordPayoutOutcome outcome{.result = std::move(result), .attempts = attempts};
  const auto record = [&](Unit& unit) { return RecordPayout(unit, id, outcome); };
  const auto read = [](Unit&) { return OkStatus(); };
  co_return co_await engine_.Transact(SellerOf(payout_id), std::move(metadata), record, read);
}

Task<Status> PaymentEffects::ApplyWebhook(Effect effect) {
  const ProviderEvent::Id id = ProviderEvent::Id::Of(effect.aggregate_id);
  const Shared<v1::ProviderEventState> webhook = co_await Try(engine_.Read<ProviderEvent>(id));
  const std::string payout_id = PayoutOfReference(webhook->reference());
  const std::optional<std::string> intent_id = IntentOfReference(webhook->reference());
  Status applied = NotFound("no operation %s", webhook->reference());
  if (!payout_id.empty()) {
    applied = co_await RecordPayoutResult(payout_id, ResultOf(*webhook), 0, effect.Metadata("apply"));
  } else if (intent_id.has_value()) {
    const RecordOutcome outcome{.reference = webhook->reference(), .result = ResultOf(*webhook)};
    applied = (co_await engine_.Execute<PaymentIntent>(PaymentIntent::Id::Of(*intent_id), outcome,
                                                       effect.Metadata("apply")))
                  .status();
  }
  if (absl::IsNotFound(applied)) {
    const MarkUnmatched unmatched{.attempts = webhook->attempts()};
    co_await Try(engine_.Execute<ProviderEvent>(id, unmatched, effect.Metadata("unmatched")));
    co_return OkStatus();
  }
  co_await Try(applied);
  co_await Try(engine_.Execute<ProviderEvent>(id, MarkApplied{}, effect.Metadata("applied")));
  co_return OkStatus();
}

}  // namespace souk::payment
