#include "services/payment/sandbox_provider.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "libs/base/uuid.h"

namespace souk::payment {
namespace {

using Kind = ProviderResult::Kind;

constexpr char kFileName[] = "operations.tsv";
// How long an answer is held back for its webhook to come first.
constexpr absl::Duration kSlowAnswer = absl::Milliseconds(20);
// After this many refusals a webhook waits for the next start.
constexpr int kDeliveriesMax = 10;
constexpr absl::Duration kPauseBetweenDeliveries = absl::Seconds(1);
constexpr char kPaidOut[] = "payout_ok";
constexpr char kAccountClosed[] = "payout_account_closed";

ProviderResult Succeeded() { return {.kind = Kind::kSucceeded}; }
ProviderResult Pending() { return {.kind = Kind::kPending}; }
ProviderResult Unknown() { return {.kind = Kind::kUnknown}; }
ProviderResult Failed(std::string_view code, bool retryable = false) {
  return {.kind = Kind::kFailed, .code = std::string(code), .retryable = retryable};
}
ProviderResult ActionRequired() {
  return {.kind = Kind::kActionRequired, .url = "https://sandbox.example/confirm"};
}

struct Decline {
  std::string_view token;
  std::string_view code;
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
};
constexpr std::string_view kAccepted[] = {"tok_ok", "tok_capture_fails", "tok_capture_timeout",
                                          "tok_refund_fails"};

}  // namespace

SandboxProvider::Script SandboxProvider::ScriptOf(Operation operation, std::string_view token) {
  const Script done{.answer = Succeeded(), .end = Succeeded()};
  switch (operation) {
    case Operation::kAuthorize:
      for (const Decline& decline : kDeclines) {
        if (token != decline.token) continue;
        return {.answer = Failed(decline.code, decline.retryable),
                .end = Failed(decline.code, decline.retryable)};
      }
      for (const std::string_view accepted : kAccepted) {
        if (token == accepted) return done;
      }
      if (token == "tok_timeout_then_success") return {.answer = Unknown(), .end = Succeeded()};
      if (token == "tok_timeout_then_failure") {
        return {.answer = Unknown(), .end = Failed("processing_error", true)};
      }
      if (token == "tok_duplicate_webhook") return {.answer = Succeeded(), .end = Succeeded(), .webhooks = 2};
      if (token == "tok_webhook_before_response") {
        return {.answer = Succeeded(), .end = Succeeded(), .webhooks = 1, .webhook_first = true};
      }
      if (token == "tok_action_required") return {.answer = ActionRequired(), .end = Succeeded()};
      if (token == "tok_action_abandoned") return {.answer = ActionRequired(), .end = ActionRequired()};
      return {.answer = Failed("unknown_token"), .end = Failed("unknown_token")};
    case Operation::kCapture:
      if (token == "tok_capture_fails") {
        return {.answer = Failed("card_expired"), .end = Failed("card_expired")};
      }
      if (token == "tok_capture_timeout") return {.answer = Unknown(), .end = Succeeded()};
      return done;
    case Operation::kVoid:
      return done;
    case Operation::kRefund:
      if (token == "tok_refund_fails") {
        return {.answer = Pending(), .end = Failed("card_closed"), .webhooks = 1};
      }
      return done;
    case Operation::kPayout:
      if (token == kAccountClosed)
        return {.answer = Pending(), .end = Failed("account_closed"), .webhooks = 1};
      return {.answer = Pending(), .end = Succeeded(), .webhooks = 1};
  }
  return done;
}

const char* SandboxProvider::NameOf(Operation operation) {
  switch (operation) {
    case Operation::kAuthorize:
      return "authorize";
    case Operation::kCapture:
      return "capture";
    case Operation::kVoid:
      return "void";
    case Operation::kRefund:
      return "refund";
    case Operation::kPayout:
      return "payout";
  }
  return "";
}

Status SandboxProvider::Open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unavailable("cannot make the folder %s: %s", folder, error.message());
  const std::string path = folder + "/" + kFileName;
  Read(path);
  file_.open(path, std::ios::app);
  if (!file_) return Unavailable("cannot write %s", path);
  if (file_.tellp() > 0) Write("");  // Should the last line have been cut.
  return OkStatus();
}

// A line per operation, "call OPERATION REFERENCE ABOUT TOKEN", and one per webhook that
// was acknowledged, "sent REFERENCE", with tabs. What a token does follows from the token.
void SandboxProvider::Read(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // No line end: it was cut, and nobody has had an answer.
    const std::vector<std::string> words = absl::StrSplit(line, '\t');
    if (words.size() == 2 && words[0] == "sent") {
      const auto it = records_.find(words[1]);
      if (it != records_.end()) it->second.reported = true;
    }
    if (words.size() != 5 || words[0] != "call") continue;
    for (const Operation operation : {Operation::kAuthorize, Operation::kCapture, Operation::kVoid,
                                      Operation::kRefund, Operation::kPayout}) {
      if (words[1] == NameOf(operation)) Remember(operation, words[2], words[3], words[4]);
    }
  }
}

void SandboxProvider::Write(const std::string& line) { file_ << line << '\n' << std::flush; }

void SandboxProvider::Start() {
  std::vector<std::string> waiting;
  for (const auto& [reference, record] : records_) {
    if (record.script.webhooks > 0 && !record.reported) waiting.push_back(reference);
  }
  std::sort(waiting.begin(), waiting.end());  // Always in the same order.
  for (std::string& reference : waiting) tasks_.Spawn(Report(std::move(reference)));
}

SandboxProvider::Record& SandboxProvider::Remember(Operation operation, const std::string& reference,
                                                   const std::string& about, std::string token) {
  if (const auto it = records_.find(about); it != records_.end()) {
    token = it->second.token;
    if (operation == Operation::kVoid) it->second.freed = true;
  }
  Script script = ScriptOf(operation, token);
  return records_[reference] = {
             .operation = operation, .token = std::move(token), .script = std::move(script)};
}

Task<ProviderResult> SandboxProvider::Authorize(Authorization authorization) {
  return Perform(Operation::kAuthorize, std::move(authorization.reference), "",
                 std::move(authorization.card_token));
}

Task<ProviderResult> SandboxProvider::CaptureMoney(Capture capture) {
  return Perform(Operation::kCapture, std::move(capture.reference), std::move(capture.about), "tok_ok");
}

Task<ProviderResult> SandboxProvider::VoidAuthorization(Void request) {
  return Perform(Operation::kVoid, std::move(request.reference), std::move(request.about), "tok_ok");
}

Task<ProviderResult> SandboxProvider::RefundMoney(Refund refund) {
  return Perform(Operation::kRefund, std::move(refund.reference), std::move(refund.about), "tok_ok");
}

Task<ProviderResult> SandboxProvider::PayOut(Payout payout) {
  return Perform(Operation::kPayout, std::move(payout.reference), "",
                 payout.iban == kClosedAccountIban ? kAccountClosed : kPaidOut);
}

Task<ProviderResult> SandboxProvider::Perform(Operation operation, std::string reference, std::string about,
                                              std::string token) {
  if (const auto it = records_.find(reference); it != records_.end()) {
    const Script& script = it->second.script;
    co_return script.answer.kind == Kind::kUnknown ? script.end : script.answer;
  }
  Write(absl::StrFormat("call\t%s\t%s\t%s\t%s", NameOf(operation), reference, about, token));
  const Script script = Remember(operation, reference, about, std::move(token)).script;
  if (script.webhook_first) {
    co_await Report(reference);
    co_await Sleep(scheduler_, kSlowAnswer);
  } else if (script.webhooks > 0) {
    tasks_.Spawn(Report(reference));
  }
  co_return script.answer;
}

Task<std::optional<ProviderResult>> SandboxProvider::Query(std::string reference) {
  const auto it = records_.find(reference);
  if (it == records_.end()) co_return std::nullopt;
  const Record& record = it->second;
  if (record.freed) co_return Failed("voided");
  if (record.script.answer.kind == Kind::kPending && !record.reported) co_return Pending();
  co_return record.script.end;
}

Task<> SandboxProvider::Report(std::string reference) {
  const Script script = records_.find(reference)->second.script;
  v1::ReceiveProviderEventRequest webhook;
  webhook.set_event_id(DerivedUuid("sandbox-webhook", reference));
  webhook.set_reference(reference);
  const bool succeeded = script.end.kind == Kind::kSucceeded;
  webhook.set_outcome(succeeded ? v1::PROVIDER_OUTCOME_SUCCEEDED : v1::PROVIDER_OUTCOME_FAILED);
  webhook.set_failure_code(script.end.code);
  ++webhooks_under_way_;
  int acknowledged = 0;
  for (int i = 0; i < kDeliveriesMax && acknowledged < script.webhooks; ++i) {
    co_await Yield(scheduler_);
    const Status delivered = co_await deliver_(webhook);
    if (delivered.ok()) {
      ++acknowledged;
    } else {
      co_await Sleep(scheduler_, kPauseBetweenDeliveries);
    }
  }
  if (acknowledged > 0) {
    records_.find(reference)->second.reported = true;
    Write(absl::StrFormat("sent\t%s", reference));
  }
  --webhooks_under_way_;
}

}  // namespace souk::payment
