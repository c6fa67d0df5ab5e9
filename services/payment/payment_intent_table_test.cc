// Payment intents as a whole: every command in every phase, all short sequences of
// commands, and all orders in which the provider may speak.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "libs/testing/explore.h"
#include "services/payment/payment_intent_fixture.h"

namespace souk::payment {
namespace {

using testing::Noon;
using Kind = ProviderResult::Kind;
using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;

// "+": makes events. ".": changes nothing. Otherwise the reason, or the code.
template <typename Command>
std::string Cell(const v1::PaymentIntentState& state, const Command& command) {
  const auto events = PaymentIntent::Decide(state, command, Noon() + absl::Hours(24 * 30));
  if (events.ok()) return events->empty() ? "." : "+";
  if (Reason(events.status()) == "ILLEGAL_TRANSITION") return "illegal";
  if (Reason(events.status()) == "REFUND_EXCEEDS_CAPTURED") return "exceeds";
  if (absl::IsNotFound(events.status())) return "unknown";
  return "invalid";
}

// One row: Authorize Void Expire Claim Cancel Receive Transfer Refund RefundHeld.
std::string Row(const v1::PaymentIntentState& s) {
  const std::string order = "g-1.1";
  std::string row;
  for (const std::string& cell :
       {Cell(s, Authorize{}), Cell(s, Void{}), Cell(s, Expire{}), Cell(s, ClaimCapture{order}),
        Cell(s, CancelShare{.order_id = order}), Cell(s, RecordReceipt{order}), Cell(s, Transfer("r-9", 100)),
        Cell(s, RefundOrder{.refund_id = "f-9", .order_id = order, .amount = Euros(100)}),
        Cell(s, RefundHeldFunds{.refund_id = "f-9"})}) {
    row += (row.empty() ? "" : " ") + cell;
  }
  return row;
}

void CheckInvariants(const v1::PaymentIntentState& state, const std::string& path) {
  INFO(path);
  std::int64_t authorised = 0;
  std::map<std::string, std::int64_t> live;
  for (const v1::Refund& refund : state.intent().refunds()) {
    if (refund.state() != v1::Refund::STATE_FAILED) live[refund.order_id()] += refund.amount().minor_units();
  }
  bool captured = false;
  for (const Share& share : state.intent().shares()) {
    authorised += share.amount().minor_units();
    captured = captured || share.captured().minor_units() > 0;
    CHECK(share.captured().minor_units() <= share.amount().minor_units());
    CHECK(Refundable(share) >= 0);
    CHECK(share.refunded().minor_units() + share.refund_pending().minor_units() == live[share.order_id()]);
  }
  CHECK(authorised == state.intent().amount().minor_units());
  CHECK(Held(state) >= 0);
  if (state.intent().state() == Intent::STATE_VOIDED) CHECK_FALSE(captured);
}

}  // namespace

TEST_CASE("what each command does in each phase of a payment") {
  const std::string id = kAuthorization;
  Payment none;
  Payment created = Payment().Do(NewCardIntent());
  Payment processing = Payment(created).Do(Authorize{});
  Payment unknown = Payment(processing).Do(Unknown(id));
  Payment action = Payment(processing).Do(Says(id, Kind::kActionRequired));
  Payment declined = Payment(processing).Do(Fails(id));
  Payment voided = Payment(created).Do(Void{});
  Payment awaiting = Payment().Do(NewTransferIntent());
  Payment expired = Payment(awaiting).Do(Expire{}, Noon() + absl::Hours(120));
  Payment funded = Payment(awaiting).Do(Transfer("r-1", 10'001));
  Payment cash = Payment().Do(NewCashIntent());

  //                                authorize void expire claim cancel receive transfer refund refund-held
  CHECK(Row(none.state) == "unknown unknown unknown unknown unknown unknown unknown unknown unknown");
  CHECK(Row(created.state) == "+ + . illegal + + illegal illegal exceeds");
  CHECK(Row(processing.state) == ". + . illegal + + illegal illegal exceeds");
  CHECK(Row(unknown.state) == ". + . illegal + + illegal illegal exceeds");
  CHECK(Row(action.state) == ". + . illegal + + illegal illegal exceeds");
  CHECK(Row(Authorized().state) == ". + + + + + illegal illegal exceeds");
  CHECK(Row(Captured().state) == ". illegal . . + + illegal + exceeds");
  CHECK(Row(declined.state) == "+ + . illegal + + illegal illegal exceeds");
  CHECK(Row(voided.state) == "illegal . . illegal + + illegal illegal exceeds");
  CHECK(Row(awaiting.state) == ". + + . + + + illegal exceeds");
  CHECK(Row(expired.state) == ". . . . + + + illegal exceeds");
  CHECK(Row(funded.state) == ". illegal . . + + + + +");
  CHECK(Row(cash.state) == ". + . . + + illegal illegal exceeds");
}

TEST_CASE("no sequence of commands and answers breaks a card payment") {
  testing::Explorer<PaymentIntent> explorer(Noon());
  explorer.Add("claim", ClaimCapture{"g-1.1"});
  explorer.Add("cancel", CancelShare{.order_id = "g-1.1"});
  explorer.Add("cancel other", CancelShare{.order_id = "g-1.2"});
  explorer.Add("void", Void{.reason = "late"});
  explorer.Add("authorised", Succeeds(kAuthorization));
  explorer.Add("declined", Fails(kAuthorization));
  explorer.Add("silence", Unknown(kAuthorization));
  explorer.Add("captured", Succeeds(kCapture));
  explorer.Add("not captured", Fails(kCapture));
  explorer.Add("freed", Succeeds(kVoiding));
  explorer.Add("not freed", Fails(kVoiding));
  explorer.Add("refund", RefundOrder{.refund_id = "f-1", .order_id = "g-1.1", .amount = Euros(3'500)});
  explorer.Add("refunded", Succeeds("refund/i-1/f-1"));
  explorer.Add("not refunded", Fails("refund/i-1/f-1"));
  explorer.Check(CheckInvariants);
  explorer.CheckTransition([](const auto& before, const auto& after, const std::string& path) {
    INFO(path);
    if (before.intent().state() == Intent::STATE_VOIDED)
      CHECK(after.intent().state() == Intent::STATE_VOIDED);
  });
  CHECK(explorer.Run(5, Payment().Do(NewCardIntent()).Do(Authorize{}).state) > 10'000);
  CHECK(explorer.Run(4, Authorized().Do(ClaimCapture{"g-1.1"}).Do(Unknown(kCapture)).state) > 1'000);
}

TEST_CASE("no sequence of transfers, refunds and cancellations breaks a transfer payment") {
  testing::Explorer<PaymentIntent> explorer(Noon());
  explorer.Add("a part", Transfer("r-1", 4'000));
  explorer.Add("the rest", Transfer("r-2", 6'000));
  explorer.Add("too much", Transfer("r-3", 12'000));
  explorer.Add("cancel", CancelShare{.order_id = "g-1.1"});
  explorer.Add("cancel other", CancelShare{.order_id = "g-1.2"});
  explorer.Add("refund", RefundOrder{.refund_id = "f-1", .order_id = "g-1.1", .amount = Euros(3'500)});
  explorer.Add("not refunded", Fails("refund/i-1/f-1"));
  explorer.Add("refund rest", RefundHeldFunds{.refund_id = "f-2"});
  explorer.Add("void", Void{.reason = "late"});
  explorer.Add("expire", Expire{});
  explorer.AddWait("six days", absl::Hours(144));
  explorer.Check(CheckInvariants);
  CHECK(explorer.Run(5, Payment().Do(NewTransferIntent()).state) > 10'000);
}

TEST_CASE("a payment ends in the same way in whatever order the provider speaks, and however often") {
  struct Story {
    std::string name;
    Payment start;
    std::vector<RecordOutcome> messages;
  };
  const Payment capturing = Authorized().Do(ClaimCapture{"g-1.1"});
  const Payment cancelled = Payment(capturing).Do(CancelShare{.order_id = "g-1.1"});
  const Payment processing = Payment().Do(NewCardIntent()).Do(Authorize{});
  const Payment both = Payment(capturing).Do(ClaimCapture{"g-1.2"});
  const std::vector<Story> stories = {
      {"authorised",
       processing,
       {Succeeds(kAuthorization), Succeeds(kAuthorization), Unknown(kAuthorization)}},
      {"declined", processing, {Fails(kAuthorization), Fails(kAuthorization), Unknown(kAuthorization)}},
      {"accepted first",
       processing,
       {Says(kAuthorization, Kind::kPending), Unknown(kAuthorization), Succeeds(kAuthorization),
        Succeeds(kAuthorization)}},
      {"captured", capturing, {Succeeds(kCapture), Succeeds(kCapture), Unknown(kCapture)}},
      {"cancelled meanwhile", cancelled, {Succeeds(kCapture), Succeeds(kCapture), Unknown(kCapture)}},
      {"two captures", both, {Succeeds(kCapture), Fails("capture/i-1/g-1.2"), Unknown(kCapture)}}};
  for (const Story& story : stories) {
    INFO(story.name);
    std::vector<std::size_t> order(story.messages.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::string expected;
    do {
      Payment payment = story.start;
      for (const std::size_t i : order) payment.Do(story.messages[i]);
      // How often it was asked about is no part of how it ended.
      for (auto& operation : *payment.state.mutable_operations()) operation.clear_attempts();
      if (expected.empty()) expected = payment.state.DebugString();
      CHECK(payment.state.DebugString() == expected);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

}  // namespace souk::payment
