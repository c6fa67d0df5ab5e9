#include "services/payment/ledger.h"

#include <catch2/catch.hpp>

#include "libs/testing/spec.h"

namespace souk::payment {
namespace {

using testing::Noon;

const Money kHundred{10'000, "EUR"};

// "account amount, account amount", and checks the entry.
std::string Postings(const v1::JournalEntry& entry) {
  CHECK(ledger::Check(entry).ok());
  CHECK(entry.currency_code() == "EUR");
  std::string text;
  for (const v1::Posting& posting : entry.postings()) {
    text += (text.empty() ? "" : ", ") + posting.account() + " " + std::to_string(posting.minor_units());
  }
  return text;
}

}  // namespace

TEST_CASE("money between platform accounts") {
  CHECK(Postings(ledger::Capture("o", kHundred, Noon())) ==
        "assets/psp-cash 10000, liab/buyer-clearing/o -10000");
  CHECK(Postings(ledger::FundsReceived("i", "r", kHundred, Noon())) ==
        "assets/psp-cash 10000, liab/funds-held/i -10000");
  CHECK(Postings(ledger::FundsApplied("i", "o", kHundred, Noon())) ==
        "liab/funds-held/i 10000, liab/buyer-clearing/o -10000");
  CHECK(Postings(ledger::CashCollected("o", kHundred, Noon())) ==
        "assets/psp-cash 10000, liab/buyer-clearing/o -10000");
  CHECK(Postings(ledger::RefundPaid("f", kHundred, Noon())) ==
        "liab/refunds-payable/f 10000, assets/psp-cash -10000");
  CHECK(Postings(ledger::OverpaymentReserved("i", "f", kHundred, Noon())) ==
        "liab/funds-held/i 10000, liab/refunds-payable/f -10000");
  CHECK(Postings(ledger::OverpaymentRestored("i", "f", kHundred, Noon())) ==
        "liab/refunds-payable/f 10000, liab/funds-held/i -10000");
}

TEST_CASE("a captured order is the seller's pending earnings and our commission") {
  CHECK(Postings(ledger::EarningsAccrued("s", "o", {9'200, "EUR"}, 800, Noon())) ==
        "liab/buyer-clearing/o 10000, liab/seller/s/pending -9200, income/commission -800");
}

TEST_CASE("released earnings repay a debt first") {
  const Money amount{9'200, "EUR"};
  CHECK(Postings(ledger::EarningsReleased("s", "o", amount, 0, Noon())) ==
        "liab/seller/s/pending 9200, liab/seller/s/available -9200");
  CHECK(Postings(ledger::EarningsReleased("s", "o", amount, 200, Noon())) ==
        "liab/seller/s/pending 9200, assets/seller-debt/s -200, liab/seller/s/available -9000");
  CHECK(Postings(ledger::EarningsReleased("s", "o", amount, 20'000, Noon())) ==
        "liab/seller/s/pending 9200, assets/seller-debt/s -9200");
}

TEST_CASE("a refund comes from commission, pending, available, and else from a debt") {
  const Money twenty{2'000, "EUR"};
  CHECK(Postings(ledger::RefundReserved("s", "f", {twenty, 160, 1'840}, 500, Noon())) ==
        "income/commission 160, liab/seller/s/pending 1840, liab/refunds-payable/f -2000");
  CHECK(Postings(ledger::RefundReserved("s", "f", {twenty, 160, 0}, 5'000, Noon())) ==
        "income/commission 160, liab/seller/s/available 1840, liab/refunds-payable/f -2000");
  CHECK(Postings(ledger::RefundReserved("s", "f", {twenty, 160, 0}, 500, Noon())) ==
        "income/commission 160, liab/seller/s/available 500, assets/seller-debt/s 1340,"
        " liab/refunds-payable/f -2000");
}

TEST_CASE("a refund that failed goes back to where it came from, to a debt before the balance") {
  const Money twenty{2'000, "EUR"};
  CHECK(Postings(ledger::RefundRestored("s", "f", {twenty, 160, 1'840}, 0, Noon())) ==
        "liab/refunds-payable/f 2000, income/commission -160, liab/seller/s/pending -1840");
  CHECK(Postings(ledger::RefundRestored("s", "f", {twenty, 160, 0}, 1'340, Noon())) ==
        "liab/refunds-payable/f 2000, income/commission -160, assets/seller-debt/s -1340,"
        " liab/seller/s/available -500");
}

TEST_CASE("a payout leaves the balance, and returns to it when it fails") {
  CHECK(Postings(ledger::PayoutRequested("s", "p", kHundred, Noon())) ==
        "liab/seller/s/available 10000, liab/seller/s/in-transit -10000");
  CHECK(Postings(ledger::PayoutPaid("s", "p", kHundred, Noon())) ==
        "liab/seller/s/in-transit 10000, assets/psp-cash -10000");
  CHECK(Postings(ledger::PayoutReturned("s", "p", kHundred, 1'000, Noon())) ==
        "liab/seller/s/in-transit 10000, assets/seller-debt/s -1000, liab/seller/s/available -9000");
}

TEST_CASE("the same movement has the same id, another cause or rule has another one") {
  const std::string id = ledger::Capture("o", kHundred, Noon()).entry_id();
  CHECK(ledger::Capture("o", {1, "EUR"}, Noon() + absl::Hours(1)).entry_id() == id);
  CHECK(ledger::Capture("p", kHundred, Noon()).entry_id() != id);
  CHECK(ledger::CashCollected("o", kHundred, Noon()).entry_id() != id);
}

TEST_CASE("what does not sum to zero is not an entry") {
  v1::JournalEntry entry = ledger::Capture("o", kHundred, Noon());
  entry.mutable_postings(0)->set_minor_units(9'999);
  CHECK(ledger::Check(entry).code() == absl::StatusCode::kInternal);
  entry.mutable_postings(0)->set_minor_units(0);
  CHECK(ledger::Check(entry).code() == absl::StatusCode::kInternal);
  entry.clear_postings();
  CHECK(ledger::Check(entry).code() == absl::StatusCode::kInternal);
}

TEST_CASE("the kind of an account is its name without the owner") {
  CHECK(ledger::KindOf(ledger::kPspCash) == "assets/psp-cash");
  CHECK(ledger::KindOf(ledger::kCommission) == "income/commission");
  CHECK(ledger::KindOf(ledger::Pending("s-1")) == "liab/seller/pending");
  CHECK(ledger::KindOf(ledger::InTransit("s-1")) == "liab/seller/in-transit");
  CHECK(ledger::KindOf(ledger::Debt("s-1")) == "assets/seller-debt");
  CHECK(ledger::KindOf(ledger::Clearing("g.1")) == "liab/buyer-clearing");
  CHECK(ledger::KindOf(ledger::RefundsPayable("f")) == "liab/refunds-payable");
  CHECK(ledger::KindOf(ledger::FundsHeld("i")) == "liab/funds-held");
}

}  // namespace souk::payment
