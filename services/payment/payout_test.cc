// Payouts, bank accounts and the inbox of webhooks.
#include "services/payment/payout.h"

#include <catch2/catch.hpp>

#include "libs/testing/spec.h"
#include "services/payment/bank_account.h"
#include "services/payment/provider_event.h"

namespace souk::payment {
namespace {

using testing::Noon;
using testing::Spec;
using Kind = ProviderResult::Kind;

constexpr char kRequested[] =
    "requested { payout_id: 's-1~p' seller_id: 's-1' amount { currency_code: 'EUR' minor_units: 900 }"
    "  bank_account_id: 's-1~b' create_time { seconds: 1772452800 } }";
constexpr char kAccepted[] = "accepted { attempts: 1 }";
constexpr char kUnknown[] = "outcome_unknown { attempts: 1 }";
constexpr char kPaid[] =
    "paid { payout_id: 's-1~p' seller_id: 's-1' amount { currency_code: 'EUR' minor_units: 900 }"
    "  end_time { seconds: 1772452800 } }";
constexpr char kFailed[] =
    "failed { payout_id: 's-1~p' seller_id: 's-1' amount { currency_code: 'EUR' minor_units: 900 }"
    "  failure_code: 'account_closed' end_time { seconds: 1772452800 } }";
constexpr char kAdded[] = "added { bank_account_id: 's-1~b' seller_id: 's-1' iban_suffix: '3000' }";
constexpr char kVerified[] = "verified { bank_account_id: 's-1~b' seller_id: 's-1' }";

RecordPayoutOutcome Says(Kind kind, std::int32_t attempts = 0) {
  return {.result = {.kind = kind, .code = kind == Kind::kFailed ? "account_closed" : ""},
          .attempts = attempts};
}

}  // namespace

TEST_CASE("a payout is accepted, and then paid or returned, once") {
  const RequestPayout request{
      .payout_id = "s-1~p", .seller_id = "s-1", .amount = {900, "EUR"}, .bank_account_id = "s-1~b"};
  Spec<Payout>().When(request).Then({kRequested});
  Spec<Payout>().When(Says(Kind::kSucceeded)).ThenFails(absl::StatusCode::kNotFound);
  for (const std::vector<std::string_view>& history :
       {std::vector<std::string_view>{kRequested}, {kRequested, kAccepted}, {kRequested, kUnknown}}) {
    Spec<Payout> paid, failed;
    for (const std::string_view event : history) {
      paid.Given({event});
      failed.Given({event});
    }
    CHECK(paid.When(Says(Kind::kSucceeded)).Then({kPaid}).payout().state() == v1::Payout::STATE_PAID);
    CHECK(failed.When(Says(Kind::kFailed)).Then({kFailed}).payout().state() == v1::Payout::STATE_FAILED);
  }
  for (const Kind kind : {Kind::kSucceeded, Kind::kFailed, Kind::kPending, Kind::kUnknown}) {
    Spec<Payout>().Given({kRequested, kPaid}).When(Says(kind)).Then({});
    Spec<Payout>().Given({kRequested, kFailed}).When(Says(kind)).Then({});
  }
}

TEST_CASE(
    "a payout nobody knows about stays unknown until someone does, and is never less known than accepted") {
  Spec<Payout>().Given({kRequested}).When(Says(Kind::kUnknown)).Then({kUnknown});
  Spec<Payout>().Given({kRequested, kUnknown}).When(Says(Kind::kUnknown)).Then({});
  Spec<Payout>()
      .Given({kRequested, kUnknown})
      .When(Says(Kind::kUnknown, 1))
      .Then({"outcome_unknown { attempts: 2 }"});
  Spec<Payout>().Given({kRequested, kUnknown}).When(Says(Kind::kPending)).Then({"accepted { attempts: 2 }"});
  Spec<Payout>()
      .Given({kRequested, kAccepted})
      .When(Says(Kind::kUnknown, 1))
      .Then({"accepted { attempts: 2 }"});
}

TEST_CASE("a reference names a payout") {
  const std::string reference = ReferenceOf(Payout::Id::Of("s-1~p"));
  CHECK(reference == "payout/s-1~p");
  CHECK(PayoutOfReference(reference) == "s-1~p");
  CHECK(PayoutOfReference("capture/i-1/o-1").empty());
}

TEST_CASE("a bank account can be used once an operator has verified it, until a payout fails") {
  const auto state = [](std::initializer_list<std::string_view> history) {
    Spec<BankAccount> spec;
    return spec.Given(history).state().bank_account().state();
  };
  CHECK(state({kAdded}) == v1::BankAccount::STATE_ADDED);
  CHECK(state({kAdded, kVerified}) == v1::BankAccount::STATE_VERIFIED);
  Spec<BankAccount>().Given({kAdded}).When(Verify{}).Then({kVerified});
  Spec<BankAccount>().Given({kAdded, kVerified}).When(Verify{}).Then({});
  Spec<BankAccount>()
      .Given({kAdded, kVerified})
      .When(Block{.reason = "account_closed"})
      .Then({"blocked { reason: 'account_closed' }"});
  Spec<BankAccount>().Given({kAdded, kVerified, "blocked { reason: 'x' }"}).When(Verify{}).Then({kVerified});
  Spec<BankAccount>()
      .Given({kAdded, "rejected { reason: 'not yours' }"})
      .When(Verify{})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  Spec<BankAccount>().When(Verify{}).ThenFails(absl::StatusCode::kNotFound);
  Spec<BankAccount>().When(Reject{}).ThenFails(absl::StatusCode::kNotFound);
}

TEST_CASE("an IBAN is checked before it is kept") {
  CHECK(ParseIban("DE89 3704 0044 0532 0130 00").value() == "DE89370400440532013000");
  CHECK(ParseIban("gb29nwbk60161331926819").value() == "GB29NWBK60161331926819");
  CHECK(ParseIban("DE62370400440532013001").ok());
  for (const char* const wrong :
       {"", "DE89 3704 0044 0532 0130 01", "DE98370400440532013000", "89DE370400440532013000",
        "DE89-3704-0044-0532-0130-00", "DE89", "DE89370400440532013000DE89370400440532013000"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseIban(wrong).ok());
  }
}

TEST_CASE("a webhook is kept once, looked for again while its operation is not known, and applied once") {
  const Receive receive{.reference = "capture/i-1/o-1", .outcome = v1::PROVIDER_OUTCOME_SUCCEEDED};
  constexpr char kReceived[] =
      "received { reference: 'capture/i-1/o-1' outcome: PROVIDER_OUTCOME_SUCCEEDED }";
  Spec<ProviderEvent>().When(receive).Then({kReceived});
  Spec<ProviderEvent>().Given({kReceived}).When(receive).Then({});
  Spec<ProviderEvent>().Given({kReceived}).When(MarkUnmatched{}).Then({"deferred { attempts: 1 }"});
  Spec<ProviderEvent>()
      .Given({kReceived, "deferred { attempts: 7 }"})
      .When(MarkUnmatched{.attempts = 7})
      .Then({"set_aside {}"});
  Spec<ProviderEvent>().Given({kReceived}).When(MarkApplied{}).Then({"applied {}"});
  Spec<ProviderEvent>().Given({kReceived, "applied {}"}).When(MarkApplied{}).Then({});
  Spec<ProviderEvent>().When(MarkApplied{}).Then({});
}

}  // namespace souk::payment
