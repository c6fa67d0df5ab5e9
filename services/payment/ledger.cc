#include "services/payment/ledger.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"

namespace souk::payment::ledger {
namespace {

using v1::JournalEntry;

constexpr std::string_view kSellerPrefix = "liab/seller/";

std::string Account(std::string_view kind, std::string_view owner) {
  return absl::StrFormat("%s/%s", kind, owner);
}

JournalEntry Entry(JournalEntry::Rule rule, std::string_view cause, const Money& amount, absl::Time now) {
  JournalEntry entry;
  entry.set_entry_id(DerivedUuid("journal", cause, JournalEntry::Rule_Name(rule)));
  entry.set_rule(rule);
  entry.set_cause(std::string(cause));
  entry.set_currency_code(amount.currency_code);
  *entry.mutable_post_time() = ToProto(now);
  return entry;
}

JournalEntry SellerEntry(JournalEntry::Rule rule, std::string_view seller_id, std::string_view cause,
                         const Money& amount, absl::Time now) {
  JournalEntry entry = Entry(rule, cause, amount, now);
  entry.set_seller_id(std::string(seller_id));
  return entry;
}

void Debit(JournalEntry& entry, std::string account, std::int64_t minor_units) {
  if (minor_units == 0) return;
  v1::Posting& posting = *entry.add_postings();
  posting.set_account(std::move(account));
  posting.set_minor_units(minor_units);
}

void Credit(JournalEntry& entry, std::string account, std::int64_t minor_units) {
  Debit(entry, std::move(account), -minor_units);
}

JournalEntry Move(JournalEntry entry, std::string from, std::string to, std::int64_t minor_units) {
  Debit(entry, std::move(from), minor_units);
  Credit(entry, std::move(to), minor_units);
  return entry;
}

// Adds to what can be paid out, after a debt.
void CreditBalance(JournalEntry& entry, std::string_view seller_id, std::int64_t minor_units,
                   std::int64_t debt) {
  const std::int64_t repaid = std::min(minor_units, debt);
  Credit(entry, Debt(seller_id), repaid);
  Credit(entry, Available(seller_id), minor_units - repaid);
}

}  // namespace

std::string Debt(std::string_view seller_id) { return Account("assets/seller-debt", seller_id); }
std::string FundsHeld(std::string_view intent_id) { return Account("liab/funds-held", intent_id); }
std::string Clearing(std::string_view order_id) { return Account("liab/buyer-clearing", order_id); }
std::string RefundsPayable(std::string_view refund_id) { return Account("liab/refunds-payable", refund_id); }
std::string Pending(std::string_view seller_id) {
  return absl::StrFormat("%s%s/pending", kSellerPrefix, seller_id);
}
std::string Available(std::string_view seller_id) {
  return absl::StrFormat("%s%s/available", kSellerPrefix, seller_id);
}
std::string InTransit(std::string_view seller_id) {
  return absl::StrFormat("%s%s/in-transit", kSellerPrefix, seller_id);
}

std::string KindOf(std::string_view account) {
  if (account == kPspCash || account == kCommission) return std::string(account);
  if (account.starts_with(kSellerPrefix)) {
    return absl::StrFormat("liab/seller%s", account.substr(account.rfind('/')));
  }
  return std::string(account.substr(0, account.rfind('/')));
}

JournalEntry Capture(std::string_view order_id, const Money& amount, absl::Time now) {
  return Move(Entry(JournalEntry::RULE_CAPTURE, order_id, amount, now), kPspCash, Clearing(order_id),
              amount.minor_units);
}

JournalEntry FundsReceived(std::string_view intent_id, std::string_view receipt_id, const Money& amount,
                           absl::Time now) {
  return Move(Entry(JournalEntry::RULE_FUNDS_RECEIVED, receipt_id, amount, now), kPspCash,
              FundsHeld(intent_id), amount.minor_units);
}

JournalEntry FundsApplied(std::string_view intent_id, std::string_view order_id, const Money& amount,
                          absl::Time now) {
  return Move(Entry(JournalEntry::RULE_FUNDS_APPLIED, order_id, amount, now), FundsHeld(intent_id),
              Clearing(order_id), amount.minor_units);
}

JournalEntry CashCollected(std::string_view order_id, const Money& amount, absl::Time now) {
  return Move(Entry(JournalEntry::RULE_CASH_COLLECTED, order_id, amount, now), kPspCash, Clearing(order_id),
              amount.minor_units);
}

JournalEntry RefundPaid(std::string_view refund_id, const Money& amount, absl::Time now) {
  return Move(Entry(JournalEntry::RULE_REFUND_PAID, refund_id, amount, now), RefundsPayable(refund_id),
              kPspCash, amount.minor_units);
}

JournalEntry OverpaymentReserved(std::string_view intent_id, std::string_view refund_id, const Money& amount,
                                 absl::Time now) {
  return Move(Entry(JournalEntry::RULE_OVERPAYMENT_RESERVED, refund_id, amount, now), FundsHeld(intent_id),
              RefundsPayable(refund_id), amount.minor_units);
}

JournalEntry OverpaymentRestored(std::string_view intent_id, std::string_view refund_id, const Money& amount,
                                 absl::Time now) {
  return Move(Entry(JournalEntry::RULE_OVERPAYMENT_RESTORED, refund_id, amount, now),
              RefundsPayable(refund_id), FundsHeld(intent_id), amount.minor_units);
}

JournalEntry EarningsAccrued(std::string_view seller_id, std::string_view order_id, const Money& earnings,
                             std::int64_t commission, absl::Time now) {
  JournalEntry entry = SellerEntry(JournalEntry::RULE_EARNINGS_ACCRUED, seller_id, order_id, earnings, now);
  Debit(entry, Clearing(order_id), earnings.minor_units + commission);
  Credit(entry, Pending(seller_id), earnings.minor_units);
  Credit(entry, kCommission, commission);
  return entry;
}

JournalEntry EarningsReleased(std::string_view seller_id, std::string_view order_id, const Money& amount,
                              std::int64_t debt, absl::Time now) {
  JournalEntry entry = SellerEntry(JournalEntry::RULE_EARNINGS_RELEASED, seller_id, order_id, amount, now);
  Debit(entry, Pending(seller_id), amount.minor_units);
  CreditBalance(entry, seller_id, amount.minor_units, debt);
  return entry;
}

JournalEntry RefundReserved(std::string_view seller_id, std::string_view refund_id, const RefundParts& parts,
                            std::int64_t available, absl::Time now) {
  JournalEntry entry =
      SellerEntry(JournalEntry::RULE_REFUND_RESERVED, seller_id, refund_id, parts.total, now);
  const std::int64_t rest = parts.total.minor_units - parts.commission - parts.pending;
  const std::int64_t from_available = std::min(rest, available);
  Debit(entry, kCommission, parts.commission);
  Debit(entry, Pending(seller_id), parts.pending);
  Debit(entry, Available(seller_id), from_available);
  Debit(entry, Debt(seller_id), rest - from_available);
  Credit(entry, RefundsPayable(refund_id), parts.total.minor_units);
  return entry;
}

JournalEntry RefundRestored(std::string_view seller_id, std::string_view refund_id, const RefundParts& parts,
                            std::int64_t debt, absl::Time now) {
  JournalEntry entry =
      SellerEntry(JournalEntry::RULE_REFUND_RESTORED, seller_id, refund_id, parts.total, now);
  Debit(entry, RefundsPayable(refund_id), parts.total.minor_units);
  Credit(entry, kCommission, parts.commission);
  Credit(entry, Pending(seller_id), parts.pending);
  CreditBalance(entry, seller_id, parts.total.minor_units - parts.commission - parts.pending, debt);
  return entry;
}

JournalEntry PayoutRequested(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                             absl::Time now) {
  return Move(SellerEntry(JournalEntry::RULE_PAYOUT_REQUESTED, seller_id, payout_id, amount, now),
              Available(seller_id), InTransit(seller_id), amount.minor_units);
}

JournalEntry PayoutPaid(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                        absl::Time now) {
  return Move(SellerEntry(JournalEntry::RULE_PAYOUT_PAID, seller_id, payout_id, amount, now),
              InTransit(seller_id), kPspCash, amount.minor_units);
}

JournalEntry PayoutReturned(std::string_view seller_id, std::string_view payout_id, const Money& amount,
                            std::int64_t debt, absl::Time now) {
  JournalEntry entry = SellerEntry(JournalEntry::RULE_PAYOUT_RETURNED, seller_id, payout_id, amount, now);
  Debit(entry, InTransit(seller_id), amount.minor_units);
  CreditBalance(entry, seller_id, amount.minor_units, debt);
  return entry;
}

Status Check(const JournalEntry& entry) {
  std::int64_t sum = 0;
  for (const v1::Posting& posting : entry.postings()) {
    if (posting.minor_units() == 0) return Internal("entry %s has an empty posting", entry.entry_id());
    sum += posting.minor_units();
  }
  if (sum != 0) return Internal("entry %s is off by %d", entry.entry_id(), sum);
  if (entry.postings_size() < 2) return Internal("entry %s moves nothing", entry.entry_id());
  if (entry.currency_code().empty()) return Internal("entry %s has no currency", entry.entry_id());
  return OkStatus();
}

v1::Balance Apply(v1::Balance balance, const JournalEntry& entry) {
  const std::string& seller = entry.seller_id();
  for (const v1::Posting& posting : entry.postings()) {
    if (posting.account() == Pending(seller)) balance.set_pending(balance.pending() - posting.minor_units());
    if (posting.account() == Available(seller))
      balance.set_available(balance.available() - posting.minor_units());
    if (posting.account() == InTransit(seller))
      balance.set_in_transit(balance.in_transit() - posting.minor_units());
    if (posting.account() == Debt(seller)) balance.set_debt(balance.debt() + posting.minor_units());
  }
  return balance;
}

}  // namespace souk::payment::ledger
