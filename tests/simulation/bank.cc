#include "tests/simulation/bank.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/uuid.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::simulation {

using payment::ProviderResult;

namespace {

constexpr absl::Duration kAnswerTimeout = absl::Seconds(10);
constexpr absl::Duration kAnswerMax = absl::Milliseconds(300);
constexpr int kDeliveriesMax = 12;
constexpr char kClosedAccount[] = "DE62370400440532013001";

struct Decline {
  const char* token;
  const char* code;
  bool retryable;
};
constexpr Decline kDeclines[] = {
    {"tok_declined", "card_declined", false},
    {"tok_insufficient_funds", "insufficient_funds", true},
    {"tok_lost_card", "lost_card", false},
    {"tok_stolen_card", "stolen_card", false},
    {"tok_expired_card", "expired_card", false},
    {"tok_incorrect_cvc", "incorrect_cvc", true},
    {"tok_processing_error", "processing_error", true},
    {"tok_timeout_then_failure", "processing_error", true},
};

bool Retryable(const std::string& code) {
  for (const Decline& decline : kDeclines) {
    if (code == decline.code) return decline.retryable;
  }
  return code == "voided";
}

}  // namespace

// What the payment service calls. A call that is on its way happens whether or not the
// process lives to hear of it.
class Bank::Adaptor final : public payment::Provider {
 public:
  Adaptor(Bank& bank, Scheduler& home) : bank_(bank), home_(home) {}

  Task<ProviderResult> Authorize(Authorization request) override {
    return Ask(request.reference,
               {.kind = Kind::kAuthorize, .token = request.card_token, .amount = request.amount});
  }
  Task<ProviderResult> CaptureMoney(Capture request) override {
    return Ask(request.reference, {.kind = Kind::kCapture, .about = request.about, .amount = request.amount});
  }
  Task<ProviderResult> VoidAuthorization(Void request) override {
    return Ask(request.reference, {.kind = Kind::kVoid, .about = request.about});
  }
  Task<ProviderResult> RefundMoney(Refund request) override {
    return Ask(request.reference, {.kind = Kind::kRefund, .about = request.about, .amount = request.amount});
  }
  Task<ProviderResult> PayOut(Payout request) override {
    return Ask(request.reference, {.kind = Kind::kPayout, .token = request.iban, .amount = request.amount});
  }

  Task<std::optional<ProviderResult>> Query(std::string reference) override {
    return QueryOf(&bank_, &home_, std::move(reference));
  }

 private:
  Task<ProviderResult> Ask(std::string reference, Operation operation) {
    return AskOf(&bank_, &home_, std::move(reference), std::move(operation));
  }

  static Task<ProviderResult> AskOf(Bank* bank, Scheduler* home, std::string reference, Operation operation) {
    Stage& stage = bank->stage_;
    if (stage.Has(Mutant::kVoidNotSent) && operation.kind == Kind::kVoid) {
      co_return ProviderResult{.kind = ProviderResult::Kind::kSucceeded};
    }
    const bool lost = bank->Silent() && stage.Chance(0.5);
    // Sellers are paid out when everything has healed long ago, but a bank can be silent at any time.
    const bool is_payout = operation.kind == Kind::kPayout;
    const bool unheard = bank->Silent() || (is_payout && stage.Chance(stage.plan.bank_silence));
    const auto answer = std::make_shared<ProviderResult>();
    if (!lost) {
      stage.scheduler.PostAt(stage.scheduler.Now() + stage.Upto(kAnswerMax),
                             [bank, answer, reference, operation = std::move(operation)] {
                               *answer = bank->Perform(reference, operation);
                               bank->Overdo(reference, operation, *answer);
                             });
    }
    if (lost || unheard) {
      stage.history.Count("fault", "bank silent");
      co_await Sleep(*home, kAnswerTimeout);
      co_return Unknown(stage);
    }
    co_await Sleep(*home, kAnswerMax + stage.Upto(kAnswerMax));
    co_return answer->kind == ProviderResult::Kind::kUnknown ? Unknown(stage) : *answer;
  }

  // What a call without an answer means.
  static ProviderResult Unknown(const Stage& stage) {
    using Result = ProviderResult::Kind;
    if (stage.Has(Mutant::kUnknownIsFailure)) return {.kind = Result::kFailed, .code = "processing_error"};
    if (stage.Has(Mutant::kUnknownIsSuccess)) return {.kind = Result::kSucceeded};
    return {.kind = Result::kUnknown};
  }

  static Task<std::optional<ProviderResult>> QueryOf(Bank* bank, Scheduler* home, std::string reference) {
    if (bank->Silent()) {
      co_await Sleep(*home, kAnswerTimeout);
      co_return ProviderResult{.kind = ProviderResult::Kind::kUnknown};
    }
    co_await Sleep(*home, kAnswerMax + bank->stage_.Upto(kAnswerMax));
    const auto it = bank->operations_.find(reference);
    if (it == bank->operations_.end()) co_return std::nullopt;
    co_return bank->Answer(it->second);
  }

  Bank& bank_;
  Scheduler& home_;
};

payment::OpenProvider Bank::Opener() {
  return [this](const ModuleContext& context,
                payment::DeliverWebhook) -> StatusOr<std::unique_ptr<payment::Provider>> {
    return std::make_unique<Adaptor>(*this, context.scheduler);
  };
}

ProviderResult Bank::Perform(const std::string& reference, Operation wanted) {
  const auto [it, first] = operations_.try_emplace(reference, std::move(wanted));
  Operation& operation = it->second;
  ++operation.times_asked;
  if (first) {
    Decide(reference, operation);
    stage_.history.Note("bank",
                        absl::StrFormat("%s %s", reference,
                                        operation.state == State::kRefused ? operation.code : "accepted"));
  }
  const bool timeout = operation.token.starts_with("tok_timeout") ||
                       (operation.kind == Kind::kCapture && operation.token == "tok_capture_timeout");
  if (timeout && operation.times_asked == 1) return {.kind = ProviderResult::Kind::kUnknown};
  return Answer(operation);
}

// What a mutant does beside what it was asked for.
void Bank::Overdo(const std::string& reference, Operation operation, const ProviderResult& answer) {
  const bool accepted =
      answer.kind == ProviderResult::Kind::kSucceeded || answer.kind == ProviderResult::Kind::kPending;
  const bool again = (stage_.Has(Mutant::kCaptureTwice) && operation.kind == Kind::kCapture) ||
                     (stage_.Has(Mutant::kRefundTwice) && operation.kind == Kind::kRefund) ||
                     (stage_.Has(Mutant::kPayoutTwice) && operation.kind == Kind::kPayout);
  if (accepted && again) Perform("again-" + reference, operation);
  if (accepted && stage_.Has(Mutant::kCaptureUnclaimed) && operation.kind == Kind::kAuthorize) {
    operation.kind = Kind::kCapture;
    operation.about = reference;
    Perform("unclaimed-" + reference, operation);
  }
}

void Bank::Decide(const std::string& reference, Operation& operation) {
  const auto refuse = [&operation](const char* code) {
    operation.state = State::kRefused;
    operation.code = code;
  };
  const auto about = operations_.find(operation.about);
  if (about != operations_.end()) operation.token = about->second.token;
  operation.state = State::kDone;
  switch (operation.kind) {
    case Kind::kAuthorize:
      if (operation.token.starts_with("tok_action")) operation.state = State::kNeedsBuyer;
      for (const Decline& decline : kDeclines) {
        if (operation.token == decline.token) refuse(decline.code);
      }
      break;
    case Kind::kCapture: {
      if (operation.token == "tok_capture_fails") return refuse("card_expired");
      if (about == operations_.end() || about->second.state != State::kDone) {
        stage_.history.Fail("I-21 captured is at most what was authorised",
                            reference + " captures what is not authorised");
        return refuse("not_authorized");
      }
      Operation& authorization = about->second;
      authorization.used += operation.amount.minor_units;
      if (authorization.used > authorization.amount.minor_units) {
        stage_.history.Fail("I-21 captured is at most what was authorised",
                            absl::StrFormat("%s brings %s to %d of %d", reference, operation.about,
                                            authorization.used, authorization.amount.minor_units));
      }
      break;
    }
    case Kind::kVoid:
      if (about == operations_.end()) return refuse("unknown_authorization");
      if (about->second.used > 0) return refuse("captured");
      if (about->second.state == State::kRefused) return refuse("declined");
      if (!healed_ && stage_.Chance(stage_.plan.void_refused)) {
        stage_.history.Count("fault", "void refused");
        about->second.state = State::kFreed;
        return refuse("authorization_expired");
      }
      about->second.state = State::kFreed;
      return;  // Nobody reports what we asked for and were told.
    case Kind::kRefund: {
      const bool transfer = transfers_.contains(operation.about);
      const std::int64_t paid = transfer                     ? transfers_[operation.about]
                                : about != operations_.end() ? about->second.amount.minor_units
                                                             : 0;
      if (operation.token == "tok_refund_fails") {
        operation.state = State::kOpen;
        break;
      }
      std::int64_t& refunded =
          transfer || about == operations_.end() ? transfers_refunded_[operation.about] : about->second.used;
      refunded += operation.amount.minor_units;
      if (refunded > paid) {
        stage_.history.Fail("I-22 refunded is at most what was captured",
                            absl::StrFormat("%s brings the refunds of %s to %d of %d", reference,
                                            operation.about, refunded, paid));
      }
      break;
    }
    case Kind::kPayout:
      operation.state = State::kOpen;
      break;
  }
  SendWebhook(reference);
}

ProviderResult Bank::Answer(const Operation& operation) const {
  using Result = ProviderResult::Kind;
  switch (operation.state) {
    case State::kOpen:
      return {.kind = Result::kPending};
    case State::kNeedsBuyer:
      return {.kind = Result::kActionRequired, .url = "https://bank.example/confirm"};
    case State::kDone:
      return {.kind = Result::kSucceeded};
    case State::kRefused:
      return {.kind = Result::kFailed, .code = operation.code, .retryable = Retryable(operation.code)};
    case State::kFreed:
      return {.kind = Result::kFailed, .code = "voided", .retryable = true};
  }
  return {};
}

void Bank::Confirm(const std::string& intent_id) {
  for (auto& [reference, operation] : operations_) {
    if (!reference.starts_with("authorize/" + intent_id) || operation.state != State::kNeedsBuyer) continue;
    operation.state = State::kDone;
    stage_.history.Note("bank", reference + " confirmed by the buyer");
    SendWebhook(reference);
  }
}

// What is open is decided when its webhook would be sent, whether or not that is lost.
void Bank::SendWebhook(const std::string& reference) {
  const Operation& operation = operations_.at(reference);
  const bool lost = !healed_ && stage_.Chance(stage_.plan.webhook_loss);
  const bool wanted = operation.state == State::kOpen || stage_.Chance(0.5);
  const int times = !wanted || lost ? 0 : stage_.Chance(stage_.plan.webhook_repeat) ? 2 : 1;
  if (lost) stage_.history.Count("fault", "webhook lost");
  if (times > 1) stage_.history.Count("fault", "webhook repeated");
  if (!healed_ && stage_.Chance(stage_.plan.webhook_stray)) tasks_.Spawn(DeliverStray());
  const absl::Time when = stage_.scheduler.Now() + stage_.Upto(stage_.plan.webhook_delay_max);
  ++under_way_;
  stage_.scheduler.PostAt(when, [this, reference, times] {
    --under_way_;
    Operation& due = operations_.at(reference);
    if (due.state == State::kOpen) {
      const bool fails = due.token == "tok_refund_fails" || due.token == kClosedAccount;
      due.state = fails ? State::kRefused : State::kDone;
      if (fails) due.code = due.kind == Kind::kPayout ? "account_closed" : "card_closed";
      stage_.history.Note("bank", reference + (fails ? " failed" : " done"));
    }
    for (int i = 0; i < times; ++i) {
      tasks_.Spawn(Deliver(reference, DerivedUuid("webhook", reference)));
    }
  });
}

// Somebody else's business, which the bank reports to us.
Task<> Bank::DeliverStray() {
  stage_.history.Count("fault", "stray webhook");
  payment::v1::ReceiveProviderEventRequest webhook;
  webhook.set_event_id(stage_.ids.NewId());
  webhook.set_reference("capture/" + stage_.ids.NewId());
  webhook.set_outcome(payment::v1::PROVIDER_OUTCOME_SUCCEEDED);
  const rpc::CallOptions options{.principal = {.kind = Principal::Kind::kService, .id = "bank"},
                                 .deadline = stage_.scheduler.Now() + kAnswerTimeout};
  const auto ignored =
      co_await rpc::Call<payment::v1::ReceiveProviderEventResponse>(channel_, options, webhook);
}

Task<> Bank::Deliver(std::string reference, std::string event_id) {
  ++under_way_;
  co_await DeliverAtLast(std::move(reference), std::move(event_id));
  --under_way_;
}

Task<> Bank::DeliverAtLast(std::string reference, std::string event_id) {
  absl::Duration pause = absl::Seconds(1);
  for (int i = 0; i < kDeliveriesMax; ++i) {
    const Operation& operation = operations_.at(reference);
    payment::v1::ReceiveProviderEventRequest webhook;
    webhook.set_event_id(event_id);
    webhook.set_reference(reference);
    const bool forged = stage_.Has(Mutant::kForgedWebhook) && operation.state == State::kRefused;
    const bool done = operation.state == State::kDone || forged;
    if (operation.state == State::kNeedsBuyer) co_return;
    webhook.set_outcome(done ? payment::v1::PROVIDER_OUTCOME_SUCCEEDED
                             : payment::v1::PROVIDER_OUTCOME_FAILED);
    webhook.set_failure_code(operation.state == State::kFreed ? "voided" : operation.code);
    const rpc::CallOptions options{.principal = {.kind = Principal::Kind::kService, .id = "bank"},
                                   .deadline = stage_.scheduler.Now() + kAnswerTimeout};
    const auto response =
        co_await rpc::Call<payment::v1::ReceiveProviderEventResponse>(channel_, options, webhook);
    if (response.ok()) co_return;
    if (!IsTransient(response.status())) {
      stage_.history.Note("bank", "webhook refused: " + response.status().ToString());
      co_return;
    }
    co_await Sleep(stage_.scheduler, pause);
    pause *= 3;
  }
}

std::int64_t Bank::CapturedFor(const std::string& order_id) const {
  std::int64_t captured = 0;
  for (const auto& [reference, operation] : operations_) {
    const bool done = operation.kind == Kind::kCapture && operation.state == State::kDone;
    if (done && reference.ends_with("/" + order_id)) captured += operation.amount.minor_units;
  }
  return captured;
}

std::int64_t Bank::Balance() const {
  std::int64_t balance = 0;
  for (const auto& [reference, amount] : transfers_) balance += amount;
  for (const auto& [reference, operation] : operations_) {
    if (operation.state != State::kDone) continue;
    if (operation.kind == Kind::kCapture) balance += operation.amount.minor_units;
    if (operation.kind == Kind::kRefund || operation.kind == Kind::kPayout) {
      balance -= operation.amount.minor_units;
    }
  }
  return balance;
}

}  // namespace souk::simulation
