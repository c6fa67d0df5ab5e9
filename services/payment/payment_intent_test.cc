#include "services/payment/payment_intent.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/payment/payment_intent_fixture.h"

namespace souk::payment {
namespace {

using testing::Noon;
using testing::Spec;
using IntentSpec = Spec<PaymentIntent>;
using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;
using Kind = ProviderResult::Kind;

constexpr char kParties[] = "parties { intent_id: 'i-1' group_id: 'g-1' buyer_id: 'b-1' }";

std::string With(std::string_view format) {
  std::string text(format);
  const std::size_t at = text.find("PARTIES");
  return at == std::string::npos ? text : text.replace(at, 7, kParties);
}

// What React starts because of the last event.
std::vector<EffectIntent> Started(const Payment& payment, absl::Time now = Noon()) {
  Reactions reactions;
  PaymentIntent::React(PaymentIntent::Id::Of("i-1"), payment.state, payment.events.back(), now, reactions);
  return reactions.started();
}

}  // namespace

TEST_CASE("shares must be positive, of one currency, and add up to the amount") {
  CreateIntent create = NewCardIntent();
  create.amount = Euros(10'001);
  IntentSpec().When(create).ThenFails(absl::StatusCode::kInvalidArgument);
  create = NewCardIntent();
  create.shares[0].shipping.currency_code = "BRL";
  IntentSpec().When(create).ThenFails(absl::StatusCode::kInvalidArgument);
  create = NewCardIntent();
  create.shares[0].items = Euros(4'000);
  IntentSpec().When(create).ThenFails(absl::StatusCode::kInvalidArgument);
  create = NewCardIntent();
  create.shares.clear();
  create.amount = Euros(0);
  IntentSpec().When(create).ThenFails(absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a payment is created once; other content needs another payment") {
  const Payment created = Payment().Do(NewCardIntent());
  CHECK(created.phase() == Intent::STATE_CREATED);
  CHECK(created.share(0).commission().minor_units() == 480);
  IntentSpec().Given(created.events).When(NewCardIntent()).Then({});
  CreateIntent other = NewCardIntent();
  other.shares[0].seller_id = "s-3";
  IntentSpec()
      .Given(created.events)
      .When(other)
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("the provider is asked to authorise with a reference of ours") {
  IntentSpec()
      .Given(Payment().Do(NewCardIntent()).events)
      .When(Authorize{})
      .Then({"authorization_started { reference: 'authorize/i-1/1' card_token: 'tok_ok' }"});
  const auto effects = Started(Payment().Do(NewCardIntent()).Do(Authorize{}));
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].kind == "submit");
  CHECK(effects[0].key == "authorize/i-1/1");
}

TEST_CASE("a declined card can be tried again with another one") {
  const Payment declined = Payment().Do(NewCardIntent()).Do(Authorize{}).Do(Fails(kAuthorization));
  CHECK(declined.phase() == Intent::STATE_DECLINED);
  CHECK(declined.state.intent().decline_code() == "card_declined");
  IntentSpec()
      .Given(declined.events)
      .When(Authorize{.card_token = "tok_other"})
      .Then({"authorization_started { reference: 'authorize/i-1/2' card_token: 'tok_other' }"});
}

TEST_CASE("a card that nobody named cannot be authorised") {
  CreateIntent create = NewCardIntent();
  create.card_token.clear();
  IntentSpec()
      .Given(Payment().Do(create).events)
      .When(Authorize{})
      .ThenFails(absl::StatusCode::kInvalidArgument);
}

TEST_CASE("an unknown outcome ends only by evidence") {
  Payment payment = Payment().Do(NewCardIntent()).Do(Authorize{}).Do(Unknown(kAuthorization));
  CHECK(payment.phase() == Intent::STATE_UNKNOWN);
  payment.Do(Authorize{}).Do(Void{.reason = "late"}).Do(Expire{}, Noon() + absl::Hours(1000));
  CHECK(payment.phase() == Intent::STATE_UNKNOWN);
  payment.Do(Unknown(kAuthorization, 1)).Do(Unknown(kAuthorization, 2));
  CHECK(payment.phase() == Intent::STATE_UNKNOWN);
  payment.Do(Fails(kAuthorization));
  CHECK(payment.phase() == Intent::STATE_VOIDED);
}

TEST_CASE("an unknown outcome is asked about after five minutes, an hour, and five days") {
  Payment payment = Payment().Do(NewCardIntent()).Do(Authorize{});
  const std::vector<absl::Duration> pauses = {absl::Minutes(5), absl::Hours(1),  absl::Hours(24),
                                              absl::Hours(24),  absl::Hours(24), absl::Hours(24),
                                              absl::Hours(24)};
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    payment.Do(Unknown(kAuthorization, static_cast<std::int32_t>(i)));
    const auto effects = Started(payment);
    REQUIRE(effects.size() == 1);
    CHECK(effects[0].kind == "resolve");
    CHECK(effects[0].due == Noon() + pauses[i]);
  }
  payment.Do(Unknown(kAuthorization, 7));
  CHECK(Started(payment).empty());
  CHECK(payment.phase() == Intent::STATE_UNKNOWN);
}

TEST_CASE("a payment given up while nothing is known is voided when it turns out authorised") {
  Payment payment = Payment().Do(NewCardIntent()).Do(Authorize{}).Do(Unknown(kAuthorization));
  payment.Do(Void{.reason = "hold_expired"}).Do(Succeeds(kAuthorization));
  CHECK(payment.state.intent().void_requested());
  CHECK(payment.events.back().void_started().reference() == kVoiding);
  IntentSpec()
      .Given(payment.events)
      .When(ClaimCapture{.order_id = "g-1.1"})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
  CHECK(payment.Do(Succeeds(kVoiding)).phase() == Intent::STATE_VOIDED);
}

TEST_CASE("a payment that waits for the buyer is freed at the provider before it is given up") {
  Payment waiting =
      Payment().Do(NewCardIntent()).Do(Authorize{}).Do(Says(kAuthorization, Kind::kActionRequired));
  CHECK(waiting.phase() == Intent::STATE_ACTION_REQUIRED);
  CHECK(waiting.state.action_url() == "https://bank.example");
  waiting.Do(Void{.reason = "late"});
  Payment freed_first = waiting, confirmed_first = waiting;
  freed_first.Do(Succeeds(kVoiding)).Do(Succeeds(kAuthorization));
  confirmed_first.Do(Succeeds(kAuthorization)).Do(Succeeds(kVoiding));
  CHECK(freed_first.phase() == Intent::STATE_VOIDED);
  CHECK(confirmed_first.phase() == Intent::STATE_VOIDED);
}

TEST_CASE("a card that could not be freed is free when the authorisation ends") {
  Payment payment = Authorized().Do(Void{.reason = "late"}).Do(Fails(kVoiding));
  CHECK(payment.phase() == Intent::STATE_AUTHORIZED);
  payment.Do(Expire{}, Noon() + kAuthorizationWindow - absl::Seconds(1));
  CHECK(payment.phase() == Intent::STATE_AUTHORIZED);
  payment.Do(Expire{}, Noon() + kAuthorizationWindow);
  CHECK(payment.phase() == Intent::STATE_VOIDED);
}

TEST_CASE("an authorised card is captured order by order") {
  Payment payment = Authorized();
  CHECK(payment.phase() == Intent::STATE_AUTHORIZED);
  IntentSpec()
      .Given(payment.events)
      .When(ClaimCapture{.order_id = "g-1.1"})
      .Then({"capture_claimed { order_id: 'g-1.1' reference: 'capture/i-1/g-1.1'"
             "  amount { currency_code: 'EUR' minor_units: 6000 } }"});
  payment.Do(ClaimCapture{.order_id = "g-1.1"}).Do(Succeeds(kCapture));
  CHECK(payment.share(0).captured().minor_units() == 6'000);
  CHECK(payment.share(1).captured().minor_units() == 0);
  const auto effects = Started(payment);
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].kind == "settle");
  CHECK(effects[0].payload == "g-1.1");
}

TEST_CASE("a capture is asked for once, however often the order says so") {
  IntentSpec().Given(Captured().events).When(ClaimCapture{.order_id = "g-1.1"}).Then({});
  IntentSpec().Given(Captured().events).When(Succeeds(kCapture)).Then({});
}

TEST_CASE("a capture that the provider refuses is told with its reason") {
  Payment payment = Authorized().Do(ClaimCapture{.order_id = "g-1.1"});
  IntentSpec()
      .Given(payment.events)
      .When(Fails(kCapture))
      .Then({With("capture_failed { PARTIES order_id: 'g-1.1' seller_id: 's-1'"
                  "  reference: 'capture/i-1/g-1.1' failure_code: 'card_declined' }")});
  payment.Do(Fails(kCapture)).Do(CancelShare{.order_id = "g-1.1", .reason = "payment_failed"});
  CHECK(payment.state.intent().refunds().empty());
}

TEST_CASE("money that was captured is refunded, not voided") {
  IntentSpec()
      .Given(Captured().events)
      .When(Void{.reason = "late"})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("cancelling a captured order gives all its money back") {
  Payment payment = Captured().Do(CancelShare{.order_id = "g-1.1", .reason = "changed_mind"});
  REQUIRE(payment.state.intent().refunds_size() == 1);
  CHECK(payment.refund(0).amount().minor_units() == 6'000);
  CHECK(payment.refund(0).commission().minor_units() == 480);
  CHECK(payment.share(0).refund_pending().minor_units() == 6'000);
  IntentSpec().Given(payment.events).When(CancelShare{.order_id = "g-1.1"}).Then({});
  payment.Do(Succeeds(payment.state.operations(2).reference()));
  CHECK(payment.share(0).refunded().minor_units() == 6'000);
  CHECK(payment.share(0).refund_pending().minor_units() == 0);
}

TEST_CASE("an order cancelled while its capture is under way is refunded once it is captured") {
  Payment payment = Authorized().Do(ClaimCapture{.order_id = "g-1.1"}).Do(Unknown(kCapture));
  CHECK(payment.share(0).state() == Share::STATE_CAPTURE_UNKNOWN);
  payment.Do(CancelShare{.order_id = "g-1.1", .reason = "changed_mind"});
  CHECK(payment.state.intent().refunds().empty());
  payment.Do(Succeeds(kCapture));
  REQUIRE(payment.state.intent().refunds_size() == 1);
  CHECK(payment.refund(0).amount().minor_units() == 6'000);
}

TEST_CASE("a card is freed when all its orders are cancelled before anything was captured") {
  Payment payment = Authorized().Do(CancelShare{.order_id = "g-1.1"});
  CHECK_FALSE(payment.state.intent().void_requested());
  payment.Do(CancelShare{.order_id = "g-1.2"}).Do(Succeeds(kVoiding));
  CHECK(payment.phase() == Intent::STATE_VOIDED);
}

}  // namespace souk::payment
