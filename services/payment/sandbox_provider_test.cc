#include "services/payment/sandbox_provider.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "libs/runtime/sim_scheduler.h"
#include "libs/testing/run_to_end.h"

namespace souk::payment {
namespace {

using Kind = ProviderResult::Kind;

// A sandbox in a folder of its own, and the webhooks it has sent.
class Sandbox {
 public:
  Sandbox() : folder_((std::filesystem::temp_directory_path() / "souk-sandbox-XXXXXX").string()) {
    REQUIRE(mkdtemp(folder_.data()) != nullptr);
    Restart();
  }
  ~Sandbox() { std::filesystem::remove_all(folder_); }

  void Restart() {
    provider_ = std::make_unique<SandboxProvider>(
        scheduler_, [this](v1::ReceiveProviderEventRequest webhook) { return Receive(std::move(webhook)); });
    REQUIRE(provider_->Open(folder_).ok());
    provider_->Start();
  }

  ProviderResult Authorize(const std::string& token, const std::string& reference = "authorize/i/1") {
    return Run(provider_->Authorize({.reference = reference, .card_token = token, .amount = {100, "EUR"}}));
  }
  ProviderResult Capture() {
    return Run(provider_->CaptureMoney(
        {.reference = "capture/i/o", .about = "authorize/i/1", .amount = {100, "EUR"}}));
  }
  ProviderResult Void() {
    return Run(provider_->VoidAuthorization({.reference = "void/i", .about = "authorize/i/1"}));
  }
  ProviderResult Refund() {
    return Run(
        provider_->RefundMoney({.reference = "refund/i/f", .about = "capture/i/o", .amount = {100, "EUR"}}));
  }
  ProviderResult PayOut(const std::string& iban) {
    return Run(
        provider_->PayOut({.reference = "payout/p", .holder = "H", .iban = iban, .amount = {100, "EUR"}}));
  }
  std::optional<ProviderResult> Query(const std::string& reference) {
    return Run(provider_->Query(reference));
  }
  void Settle() {
    while (scheduler_.Step()) {
    }
  }

  SandboxProvider& provider() { return *provider_; }
  const std::string& folder() const { return folder_; }
  std::vector<std::string> webhooks;  // "reference outcome", as they came.
  int refusals = 0;                   // So many deliveries are refused first.

 private:
  Task<Status> Receive(v1::ReceiveProviderEventRequest webhook) {
    if (refusals > 0) {
      --refusals;
      co_return Unavailable("not now");
    }
    webhooks.push_back(webhook.reference() + " " + v1::ProviderOutcome_Name(webhook.outcome()));
    co_return OkStatus();
  }

  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }

  std::string folder_;
  SimScheduler scheduler_{1};
  std::unique_ptr<SandboxProvider> provider_;
};

constexpr char kSucceeded[] = "PROVIDER_OUTCOME_SUCCEEDED";
constexpr char kFailed[] = "PROVIDER_OUTCOME_FAILED";

}  // namespace

TEST_CASE("a card does what its token says") {
  struct Case {
    const char* token;
    Kind kind;
    const char* code;
  };
  for (const Case& expected : {Case{"tok_ok", Kind::kSucceeded, ""},
                               {"tok_declined", Kind::kFailed, "card_declined"},
                               {"tok_insufficient_funds", Kind::kFailed, "insufficient_funds"},
                               {"tok_lost_card", Kind::kFailed, "lost_card"},
                               {"tok_stolen_card", Kind::kFailed, "stolen_card"},
                               {"tok_expired_card", Kind::kFailed, "expired_card"},
                               {"tok_incorrect_cvc", Kind::kFailed, "incorrect_cvc"},
                               {"tok_processing_error", Kind::kFailed, "processing_error"},
                               {"tok_timeout_then_success", Kind::kUnknown, ""},
                               {"tok_timeout_then_failure", Kind::kUnknown, ""},
                               {"tok_action_required", Kind::kActionRequired, ""},
                               {"tok_nobody_knows", Kind::kFailed, "unknown_token"}}) {
    CAPTURE(expected.token);
    const ProviderResult result = Sandbox().Authorize(expected.token);
    CHECK(result.kind == expected.kind);
    CHECK(result.code == expected.code);
  }
}

TEST_CASE("an answer that was lost is known when asked for") {
  Sandbox success, failure;
  success.Authorize("tok_timeout_then_success");
  failure.Authorize("tok_timeout_then_failure");
  CHECK(success.Query("authorize/i/1")->kind == Kind::kSucceeded);
  CHECK(failure.Query("authorize/i/1")->kind == Kind::kFailed);
  CHECK_FALSE(success.Query("authorize/i/2").has_value());
}

TEST_CASE("what has the same reference is done once, also after a restart") {
  Sandbox sandbox;
  sandbox.Authorize("tok_ok");
  CHECK(sandbox.Authorize("tok_declined").kind == Kind::kSucceeded);
  sandbox.Capture();
  sandbox.Restart();
  CHECK(sandbox.Authorize("tok_declined").kind == Kind::kSucceeded);
  CHECK(sandbox.Capture().kind == Kind::kSucceeded);
  CHECK(sandbox.provider().operations() == 2);
}

TEST_CASE("a line that was cut by a crash is forgotten, and those after it are not") {
  Sandbox sandbox;
  sandbox.Authorize("tok_ok");
  {
    std::ofstream(sandbox.folder() + "/operations.tsv", std::ios::app) << "call\tcapture\tcapture/i/o\tautho";
  }
  sandbox.Restart();
  CHECK_FALSE(sandbox.Query("capture/i/o").has_value());
  sandbox.Capture();
  sandbox.Restart();
  CHECK(sandbox.Query("capture/i/o").has_value());
}

TEST_CASE("a capture can fail though the card was authorised") {
  Sandbox sandbox;
  CHECK(sandbox.Authorize("tok_capture_fails").kind == Kind::kSucceeded);
  CHECK(sandbox.Capture().kind == Kind::kFailed);
  Sandbox silent;
  silent.Authorize("tok_capture_timeout");
  CHECK(silent.Capture().kind == Kind::kUnknown);
  CHECK(silent.Query("capture/i/o")->kind == Kind::kSucceeded);
}

TEST_CASE("a webhook may come twice") {
  Sandbox sandbox;
  sandbox.Authorize("tok_duplicate_webhook");
  sandbox.Settle();
  const std::string webhook = std::string("authorize/i/1 ") + kSucceeded;
  CHECK(sandbox.webhooks == std::vector<std::string>{webhook, webhook});
}

TEST_CASE("a webhook may come before the answer") {
  Sandbox sandbox;
  CHECK(sandbox.Authorize("tok_webhook_before_response").kind == Kind::kSucceeded);
  CHECK(sandbox.webhooks.size() == 1);  // Though nothing ran after the answer.
}

TEST_CASE("a refund may be accepted and then fail") {
  Sandbox sandbox;
  sandbox.Authorize("tok_refund_fails");
  sandbox.Capture();
  CHECK(sandbox.Refund().kind == Kind::kPending);
  CHECK(sandbox.Query("refund/i/f")->kind == Kind::kPending);
  sandbox.Settle();
  CHECK(sandbox.webhooks == std::vector<std::string>{std::string("refund/i/f ") + kFailed});
  CHECK(sandbox.Query("refund/i/f")->kind == Kind::kFailed);
}

TEST_CASE("a payout is accepted, and its end is told later") {
  Sandbox open, closed;
  CHECK(open.PayOut("DE89370400440532013000").kind == Kind::kPending);
  CHECK(closed.PayOut(kClosedAccountIban).kind == Kind::kPending);
  open.Settle();
  closed.Settle();
  CHECK(open.webhooks == std::vector<std::string>{std::string("payout/p ") + kSucceeded});
  CHECK(closed.webhooks == std::vector<std::string>{std::string("payout/p ") + kFailed});
}

TEST_CASE("a webhook that nobody acknowledged is sent again, also after a restart") {
  Sandbox sandbox;
  sandbox.refusals = 3;
  sandbox.PayOut("DE89370400440532013000");
  CHECK_FALSE(sandbox.provider().Idle());
  sandbox.Settle();
  CHECK(sandbox.webhooks.size() == 1);
  CHECK(sandbox.provider().Idle());
  sandbox.Restart();
  sandbox.Settle();
  CHECK(sandbox.webhooks.size() == 1);

  Sandbox deaf;
  deaf.refusals = 1'000;
  deaf.PayOut("DE89370400440532013000");
  deaf.Settle();
  CHECK(deaf.webhooks.empty());
  deaf.refusals = 0;
  deaf.Restart();
  deaf.Settle();
  CHECK(deaf.webhooks.size() == 1);
}

TEST_CASE("what was freed is never authorised afterwards") {
  Sandbox sandbox;
  sandbox.Authorize("tok_action_required");
  CHECK(sandbox.Void().kind == Kind::kSucceeded);
  CHECK(sandbox.Query("authorize/i/1")->kind == Kind::kFailed);
  sandbox.Restart();
  CHECK(sandbox.Query("authorize/i/1")->kind == Kind::kFailed);
}

}  // namespace souk::payment
