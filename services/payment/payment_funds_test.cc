// Transfers, cash and refunds of payment intents.
#include <catch2/catch.hpp>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/payment/ledger.h"
#include "services/payment/payment_intent_fixture.h"

namespace souk::payment {
namespace {

using testing::Noon;
using testing::Spec;
using IntentSpec = Spec<PaymentIntent>;
using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;

Payment Awaiting() { return Payment().Do(NewTransferIntent()); }
Payment Funded() { return Awaiting().Do(Transfer("r-1", 10'000)); }
RefundOrder Refund(std::string id, std::optional<std::int64_t> cents) {
  RefundOrder refund{.refund_id = std::move(id), .order_id = "g-1.1", .reason = "damaged"};
  if (cents.has_value()) refund.amount = Euros(*cents);
  return refund;
}
std::string RefundReference(const std::string& id) { return "refund/i-1/" + id; }

}  // namespace

TEST_CASE("a transfer has a reference, an account and a deadline five days ahead") {
  const Payment payment = Awaiting();
  CHECK(payment.phase() == Intent::STATE_AWAITING_FUNDS);
  CHECK(payment.state.reference().size() == std::string("SOUK-1A2B-3C4D-5E6F-7081").size());
  CHECK(payment.state.reference().starts_with("SOUK-"));
  CHECK(payment.state.iban() == "DE89 3704 0044 0532 0130 00");
  CHECK(FromProto(payment.state.deadline()) == Noon() + absl::Hours(120));
  CHECK(Outstanding(payment.state) == 10'000);
}

TEST_CASE("a complete transfer is captured for every order at once") {
  const Payment payment = Funded();
  CHECK(payment.phase() == Intent::STATE_FUNDED);
  REQUIRE(payment.events.size() == 4);
  CHECK(payment.events[1].funds_received().full());
  CHECK(payment.share(0).state() == Share::STATE_CAPTURED);
  CHECK(payment.share(1).state() == Share::STATE_CAPTURED);
  CHECK(Held(payment.state) == 0);
}

TEST_CASE("a part of a transfer is recorded and waits for the rest") {
  Payment payment = Awaiting().Do(Transfer("r-1", 4'000));
  CHECK(payment.phase() == Intent::STATE_AWAITING_FUNDS);
  CHECK(Outstanding(payment.state) == 6'000);
  CHECK_FALSE(payment.events.back().funds_received().full());
  payment.Do(Transfer("r-2", 6'000));
  CHECK(payment.phase() == Intent::STATE_FUNDED);
}

TEST_CASE("the same transfer is counted once") {
  IntentSpec().Given(Awaiting().Do(Transfer("r-1", 4'000)).events).When(Transfer("r-1", 4'000)).Then({});
}

TEST_CASE("a transfer has the payment's currency, is positive, and not of tomorrow") {
  const auto events = Awaiting().events;
  RecordFunds funds = Transfer("r-1", 100);
  funds.amount.currency_code = "BRL";
  IntentSpec().Given(events).When(funds).ThenFails(absl::StatusCode::kInvalidArgument);
  IntentSpec().Given(events).When(Transfer("r-1", 0)).ThenFails(absl::StatusCode::kInvalidArgument);
  funds = Transfer("r-1", 100);
  funds.occur_time = Noon() + absl::Seconds(1);
  IntentSpec().Given(events).When(funds).ThenFails(absl::StatusCode::kInvalidArgument);
}

TEST_CASE("overpaid money is visible, and goes back once") {
  Payment payment = Awaiting().Do(Transfer("r-1", 12'500));
  CHECK(payment.phase() == Intent::STATE_FUNDED);
  CHECK(Overpaid(payment.state) == 2'500);
  payment.Do(RefundHeldFunds{.refund_id = "f-1", .amount = Euros(2'000)});
  CHECK(Overpaid(payment.state) == 500);
  IntentSpec()
      .Given(payment.events)
      .When(RefundHeldFunds{.refund_id = "f-2", .amount = Euros(501)})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "REFUND_EXCEEDS_CAPTURED");
  payment.Do(Fails(RefundReference("f-1")));
  CHECK(Overpaid(payment.state) == 2'500);
}

TEST_CASE("a transfer that is not complete at its deadline expires, and what came goes back") {
  Payment payment = Awaiting().Do(Transfer("r-1", 4'000));
  payment.Do(Expire{}, Noon() + absl::Hours(119));
  CHECK(payment.phase() == Intent::STATE_AWAITING_FUNDS);
  payment.Do(Expire{}, Noon() + absl::Hours(120));
  CHECK(payment.phase() == Intent::STATE_EXPIRED);
  REQUIRE(payment.state.intent().refunds_size() == 1);
  CHECK(payment.refund(0).amount().minor_units() == 4'000);
  CHECK(payment.refund(0).order_id().empty());
  CHECK(Held(payment.state) == 0);
}

TEST_CASE("money for a closed payment goes back by itself") {
  Payment payment = Awaiting().Do(Expire{}, Noon() + absl::Hours(120)).Do(Transfer("r-1", 10'000));
  CHECK(payment.phase() == Intent::STATE_EXPIRED);
  REQUIRE(payment.state.intent().refunds_size() == 1);
  CHECK(payment.refund(0).amount().minor_units() == 10'000);
}

TEST_CASE("cancelling one of two unpaid orders leaves the other one to be paid") {
  Payment payment = Awaiting().Do(Transfer("r-1", 4'000)).Do(CancelShare{.order_id = "g-1.1"});
  CHECK(payment.phase() == Intent::STATE_FUNDED);
  CHECK(payment.share(0).state() == Share::STATE_CANCELLED);
  CHECK(payment.share(1).state() == Share::STATE_CAPTURED);
  CHECK(Overpaid(payment.state) == 0);
}

TEST_CASE("cancelling all unpaid orders closes the payment and returns what came") {
  Payment payment = Awaiting().Do(Transfer("r-1", 3'000));
  payment.Do(CancelShare{.order_id = "g-1.1"}).Do(CancelShare{.order_id = "g-1.2"});
  CHECK(payment.phase() == Intent::STATE_VOIDED);
  REQUIRE(payment.state.intent().refunds_size() == 1);
  CHECK(payment.refund(0).amount().minor_units() == 3'000);
}

TEST_CASE("cash is counted at the door, order by order") {
  Payment payment = Payment().Do(NewCashIntent());
  CHECK(payment.phase() == Intent::STATE_AWAITING_FUNDS);
  payment.Do(RecordReceipt{.order_id = "g-1.1"});
  CHECK(payment.share(0).state() == Share::STATE_CAPTURED);
  CHECK(payment.phase() == Intent::STATE_AWAITING_FUNDS);
  CHECK(Outstanding(payment.state) == 4'000);
  payment.Do(RecordReceipt{.order_id = "g-1.2"});
  CHECK(payment.phase() == Intent::STATE_FUNDED);
  CHECK(payment.state.intent().received().minor_units() == 10'000);
  IntentSpec().Given(payment.events).When(RecordReceipt{.order_id = "g-1.2"}).Then({});
}

TEST_CASE("a cash order that comes back unpaid is simply cancelled") {
  Payment payment = Payment().Do(NewCashIntent());
  payment.Do(CancelShare{.order_id = "g-1.1"}).Do(RecordReceipt{.order_id = "g-1.2"});
  CHECK(payment.phase() == Intent::STATE_FUNDED);
  CHECK(payment.state.intent().refunds().empty());
}

TEST_CASE("two refunds at once never give back more than was captured") {
  Payment payment = Captured().Do(Refund("f-1", 4'000));
  IntentSpec()
      .Given(payment.events)
      .When(Refund("f-2", 2'001))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "REFUND_EXCEEDS_CAPTURED");
  payment.Do(Refund("f-2", 2'000));
  IntentSpec()
      .Given(payment.events)
      .When(Refund("f-3", std::nullopt))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "REFUND_EXCEEDS_CAPTURED");
}

TEST_CASE("a failed refund is refundable again") {
  Payment payment = Captured().Do(Refund("f-1", 6'000)).Do(Fails(RefundReference("f-1")));
  CHECK(payment.refund(0).state() == v1::Refund::STATE_FAILED);
  CHECK(payment.refund(0).failure_code() == "card_declined");
  CHECK(Refundable(payment.share(0)) == 6'000);
  payment.Do(Refund("f-2", std::nullopt)).Do(Succeeds(RefundReference("f-2")));
  CHECK(payment.share(0).refunded().minor_units() == 6'000);
  CHECK(Refundable(payment.share(0)) == 0);
}

TEST_CASE("an unknown refund keeps its amount reserved") {
  Payment payment = Captured().Do(Refund("f-1", 6'000)).Do(Unknown(RefundReference("f-1")));
  CHECK(payment.refund(0).state() == v1::Refund::STATE_UNKNOWN);
  CHECK(Refundable(payment.share(0)) == 0);
}

TEST_CASE("refunds in parts give back all commission in the end, and never more than their amount") {
  for (const std::int64_t part : {1, 7, 333, 999, 2'500, 5'999}) {
    CAPTURE(part);
    Payment payment = Captured();
    std::int64_t commission = 0;
    for (int i = 0; Refundable(payment.share(0)) > 0; ++i) {
      const std::int64_t amount = std::min(part * (i + 1), Refundable(payment.share(0)));
      payment.Do(Refund("f-" + std::to_string(i), amount));
      const std::int64_t given_back = payment.refund(i).commission().minor_units();
      CHECK(given_back >= 0);
      CHECK(given_back <= amount);
      commission += given_back;
    }
    CHECK(commission == 480);
  }
}

TEST_CASE("a refund of an order that was not captured is refused") {
  IntentSpec()
      .Given(Authorized().events)
      .When(Refund("f-1", 100))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  RefundOrder other = Refund("f-1", 100);
  other.order_id = "g-9.9";
  IntentSpec().Given(Captured().events).When(other).ThenFails(absl::StatusCode::kNotFound);
}

}  // namespace souk::payment
