// The posting rules of the double-entry ledger: from which account to which account money
// moves, and how much. Pure. Who may move it is decided by the aggregates that use them.
//
//   assets/psp-cash               our money at the provider: cards, transfers, cash at the door
//   assets/seller-debt/SELLER     what a seller owes us
//   liab/funds-held/INTENT        transferred money that belongs to no order yet
//   liab/buyer-clearing/ORDER     captured money on its way to the seller; zero in the end
//   liab/refunds-payable/REFUND   money on its way back to the buyer; zero in the end
//   liab/seller/SELLER/pending    earned, not received by the buyer yet
//   liab/seller/SELLER/available  can be paid out
//   liab/seller/SELLER/in-transit on its way to the bank
//   income/commission             ours
//
// Debits are positive, credits negative, and every entry sums to zero.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "souk/payment/v1/ledger.pb.h"

namespace souk::payment::ledger {

inline constexpr char kPspCash[] = "assets/psp-cash";
inline constexpr char kCommission[] = "income/commission";
std::string Debt(std::string_view seller_id);
std::string FundsHeld(std::string_view intent_id);
std::string Clearing(std::string_view order_id);
std::string RefundsPayable(std::string_view refund_id);
std::string Pending(std::string_view seller_id);
std::string Available(std::string_view seller_id);
std::string InTransit(std::string_view seller_id);

// The account without its owner: "liab/seller/pending" for "liab/seller/s-1/pending".
std::string KindOf(std::string_view account);

// -- Between platform accounts --

// A card was charged for an order.
v1::JournalEntry Capture(std::string_view order_id, const Money& amount, absl::Time now);
// A transfer arrived; `receipt_id` names it.
v1::JournalEntry FundsReceived(std::string_view intent_id, std::string_view receipt_id, const Money& amount,
                               absl::Time now);
// Held money pays for an order.
v1::JournalEntry FundsApplied(std::string_view intent_id, std::string_view order_id, const Money& amount,
                              absl::Time now);
// An order was paid at the door.
v1::JournalEntry CashCollected(std::string_view order_id, const Money& amount, absl::Time now);
// A refund reached the buyer.
v1::JournalEntry RefundPaid(std::string_view refund_id, const Money& amount, absl::Time now);
// Held money is to go back, or could not.
v1::JournalEntry OverpaymentReserved(std::string_view intent_id, std::string_view refund_id,
                                     const Money& amount, absl::Time now);
v1::JournalEntry OverpaymentRestored(std::string_view intent_id, std::string_view refund_id,
                                     const Money& amount, absl::Time now);

// -- With a seller's accounts --

// What was captured for an order: `earnings` to the seller, `commission` to us.
v1::JournalEntry EarningsAccrued(std::string_view seller_id, std::string_view order_id, const Money& earnings,
                                 std::int64_t commission, absl::Time now);

// Pending earnings become available, after a `debt` is repaid from them.
v1::JournalEntry EarningsReleased(std::string_view seller_id, std::string_view order_id, const Money& amount,
                                  std::int64_t debt, absl::Time now);

// How a refund of `total` divides. The seller bears what is neither commission nor pending
// earnings of the order: from what is available, and else as a debt.
struct RefundParts {
  Money total;
  std::int64_t commission = 0;
  std::int64_t pending = 0;
};
v1::JournalEntry RefundReserved(std::string_view seller_id, std::string_view refund_id,
                                const RefundParts& parts, std::int64_t available, absl::Time now);
// The refund failed: the same parts go back; what goes to the balance repays a `debt` first.
v1::JournalEntry RefundRestored(std::string_view seller_id, std::string_view refund_id,
                                const RefundParts& parts, std::int64_t debt, absl::Time now);

v1::JournalEntry PayoutRequested(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                                 absl::Time now);
v1::JournalEntry PayoutPaid(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                            absl::Time now);
// The payout failed: it is available again, after a `debt` is repaid from it.
v1::JournalEntry PayoutReturned(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                                std::int64_t debt, absl::Time now);

// -- Reading entries --

// INTERNAL when an entry is not one: it does not sum to zero, a posting is zero, or there
// is no currency.
Status Check(const v1::JournalEntry& entry);

// What is on `balance` of the entry's seller after the entry.
v1::Balance Apply(v1::Balance balance, const v1::JournalEntry& entry);

}  // namespace souk::payment::ledger
