// Money: our ledger against itself, against the bank, and against the orders.
#include <map>
#include <set>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "libs/base/proto_time.h"
#include "souk/order/v1/order_events.pb.h"
#include "souk/payment/v1/payment_intent_events.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

namespace payment = souk::payment::v1;
using order::v1::OrderState;
using Intent = payment::PaymentIntent;
using Share = payment::PaymentShare;

class MoneyAudit {
 public:
  MoneyAudit(World& world, const Orders& orders)
      : world_(world), orders_(orders), history_(world.stage().history), inquiry_(world) {}

  void Run() {
    std::set<std::string> intents;
    for (const auto& [id, one] : orders_) intents.insert(one.snapshot().payment_intent_id());
    for (const std::string& id : intents) CheckIntent(id);
    CheckConfirmations();
    CheckAuthorizations();
    CheckLedger();
    CheckPayouts();
  }

 private:
  void CheckIntent(const std::string& id);
  void CheckShare(const Intent& intent, const Share& share);
  void CheckConfirmations();
  void CheckAuthorizations();
  void CheckLedger();
  void CheckPayouts();

  World& world_;
  const Orders& orders_;
  History& history_;
  Inquiry inquiry_;
  std::int64_t cash_ = 0;  // Paid at the door.
};

void MoneyAudit::CheckIntent(const std::string& id) {
  payment::GetPaymentIntentRequest get;
  get.set_intent_id(id);
  const auto answer = inquiry_.Ask<payment::GetPaymentIntentResponse>("operator/auditor", get);
  if (!answer.ok()) return history_.Fail("P-2 a healthy store answers", answer.status().ToString());
  const Intent& intent = answer->payment_intent();
  std::int64_t shares = 0;
  for (const Share& share : intent.shares()) shares += share.amount().minor_units();
  if (shares != intent.amount().minor_units()) {
    history_.Fail("I-14 shares add up to the payment",
                  absl::StrFormat("%s: %d of %d", id, shares, intent.amount().minor_units()));
  }
  if (intent.state() == Intent::STATE_UNKNOWN || intent.state() == Intent::STATE_PROCESSING) {
    history_.Fail("I-24 what is unknown is found out",
                  "payment " + id + " is " + Intent::State_Name(intent.state()));
  }
  for (const payment::Refund& refund : intent.refunds()) {
    if (refund.state() == payment::Refund::STATE_SUCCEEDED || refund.state() == payment::Refund::STATE_FAILED)
      continue;
    history_.Fail("I-24 what is unknown is found out",
                  "refund " + refund.refund_id() + " of " + id + " is open");
  }
  for (const Share& share : intent.shares()) CheckShare(intent, share);
}

void MoneyAudit::CheckShare(const Intent& intent, const Share& share) {
  const std::string name = absl::StrFormat("order %s of payment %s", share.order_id(), intent.intent_id());
  if (share.state() == Share::STATE_CAPTURING || share.state() == Share::STATE_CAPTURE_UNKNOWN) {
    history_.Fail("I-24 what is unknown is found out", name + " is " + Share::State_Name(share.state()));
  }
  if (share.refunded().minor_units() + share.refund_pending().minor_units() >
      share.captured().minor_units()) {
    history_.Fail("I-22 refunded is at most what was captured", name);
  }
  const auto it = orders_.find(share.order_id());
  if (it == orders_.end()) return;
  const bool completed = it->second.state() == OrderState::STATE_COMPLETED;
  bool refund_failed = false;
  for (const payment::Refund& refund : intent.refunds()) {
    refund_failed |= refund.order_id() == share.order_id() && refund.state() == payment::Refund::STATE_FAILED;
  }
  const std::int64_t kept = share.captured().minor_units() - share.refunded().minor_units();
  const std::int64_t due = completed ? it->second.snapshot().total().minor_units() : 0;
  if (kept != due && !refund_failed) {
    history_.Fail("M-1 who gets her things pays for them, and nobody else",
                  absl::StrFormat("%s: %d kept, %d due", name, kept, due));
  }
  if (intent.method() == payment::PAYMENT_METHOD_CASH_ON_DELIVERY) cash_ += share.captured().minor_units();
  if (intent.method() != payment::PAYMENT_METHOD_CARD) return;
  const std::int64_t charged = world_.bank().CapturedFor(share.order_id());
  if (charged != share.captured().minor_units()) {
    history_.Fail("I-23 a claim is captured once",
                  absl::StrFormat("%s: the bank captured %d, we say %d", name, charged,
                                  share.captured().minor_units()));
  }
}

// A seller packs for money that is there, not for what a bank has promised. All clocks are one.
void MoneyAudit::CheckConfirmations() {
  std::map<std::string, absl::Time> captured;  // By order.
  ForEachEvent(world_.machine("payment"), [&](const event::v1::EventRecord& record) {
    payment::PaymentIntentEvent event;
    if (record.aggregate() != "payment_intent" || !event.ParseFromString(record.payload())) return;
    if (!event.has_share_captured()) return;
    captured.emplace(event.share_captured().order_id(), FromProto(record.record_time()));
  });
  ForEachEvent(world_.machine("order"), [&](const event::v1::EventRecord& record) {
    order::v1::OrderEvent event;
    if (record.aggregate() != "order" || !event.ParseFromString(record.payload())) return;
    if (!event.has_confirmed()) return;
    const order::v1::OrderRef& one = event.confirmed().order();
    if (one.payment_method() == order::v1::PAYMENT_METHOD_CASH_ON_DELIVERY) return;
    const auto it = captured.find(one.order_id());
    if (it != captured.end() && it->second <= FromProto(record.record_time())) return;
    history_.Fail("M-3 an order is packed for money that is there",
                  "order " + one.order_id() + " was confirmed before its money was captured");
  });
}

// No buyer's card stays blocked for what she does not get.
void MoneyAudit::CheckAuthorizations() {
  for (const auto& [reference, operation] : world_.bank().operations()) {
    if (operation.kind != Bank::Kind::kAuthorize || operation.state != Bank::State::kDone) continue;
    if (operation.used > 0 || operation.token == "tok_capture_fails") continue;
    history_.Fail("I-19 a failed checkout leaves nothing behind", "authorisation " + reference + " is alive");
  }
}

void MoneyAudit::CheckLedger() {
  const auto trial =
      inquiry_.Ask<payment::GetTrialBalanceResponse>("operator/auditor", payment::GetTrialBalanceRequest());
  if (!trial.ok()) return history_.Fail("P-2 a healthy store answers", trial.status().ToString());
  if (trial->difference() != 0) {
    history_.Fail("I-28 every entry sums to zero",
                  absl::StrFormat("the ledger is off by %d", trial->difference()));
  }
  if (!trial->sellers_match())
    history_.Fail("I-31 a balance is the fold of its entries", "sellers' balances differ");
  for (const payment::Balance& balance : trial->sellers()) {
    const bool negative =
        balance.pending() < 0 || balance.available() < 0 || balance.in_transit() < 0 || balance.debt() < 0;
    if (negative || (balance.debt() > 0 && balance.available() > 0)) {
      history_.Fail("I-29 no balance is negative", balance.ShortDebugString());
    }
  }
  for (const payment::AccountTotal& account : trial->accounts()) {
    if (account.account() == "assets/psp-cash") {
      const std::int64_t truth = world_.bank().Balance() + cash_;
      if (account.balance() != truth) {
        history_.Fail("I-30 our cash is what the bank has",
                      absl::StrFormat("%d in the ledger, %d at the bank", account.balance(), truth));
      }
    }
    if (account.account() == "liab/buyer-clearing" && account.balance() != 0) {
      history_.Fail("I-30 nothing is left in clearing", absl::StrFormat("%d", account.balance()));
    }
    if (account.account() == "liab/refunds-payable" && account.balance() != 0) {
      history_.Fail("I-30 nothing is left in clearing",
                    absl::StrFormat("%d to be refunded", account.balance()));
    }
  }
}

void MoneyAudit::CheckPayouts() {
  for (const auto& [id, amount] : world_.testimony().payouts) {
    payment::GetPayoutRequest get;
    get.set_payout_id(id);
    const auto answer = inquiry_.Ask<payment::GetPayoutResponse>("operator/auditor", get);
    if (!answer.ok()) {
      history_.Fail("P-3 what people were told is so", "payout " + id + ": " + answer.status().ToString());
      continue;
    }
    const payment::Payout::State state = answer->payout().state();
    if (state != payment::Payout::STATE_PAID && state != payment::Payout::STATE_FAILED) {
      history_.Fail("I-24 what is unknown is found out",
                    "payout " + id + " is " + payment::Payout::State_Name(state));
    }
    std::int64_t paid = 0;
    for (const auto& [reference, operation] : world_.bank().operations()) {
      const bool mine = operation.kind == Bank::Kind::kPayout && reference.find(id) != std::string::npos;
      if (mine && operation.state == Bank::State::kDone) paid += operation.amount.minor_units;
    }
    if (paid != (state == payment::Payout::STATE_PAID ? amount : 0)) {
      history_.Fail("I-33 a payout is paid once", absl::StrFormat("payout %s: %d of %d", id, paid, amount));
    }
  }
}

}  // namespace

void AuditMoney(World& world, const Orders& orders) { MoneyAudit(world, orders).Run(); }

}  // namespace souk::simulation
