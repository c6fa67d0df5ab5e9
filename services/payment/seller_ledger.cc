#include "services/payment/seller_ledger.h"

#include "services/payment/earning.h"
#include "services/payment/ledger.h"
#include "services/payment/money_proto.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

StatusOr<v1::Balance> BalanceOf(Unit& unit, const SellerAccount::Id& seller,
                                const std::string& currency_code) {
  ASSIGN_OR_RETURN(const v1::SellerAccountState* const account, unit.Load<SellerAccount>(seller));
  return BalanceIn(*account, currency_code);
}

// One order of one seller.
class OrderSettlement {
 public:
  OrderSettlement(Unit& unit, const v1::PaymentShare& share)
      : unit_(unit),
        share_(share),
        seller_(SellerAccount::Id::Of(share.seller_id())),
        earning_(Earning::Id::Of(OfSeller(share.seller_id(), share.order_id()))) {}

  Status Accrue() {
    ASSIGN_OR_RETURN(const v1::EarningState earning, Load());
    if (!earning.order_id().empty()) return OkStatus();
    const std::int64_t commission = share_.commission().minor_units();
    const Money amount = In(share_.captured().minor_units() - commission);
    RETURN_IF_ERROR(unit_.Execute<Earning>(earning_, payment::Accrue{.seller_id = share_.seller_id(),
                                                                     .order_id = share_.order_id(),
                                                                     .amount = amount,
                                                                     .commission = commission}));
    return PostEntry(
        ledger::EarningsAccrued(share_.seller_id(), share_.order_id(), amount, commission, unit_.now()));
  }

  Status ApplyRefund(const v1::Refund& refund) {
    const bool failed = refund.state() == v1::Refund::STATE_FAILED;
    ASSIGN_OR_RETURN(const v1::EarningState before, Load());
    const v1::EarningState::Reservation* const reservation = FindReservation(before, refund.refund_id());
    if (reservation == nullptr && !failed) return Reserve(refund);
    if (reservation != nullptr && !reservation->restored() && failed) return Restore(refund);
    return OkStatus();
  }

  Status Release() {
    ASSIGN_OR_RETURN(const v1::EarningState earning, Load());
    if (earning.released()) return OkStatus();
    RETURN_IF_ERROR(unit_.Execute<Earning>(earning_, payment::Release{}));
    if (earning.pending().minor_units() == 0) return OkStatus();
    ASSIGN_OR_RETURN(const v1::Balance balance, Balance());
    return PostEntry(ledger::EarningsReleased(share_.seller_id(), share_.order_id(),
                                              AsMoney(earning.pending()), balance.debt(), unit_.now()));
  }

 private:
  Status Reserve(const v1::Refund& refund) {
    ledger::RefundParts parts{.total = AsMoney(refund.amount()),
                              .commission = refund.commission().minor_units()};
    RETURN_IF_ERROR(unit_.Execute<Earning>(
        earning_, ReserveRefund{.refund_id = refund.refund_id(),
                                .amount = parts.total.minor_units - parts.commission}));
    ASSIGN_OR_RETURN(const v1::EarningState after, Load());
    parts.pending = FindReservation(after, refund.refund_id())->from_pending();
    ASSIGN_OR_RETURN(const v1::Balance balance, Balance());
    return PostEntry(ledger::RefundReserved(share_.seller_id(), refund.refund_id(), parts,
                                            balance.available(), unit_.now()));
  }

  Status Restore(const v1::Refund& refund) {
    ledger::RefundParts parts{.total = AsMoney(refund.amount()),
                              .commission = refund.commission().minor_units()};
    ASSIGN_OR_RETURN(const v1::EarningState before, Load());
    RETURN_IF_ERROR(unit_.Execute<Earning>(earning_, RestoreRefund{.refund_id = refund.refund_id()}));
    ASSIGN_OR_RETURN(const v1::EarningState after, Load());
    parts.pending = after.pending().minor_units() - before.pending().minor_units();
    ASSIGN_OR_RETURN(const v1::Balance balance, Balance());
    return PostEntry(
        ledger::RefundRestored(share_.seller_id(), refund.refund_id(), parts, balance.debt(), unit_.now()));
  }

  // A copy: the unit's own changes with each command.
  StatusOr<v1::EarningState> Load() {
    ASSIGN_OR_RETURN(const v1::EarningState* const state, unit_.Load<Earning>(earning_));
    return *state;
  }
  StatusOr<v1::Balance> Balance() { return BalanceOf(unit_, seller_, share_.amount().currency_code()); }
  Status PostEntry(v1::JournalEntry entry) {
    return unit_.Execute<SellerAccount>(seller_, Post{.entry = std::move(entry)});
  }
  Money In(std::int64_t minor_units) const { return {minor_units, share_.amount().currency_code()}; }

  Unit& unit_;
  const v1::PaymentShare& share_;
  const SellerAccount::Id seller_;
  const Earning::Id earning_;
};

}  // namespace

Status SettleOrder(Unit& unit, const v1::PaymentIntent& intent, const v1::PaymentShare& share) {
  if (share.state() != v1::PaymentShare::STATE_CAPTURED) return OkStatus();
  OrderSettlement settlement(unit, share);
  RETURN_IF_ERROR(settlement.Accrue());
  for (const v1::Refund& refund : intent.refunds()) {
    if (refund.order_id() == share.order_id()) RETURN_IF_ERROR(settlement.ApplyRefund(refund));
  }
  return share.order_received() ? settlement.Release() : OkStatus();
}

Status StartPayout(Unit& unit, const RequestPayout& request) {
  ASSIGN_OR_RETURN(const v1::BankAccountState* const account,
                   unit.Load<BankAccount>(BankAccount::Id::Of(request.bank_account_id)));
  if (account->bank_account().seller_id() != request.seller_id) {
    return NotFound("no bank account %s", request.bank_account_id);
  }
  if (account->bank_account().state() != v1::BankAccount::STATE_VERIFIED) {
    return Rejected("BANK_ACCOUNT_UNVERIFIED", {}, "the bank account is not verified");
  }
  const Payout::Id id = Payout::Id::Of(request.payout_id);
  ASSIGN_OR_RETURN(const v1::PayoutState* const payout, unit.Load<Payout>(id));
  if (!payout->payout().payout_id().empty()) return OkStatus();
  RETURN_IF_ERROR(unit.Execute<Payout>(id, request));
  return unit.Execute<SellerAccount>(
      SellerAccount::Id::Of(request.seller_id),
      Post{.entry =
               ledger::PayoutRequested(request.seller_id, request.payout_id, request.amount, unit.now())});
}

Status RecordPayout(Unit& unit, const Payout::Id& id, const RecordPayoutOutcome& outcome) {
  ASSIGN_OR_RETURN(const v1::PayoutState* const before, unit.Load<Payout>(id));
  if (Ended(before->payout())) return OkStatus();
  RETURN_IF_ERROR(unit.Execute<Payout>(id, outcome));
  ASSIGN_OR_RETURN(const v1::PayoutState* const after, unit.Load<Payout>(id));
  const v1::Payout payout = after->payout();
  const SellerAccount::Id seller = SellerAccount::Id::Of(payout.seller_id());
  if (payout.state() == v1::Payout::STATE_PAID) {
    return unit.Execute<SellerAccount>(
        seller, Post{.entry = ledger::PayoutPaid(payout.seller_id(), payout.payout_id(),
                                                 AsMoney(payout.amount()), unit.now())});
  }
  if (payout.state() != v1::Payout::STATE_FAILED) return OkStatus();
  RETURN_IF_ERROR(unit.Execute<BankAccount>(BankAccount::Id::Of(payout.bank_account_id()),
                                            Block{.reason = payout.failure_code()}));
  ASSIGN_OR_RETURN(const v1::Balance balance, BalanceOf(unit, seller, payout.amount().currency_code()));
  return unit.Execute<SellerAccount>(
      seller, Post{.entry = ledger::PayoutReturned(payout.seller_id(), payout.payout_id(),
                                                   AsMoney(payout.amount()), balance.debt(), unit.now())});
}

}  // namespace souk::payment
