// The whole ledger of one payment and its sellers: after every step of all short sequences
// of what may happen, debits equal credits; when all is done, nothing is left on the
// accounts in between.
#include "services/payment/seller_ledger.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "libs/eventsourcing/aggregate_type.h"
#include "services/payment/earning.h"
#include "services/payment/ledger.h"
#include "services/payment/money_proto.h"
#include "services/payment/payment_intent_fixture.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

using testing::Noon;

// Runs commands on aggregates in memory. A copy is another world.
class MemoryUnit final : public Unit {
 public:
  absl::Time now() const override { return Noon(); }

  std::vector<v1::JournalEntry> journal;

 private:
  static std::unique_ptr<AggregateType> TypeOf(std::string_view aggregate) {
    if (aggregate == SellerAccount::kName) return std::make_unique<AggregateTypeOf<SellerAccount>>();
    if (aggregate == Earning::kName) return std::make_unique<AggregateTypeOf<Earning>>();
    if (aggregate == Payout::kName) return std::make_unique<AggregateTypeOf<Payout>>();
    return std::make_unique<AggregateTypeOf<BankAccount>>();
  }

  StatusOr<const google::protobuf::MessageLite*> LoadState(std::string_view aggregate,
                                                           std::string_view id) override {
    loaded_ = TypeOf(aggregate)->NewState();
    loaded_->ParseFromString(states_[std::string(aggregate) + "/" + std::string(id)]);
    return loaded_.get();
  }

  StatusOr<std::shared_ptr<const google::protobuf::Message>> ShareState(std::string_view aggregate,
                                                                        std::string_view id) override {
    RETURN_IF_ERROR(LoadState(aggregate, id).status());
    return loaded_;
  }

  Status Stage(std::string_view aggregate, std::string_view id,
               const google::protobuf::Message& event) override {
    const auto type = TypeOf(aggregate);
    const auto state = type->NewState();
    std::string& stored = states_[std::string(aggregate) + "/" + std::string(id)];
    state->ParseFromString(stored);
    type->Evolve(*state, event);
    stored = state->SerializeAsString();
    if (aggregate == SellerAccount::kName) {
      journal.push_back(static_cast<const v1::SellerAccountEvent&>(event).entry_posted().entry());
    }
    return OkStatus();
  }

  std::map<std::string, std::string> states_;
  std::shared_ptr<google::protobuf::Message> loaded_;
};

// A payment of two orders, its sellers, and their journal.
struct World {
  Payment payment;
  MemoryUnit sellers;

  // The command, if it is allowed now. Entries of the payment go to the journal, too.
  template <typename Command>
  bool Try(const Command& command) {
    const auto events = PaymentIntent::Decide(payment.state, command, Noon());
    if (!events.ok() || events->empty()) return false;
    for (const v1::PaymentIntentEvent& event : *events) {
      PaymentIntent::Evolve(payment.state, event);
      if (event.has_share_captured()) sellers.journal.push_back(event.share_captured().entry());
      if (event.has_funds_received()) sellers.journal.push_back(event.funds_received().entry());
      if (event.refund_requested().has_entry()) sellers.journal.push_back(event.refund_requested().entry());
      if (event.has_refund_succeeded()) sellers.journal.push_back(event.refund_succeeded().entry());
      if (event.refund_failed().has_entry()) sellers.journal.push_back(event.refund_failed().entry());
    }
    return true;
  }

  bool Settle() {
    const std::size_t before = sellers.journal.size();
    for (const v1::PaymentShare& share : payment.state.intent().shares()) {
      const Status settled = SettleOrder(sellers, payment.state.intent(), share);
      INFO(settled.ToString());
      REQUIRE(settled.ok());
    }
    return sellers.journal.size() > before;
  }

  std::map<std::string, std::int64_t> Accounts() const {
    std::map<std::string, std::int64_t> accounts;
    for (const v1::JournalEntry& entry : sellers.journal) {
      for (const v1::Posting& posting : entry.postings())
        accounts[posting.account()] += posting.minor_units();
    }
    return accounts;
  }

  v1::Balance Balance(const std::string& seller_id) {
    return BalanceIn(**sellers.Load<SellerAccount>(SellerAccount::Id::Of(seller_id)), "EUR");
  }

  void CheckTrialBalance() {
    std::int64_t sum = 0;
    std::map<std::string, std::int64_t> accounts = Accounts();
    for (const auto& [account, balance] : accounts) sum += balance;
    CHECK(sum == 0);
    std::map<std::string, int> ids;
    for (const v1::JournalEntry& entry : sellers.journal) CHECK(++ids[entry.entry_id()] == 1);
    for (const std::string seller : {"s-1", "s-2"}) {
      const v1::Balance balance = Balance(seller);
      CHECK(balance.pending() >= 0);
      CHECK(balance.available() >= 0);
      CHECK(balance.in_transit() >= 0);
      CHECK(balance.debt() >= 0);
      CHECK((balance.debt() == 0 || balance.available() == 0));
      CHECK(accounts[ledger::Pending(seller)] == -balance.pending());
      CHECK(accounts[ledger::Available(seller)] == -balance.available());
      CHECK(accounts[ledger::InTransit(seller)] == -balance.in_transit());
      CHECK(accounts[ledger::Debt(seller)] == balance.debt());
    }
  }

  // Lets all that is under way end well, and checks that nothing is left in between.
  void Finish() {
    for (bool more = true; more;) {
      more = false;
      const v1::PaymentIntentState now = payment.state;
      for (const v1::ProviderOperation& operation : now.operations()) {
        if (!Ended(operation)) more = Try(Succeeds(operation.reference())) || more;
      }
    }
    Settle();
    CHECK_FALSE(Settle());  // Once more posts nothing.
    CheckTrialBalance();
    std::map<std::string, std::int64_t> accounts = Accounts();
    // Only what sellers owe can be missing at the provider.
    CHECK(accounts[ledger::kPspCash] + accounts[ledger::Debt("s-1")] + accounts[ledger::Debt("s-2")] >= 0);
    for (const auto& [account, balance] : accounts) {
      CAPTURE(account);
      const std::string kind = ledger::KindOf(account);
      if (kind == "liab/buyer-clearing" || kind == "liab/refunds-payable") CHECK(balance == 0);
      if (kind == "liab/funds-held") CHECK(-balance == Held(payment.state));
    }
    // Nothing remains of the commission on what went back as a whole.
    std::int64_t commission = 0;
    for (const v1::PaymentShare& share : payment.state.intent().shares()) {
      if (share.captured().minor_units() > share.refunded().minor_units() &&
          share.refunded().minor_units() == 0) {
        commission += share.commission().minor_units();
      }
      if (share.refunded().minor_units() > 0 && Refundable(share) > 0) return;  // In parts: rounded.
    }
    CHECK(-accounts[ledger::kCommission] == commission);
  }
};

using Step = std::pair<std::string, std::function<bool(World&)>>;

template <typename Command>
Step Does(std::string name, Command command) {
  return {std::move(name), [command](World& world) { return world.Try(command); }};
}

// Takes `amount` from a seller's balance for good.
Step PaysOut(std::string seller_id, std::int64_t amount) {
  return {
      "pay out", [=](World& world) {
        if (world.Balance(seller_id).available() < amount) return false;
        const std::string id = seller_id + "~p";
        for (const v1::JournalEntry& entry : {ledger::PayoutRequested(seller_id, id, Euros(amount), Noon()),
                                              ledger::PayoutPaid(seller_id, id, Euros(amount), Noon())}) {
          for (const v1::JournalEntry& posted : world.sellers.journal) {
            if (posted.entry_id() == entry.entry_id()) return false;
          }
          REQUIRE(world.sellers.Execute<SellerAccount>(SellerAccount::Id::Of(seller_id), Post{entry}).ok());
        }
        return true;
      }};
}

// Tries all sequences of steps that change something; returns how many worlds it saw.
int Explore(World& world, const std::vector<Step>& steps, int depth, const std::string& path) {
  int worlds = 1;
  {
    INFO(path);
    world.CheckTrialBalance();
    World(world).Finish();
  }
  if (depth == 0) return worlds;
  for (const auto& [name, step] : steps) {
    World next = world;
    if (step(next)) worlds += Explore(next, steps, depth - 1, path + ", " + name);
  }
  return worlds;
}

}  // namespace

TEST_CASE("the trial balance is zero after every step of a card payment, and clearing is empty in the end") {
  World world;
  world.Try(NewCardIntent());
  world.Try(Authorize{});
  world.Try(Succeeds(kAuthorization));
  const std::vector<Step> steps = {
      Does("claim", ClaimCapture{"g-1.1"}),
      Does("captured", Succeeds(kCapture)),
      Does("received", RecordReceipt{"g-1.1"}),
      Does("refund a part", RefundOrder{.refund_id = "f-1", .order_id = "g-1.1", .amount = Euros(2'501)}),
      Does("cancel", CancelShare{.order_id = "g-1.1"}),
      Does("refunded", Succeeds("refund/i-1/f-1")),
      Does("not refunded", Fails("refund/i-1/f-1")),
      {"settle", [](World& w) { return w.Settle(); }},
      PaysOut("s-1", 5'520)};
  CHECK(Explore(world, steps, 8, "authorised") > 500);
}

TEST_CASE("the trial balance is zero after every step of a transfer payment") {
  World world;
  world.Try(NewTransferIntent());
  const std::vector<Step> steps = {Does("a part", Transfer("r-1", 4'000)),
                                   Does("too much", Transfer("r-2", 7'000)),
                                   Does("cancel", CancelShare{.order_id = "g-1.1"}),
                                   Does("cancel other", CancelShare{.order_id = "g-1.2"}),
                                   Does("void", Void{.reason = "late"}),
                                   Does("received", RecordReceipt{"g-1.2"}),
                                   Does("refund rest", RefundHeldFunds{.refund_id = "f-2"}),
                                   Does("not refunded", Fails("refund/i-1/f-2")),
                                   {"settle", [](World& w) { return w.Settle(); }}};
  CHECK(Explore(world, steps, 6, "awaiting") > 500);
}

TEST_CASE("the trial balance is zero after every step of a cash payment") {
  World world;
  world.Try(NewCashIntent());
  const std::vector<Step> steps = {Does("received", RecordReceipt{"g-1.1"}),
                                   Does("other received", RecordReceipt{"g-1.2"}),
                                   Does("cancel", CancelShare{.order_id = "g-1.2"}),
                                   Does("refund", RefundOrder{.refund_id = "f-1", .order_id = "g-1.1"}),
                                   Does("refunded", Succeeds("refund/i-1/f-1")),
                                   {"settle", [](World& w) { return w.Settle(); }}};
  CHECK(Explore(world, steps, 6, "awaiting") > 50);
}

TEST_CASE("earnings are pending until the buyer has the order, less our commission") {
  World world;
  world.Try(NewCardIntent());
  world.Try(Authorize{});
  world.Try(Succeeds(kAuthorization));
  world.Try(ClaimCapture{"g-1.1"});
  world.Try(Succeeds(kCapture));
  world.Settle();
  CHECK(world.Balance("s-1").pending() == 5'520);
  CHECK(world.Balance("s-2").pending() == 0);
  world.Try(RecordReceipt{"g-1.1"});
  world.Settle();
  CHECK(world.Balance("s-1").pending() == 0);
  CHECK(world.Balance("s-1").available() == 5'520);
  CHECK(world.Accounts()[ledger::kCommission] == -480);
}

TEST_CASE("a refund after the payout is a debt of the seller") {
  World world;
  world.Try(NewCashIntent());
  world.Try(RecordReceipt{"g-1.1"});
  world.Settle();
  CHECK(PaysOut("s-1", 5'000).second(world));
  world.Try(RefundOrder{.refund_id = "f-1", .order_id = "g-1.1"});
  world.Settle();
  CHECK(world.Balance("s-1").available() == 0);
  CHECK(world.Balance("s-1").debt() == 5'000);
  world.Finish();
}

TEST_CASE("a payout needs a verified account of the seller, and returns when it fails") {
  World world;
  world.Try(NewCashIntent());
  world.Try(RecordReceipt{"g-1.1"});
  world.Settle();
  const RequestPayout request{
      .payout_id = "s-1~p", .seller_id = "s-1", .amount = Euros(5'000), .bank_account_id = "s-1~b"};
  CHECK(absl::IsNotFound(StartPayout(world.sellers, request)));
  const BankAccount::Id account = BankAccount::Id::Of("s-1~b");
  REQUIRE(
      world.sellers.Execute<BankAccount>(account, Add{.bank_account_id = "s-1~b", .seller_id = "s-1"}).ok());
  CHECK(Reason(StartPayout(world.sellers, request)) == "BANK_ACCOUNT_UNVERIFIED");
  REQUIRE(world.sellers.Execute<BankAccount>(account, Verify{}).ok());
  REQUIRE(StartPayout(world.sellers, request).ok());
  REQUIRE(StartPayout(world.sellers, request).ok());  // The same request pays once.
  CHECK(world.Balance("s-1").available() == 520);
  CHECK(world.Balance("s-1").in_transit() == 5'000);
  // A refund meanwhile makes a debt, which what returns repays.
  world.Try(RefundOrder{.refund_id = "f-1", .order_id = "g-1.1", .amount = Euros(2'000)});
  world.Settle();
  CHECK(world.Balance("s-1").debt() == 1'320);
  const RecordPayoutOutcome failed{
      .result = {.kind = ProviderResult::Kind::kFailed, .code = "account_closed"}};
  REQUIRE(RecordPayout(world.sellers, Payout::Id::Of("s-1~p"), failed).ok());
  REQUIRE(RecordPayout(world.sellers, Payout::Id::Of("s-1~p"), failed).ok());
  CHECK(world.Balance("s-1").in_transit() == 0);
  CHECK(world.Balance("s-1").debt() == 0);
  CHECK(world.Balance("s-1").available() == 3'680);
  CHECK((*world.sellers.Load<BankAccount>(account))->bank_account().state() ==
        v1::BankAccount::STATE_BLOCKED);
  world.Finish();
}

}  // namespace souk::payment
