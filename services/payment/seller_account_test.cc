#include "services/payment/seller_account.h"

#include <catch2/catch.hpp>

#include "libs/testing/spec.h"
#include "services/payment/earning.h"
#include "services/payment/ledger.h"

namespace souk::payment {
namespace {

using testing::Noon;
using testing::Spec;

Money Euros(std::int64_t cents) { return {cents, "EUR"}; }

v1::SellerAccountEvent Posted(v1::JournalEntry entry) {
  v1::SellerAccountEvent event;
  *event.mutable_entry_posted()->mutable_entry() = std::move(entry);
  return event;
}
v1::SellerAccountEvent Earned(const std::string& order_id, std::int64_t cents) {
  return Posted(ledger::EarningsAccrued("s-1", order_id, Euros(cents), 100, Noon()));
}
v1::SellerAccountEvent Released(const std::string& order_id, std::int64_t cents, std::int64_t debt = 0) {
  return Posted(ledger::EarningsReleased("s-1", order_id, Euros(cents), debt, Noon()));
}

std::string Show(const v1::SellerAccountState& state) { return BalanceIn(state, "EUR").ShortDebugString(); }

}  // namespace

TEST_CASE("a balance is the sum of its entries") {
  Spec<SellerAccount> spec;
  spec.Given({Earned("o-1", 900), Earned("o-2", 500), Released("o-1", 900)});
  CHECK(Show(spec.state()) == "currency_code: \"EUR\" pending: 500 available: 900");
  CHECK(spec.state().entries() == 3);
  CHECK(spec.state().seller_id() == "s-1");
}

TEST_CASE("each currency has a balance of its own, in order of the code") {
  Spec<SellerAccount> spec;
  spec.Given({Earned("o-1", 900), Posted(ledger::EarningsAccrued("s-1", "o-2", {700, "BRL"}, 0, Noon()))});
  REQUIRE(spec.state().balances_size() == 2);
  CHECK(spec.state().balances(0).currency_code() == "BRL");
  CHECK(BalanceIn(spec.state(), "BRL").pending() == 700);
  CHECK(BalanceIn(spec.state(), "JPY").pending() == 0);
}

TEST_CASE("no more than what is available can be paid out") {
  const std::vector<v1::SellerAccountEvent> history = {Earned("o-1", 900), Released("o-1", 900)};
  const auto payout = [](std::int64_t cents) {
    return Post{.entry = ledger::PayoutRequested("s-1", "p-1", Euros(cents), Noon())};
  };
  Spec<SellerAccount>()
      .Given(history)
      .When(payout(901))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_BALANCE");
  Spec<SellerAccount> spec;
  spec.Given(history).When(payout(900));
  CHECK(Show(spec.state()) == "currency_code: \"EUR\" in_transit: 900");
}

TEST_CASE("a refund after the payout is a debt, and the next earnings repay it") {
  Spec<SellerAccount> spec;
  spec.Given({Earned("o-1", 900), Released("o-1", 900),
              Posted(ledger::PayoutRequested("s-1", "p-1", Euros(900), Noon())),
              Posted(ledger::RefundReserved("s-1", "f-1", {Euros(1'000), 100, 0}, 0, Noon()))});
  CHECK(Show(spec.state()) == "currency_code: \"EUR\" in_transit: 900 debt: 900");
  spec.Given({Earned("o-2", 1'000), Released("o-2", 1'000, 900)});
  CHECK(Show(spec.state()) == "currency_code: \"EUR\" available: 100 in_transit: 900");
}

TEST_CASE("an entry that takes what is not there is a bug, and refused") {
  Spec<SellerAccount>()
      .When(Post{.entry = ledger::EarningsReleased("s-1", "o-1", Euros(1), 0, Noon())})
      .ThenFails(absl::StatusCode::kInternal);
  Spec<SellerAccount>()
      .Given({Earned("o-1", 900)})
      .When(Post{.entry = ledger::PayoutPaid("s-1", "p-1", Euros(1), Noon())})
      .ThenFails(absl::StatusCode::kInternal);
  // Something available beside a debt.
  Spec<SellerAccount>()
      .Given(
          {Earned("o-1", 900), Posted(ledger::RefundReserved("s-1", "f-1", {Euros(100), 0, 0}, 0, Noon()))})
      .When(Post{.entry = ledger::EarningsReleased("s-1", "o-1", Euros(900), 0, Noon())})
      .ThenFails(absl::StatusCode::kInternal);
}

TEST_CASE("what a seller earns with an order is accrued, reserved, restored and released once each") {
  constexpr char kAccrued[] =
      "accrued { seller_id: 's-1' order_id: 'o-1' amount { currency_code: 'EUR' minor_units: 900 }"
      "  commission { currency_code: 'EUR' minor_units: 100 } }";
  constexpr char kReserved[] = "refund_reserved { refund_id: 'f-1' from_pending: 300 }";
  constexpr char kReleased[] =
      "released { seller_id: 's-1' order_id: 'o-1' amount { currency_code: 'EUR' minor_units: 600 } }";
  const Accrue accrue{.seller_id = "s-1", .order_id = "o-1", .amount = Euros(900), .commission = 100};
  Spec<Earning>().When(accrue).Then({kAccrued});
  Spec<Earning>().Given({kAccrued}).When(accrue).Then({});
  Spec<Earning>().When(Release{}).ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  Spec<Earning>().Given({kAccrued}).When(ReserveRefund{.refund_id = "f-1", .amount = 300}).Then({kReserved});
  Spec<Earning>().Given({kAccrued, kReserved}).When(Release{}).Then({kReleased});
  Spec<Earning>().Given({kAccrued, kReserved, kReleased}).When(Release{}).Then({});
  Spec<Earning>()
      .Given({kAccrued, kReserved})
      .When(RestoreRefund{.refund_id = "f-1"})
      .Then({"refund_restored { refund_id: 'f-1' to_pending: 300 }"});
  // Once released, what comes back goes to the balance.
  Spec<Earning>()
      .Given({kAccrued, kReserved, kReleased})
      .When(RestoreRefund{.refund_id = "f-1"})
      .Then({"refund_restored { refund_id: 'f-1' }"});
  Spec<Earning>()
      .Given({kAccrued, kReleased})
      .When(ReserveRefund{.refund_id = "f-2", .amount = 300})
      .Then({"refund_reserved { refund_id: 'f-2' }"});
  Spec<Earning>()
      .Given({kAccrued})
      .When(RestoreRefund{.refund_id = "f-9"})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("aggregates of a seller share its partition") {
  CHECK(OfSeller("s-1", "g-1.2") == "s-1~g-1.2");
  CHECK(SellerOf("s-1~g-1.2") == "s-1");
  CHECK(PartitionKeyOf<Earning>(Earning::Id::Of("s-1~g-1.2")) == "s-1");
  CHECK(PartitionKeyOf<SellerAccount>(SellerAccount::Id::Of("s-1")) == "s-1");
}

}  // namespace souk::payment
