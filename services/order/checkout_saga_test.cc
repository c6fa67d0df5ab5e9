#include "services/order/checkout_saga.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/order/order_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/payment/events/v1/payment_events.pb.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using payment::v1::PaymentIntent;
using State = v1::CheckoutState;
using Cart = FakeWorld::Cart;

constexpr char kOneGroup[] = "1 groups, 2 orders";
constexpr char kNothing[] = "0 groups, 0 orders";

// Everything is as it must be when the orders are placed, and nothing is left over.
void CheckPlaced(FakeWorld& world) {
  CHECK(world.Placed() == kOneGroup);
  CHECK(world.cart == Cart::kCompleted);
  CHECK(world.CountHolds("held") == 0);
  CHECK(world.CountHolds("committed") == 2);
  CHECK(world.CountIntents(PaymentIntent::STATE_AUTHORIZED) == 1);
  CHECK(world.fixture.engine().partition(0).effects().set_aside() == 0);
}

void CheckNothingLeft(FakeWorld& world) {
  CHECK(world.Placed() == kNothing);
  CHECK(world.NothingReserved());
  CHECK(world.fixture.engine().partition(0).effects().set_aside() == 0);
}

TEST_CASE("a cart with products of two sellers becomes one purchase of two orders") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  CHECK(world.GetCheckout(id).total().minor_units() == FakeWorld::kTotal);
  CHECK(world.GetCheckout(id).problems().empty());
  const StatusOr<v1::Checkout> placed = world.PlaceOrder(id, "place");
  INFO(placed.status().ToString());
  REQUIRE(placed.ok());
  CHECK(placed->state() == State::STATE_PLACED);
  CHECK(placed->order_ids_size() == 2);
  CheckPlaced(world);

  const auto groups = world.fixture.PublicEvents<events::v1::OrderGroupPlaced>();
  const auto orders = world.fixture.PublicEvents<events::v1::OrderPlaced>();
  std::int64_t sum = 0;
  for (const auto& order : orders) sum += order.total().minor_units();
  CHECK(sum == groups.at(0).total().minor_units());
  CHECK(world.intents.at(groups.at(0).payment_intent_id()).amount().minor_units() == sum);
  CHECK(orders.at(0).seller_id() == "s-1");
  CHECK(orders.at(0).payment_method() == "card");
  CHECK(world.GetOrder(orders.at(0).order_id()).snapshot().shop_note() == "Thank you from s-1");
}

// The steps of the saga, with every call that it makes before and after the pivot.
const std::vector<std::pair<std::string, int>> kStepsBeforePivot = {
    {"FreezeCartRequest", 1},    {"GetOffersRequest", 1},           {"QuoteDeliveryRequest", 1},
    {"QuoteDeliveryRequest", 2}, {"GetSellerContactRequest", 1},    {"HoldStockRequest", 1},
    {"HoldStockRequest", 2},     {"CreatePaymentIntentRequest", 1}, {"AuthorizePaymentRequest", 1}};
const std::vector<std::pair<std::string, int>> kStepsAfterPivot = {
    {"CommitHoldRequest", 1}, {"CommitHoldRequest", 2}, {"CompleteCartRequest", 1}};

TEST_CASE("a rejection at any step leaves nothing held, frozen or authorised, and the buyer can try again") {
  for (const auto& [request, nth] : kStepsBeforePivot) {
    FakeWorld world;
    const std::string id = world.FillCheckout();
    const Fault fault = {.request = request, .nth = nth, .kind = Fault::Kind::kRejected};
    INFO(ToString(fault));
    world.Break(fault);
    const StatusOr<v1::Checkout> failed = world.PlaceOrder(id, "place-1");
    CHECK(failed.status().code() == StatusCode::kFailedPrecondition);
    CHECK(Reason(failed.status()) == "NO");
    CHECK(world.broken());
    CheckNothingLeft(world);
    const v1::Checkout checkout = world.GetCheckout(id);
    CHECK(checkout.state() == State::STATE_OPEN);
    CHECK(checkout.last_failure().reason() == "NO");
    CHECK(world.fixture.PublicEvents<events::v1::CheckoutFailed>().size() == 1);

    CHECK(Reason(world.PlaceOrder(id, "place-1").status()) == "NO");  // The same request: the same answer.
    REQUIRE(world.PlaceOrder(id, "place-2").ok());
    CheckPlaced(world);
  }
}

TEST_CASE("a passing fault or a crash at any step leads to exactly one purchase") {
  std::vector<std::pair<std::string, int>> steps = kStepsBeforePivot;
  steps.insert(steps.end(), kStepsAfterPivot.begin(), kStepsAfterPivot.end());
  for (const auto& [request, nth] : steps) {
    for (const Fault::Kind kind : {Fault::Kind::kUnreachable, Fault::Kind::kAnswerLost,
                                   Fault::Kind::kCrashBefore, Fault::Kind::kCrashAfter}) {
      FakeWorld world;
      const std::string id = world.FillCheckout();
      const Fault fault = {.request = request, .nth = nth, .kind = kind};
      INFO(ToString(fault));
      world.Break(fault);
      world.BeginPlaceOrder(id, "place");
      world.RunThroughFault();
      CHECK(world.broken());
      CheckPlaced(world);
      const StatusOr<v1::Checkout> again = world.PlaceOrder(id, "place");
      REQUIRE(again.ok());
      CHECK(again->state() == State::STATE_PLACED);
      CheckPlaced(world);
    }
  }
}

TEST_CASE("a passing fault or a crash while everything is undone leaves nothing behind either") {
  const std::vector<std::pair<std::string, int>> steps = {{"VoidPaymentRequest", 1},
                                                          {"ReleaseHoldRequest", 1},
                                                          {"ReleaseHoldRequest", 2},
                                                          {"UnfreezeCartRequest", 1}};
  for (const auto& [request, nth] : steps) {
    for (const Fault::Kind kind : {Fault::Kind::kUnreachable, Fault::Kind::kAnswerLost,
                                   Fault::Kind::kCrashBefore, Fault::Kind::kCrashAfter}) {
      FakeWorld world;
      const std::string id = world.FillCheckout();
      world.card_answer = PaymentIntent::STATE_DECLINED;
      const Fault fault = {.request = request, .nth = nth, .kind = kind};
      INFO(ToString(fault));
      world.Break(fault);
      world.BeginPlaceOrder(id, "place-1");
      world.RunThroughFault();
      CHECK(world.broken());
      CheckNothingLeft(world);
      CHECK(world.GetCheckout(id).last_failure().reason() == "PAYMENT_DECLINED");
      world.card_answer = PaymentIntent::STATE_AUTHORIZED;
      REQUIRE(world.PlaceOrder(id, "place-2").ok());
      CheckPlaced(world);
    }
  }
}

TEST_CASE("a double click gives exactly one purchase") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.BeginPlaceOrder(id, "click-1");
  world.BeginPlaceOrder(id, "click-2");
  world.fixture.Settle();
  CheckPlaced(world);
  const StatusOr<v1::Checkout> third = world.PlaceOrder(id, "click-3");
  REQUIRE(third.ok());
  CHECK(third->order_ids_size() == 2);
  CheckPlaced(world);
}

TEST_CASE("a total that rose is refused and nothing is reserved; one that fell is passed on") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.cup_price = 901;
  const StatusOr<v1::Checkout> refused = world.PlaceOrder(id, "place-1");
  CHECK(refused.status().code() == StatusCode::kAborted);
  CHECK(Reason(refused.status()) == "TOTAL_CHANGED");
  CHECK(ValuesOfReason(refused.status()).front() == std::pair<std::string, std::string>("new_total", "5282"));
  CHECK(world.holds.empty());
  CHECK(world.intents.empty());
  CheckNothingLeft(world);
  world.cup_price = 800;
  const StatusOr<v1::Checkout> placed = world.PlaceOrder(id, "place-2");
  REQUIRE(placed.ok());
  CHECK(placed->total().minor_units() == FakeWorld::kTotal - 200);
  CheckPlaced(world);
}

TEST_CASE("what is out of stock is told before anything is paid") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.stock["cup"] = 1;
  const Status status = world.PlaceOrder(id, "place").status();
  CHECK(status.code() == StatusCode::kFailedPrecondition);
  CHECK(Reason(status) == "OUT_OF_STOCK");
  CHECK(world.intents.empty());
  CheckNothingLeft(world);
  CHECK(world.GetCheckout(id).problems(0).reason() == "OUT_OF_STOCK");
  CHECK(world.GetCheckout(id).problems(0).available() == 1);
}

TEST_CASE("a declined card frees everything and tells the code") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_DECLINED;
  const Status status = world.PlaceOrder(id, "place").status();
  CHECK(status.code() == StatusCode::kFailedPrecondition);
  CHECK(Reason(status) == "PAYMENT_DECLINED");
  CHECK(ValuesOfReason(status).front().second == "insufficient_funds");
  CheckNothingLeft(world);
}

// -- Payments that take their time --

// The payment service has made up its mind.
void Decide(FakeWorld& world, PaymentIntent::State state) {
  for (auto& [id, intent] : world.intents) {
    if (intent.state() != PaymentIntent::STATE_VOIDED) intent.set_state(state);
  }
}

TEST_CASE("a buyer who has to confirm with the bank is told so, and the orders follow the confirmation") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_ACTION_REQUIRED;
  const StatusOr<v1::Checkout> waiting = world.PlaceOrder(id, "place");
  REQUIRE(waiting.ok());
  CHECK(waiting->state() == State::STATE_ACTION_REQUIRED);
  CHECK(world.intents.contains(waiting->payment_intent_id()));
  CHECK(world.Placed() == kNothing);
  CHECK(world.CountHolds("held") == 2);

  Decide(world, PaymentIntent::STATE_AUTHORIZED);
  payment::events::v1::PaymentAuthorized authorized;
  authorized.set_intent_id(waiting->payment_intent_id());
  authorized.set_group_id(id);
  REQUIRE(world.fixture.Deliver("payment", waiting->payment_intent_id(), authorized).ok());
  CHECK(world.GetCheckout(id).state() == State::STATE_PLACED);
  CheckPlaced(world);
}

TEST_CASE("a buyer who does not confirm in time loses nothing but the attempt") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_ACTION_REQUIRED;
  REQUIRE(world.PlaceOrder(id, "place").ok());
  world.fixture.AdvanceBy(absl::Minutes(14));
  CHECK(world.GetCheckout(id).state() == State::STATE_ACTION_REQUIRED);
  world.fixture.AdvanceBy(absl::Minutes(2));
  CHECK(world.GetCheckout(id).state() == State::STATE_OPEN);
  CHECK(world.GetCheckout(id).last_failure().reason() == "PAYMENT_TIMED_OUT");
  CheckNothingLeft(world);
}

TEST_CASE("an unknown outcome is asked for until it is known, never guessed") {
  for (const auto unknown : {PaymentIntent::STATE_UNKNOWN, PaymentIntent::STATE_PROCESSING}) {
    FakeWorld world;
    const std::string id = world.FillCheckout();
    world.card_answer = unknown;
    const StatusOr<v1::Checkout> waiting = world.PlaceOrder(id, "place");
    REQUIRE(waiting.ok());
    CHECK(waiting->state() == State::STATE_PAYMENT_PENDING);
    world.fixture.AdvanceBy(absl::Minutes(30));
    CHECK(world.Placed() == kNothing);
    CHECK(world.CountHolds("held") == 2);
    world.fixture.Restart();
    Decide(world, PaymentIntent::STATE_AUTHORIZED);
    world.fixture.AdvanceBy(absl::Minutes(6));
    CheckPlaced(world);
  }
}

TEST_CASE("a success after the wait is over is voided") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_UNKNOWN;
  REQUIRE(world.PlaceOrder(id, "place").ok());
  world.fixture.AdvanceBy(absl::Minutes(61));
  CHECK(world.GetCheckout(id).last_failure().reason() == "PAYMENT_TIMED_OUT");
  CheckNothingLeft(world);
  payment::events::v1::PaymentAuthorized late;
  late.set_group_id(id);
  REQUIRE(world.fixture.Deliver("payment", "i-1", late).ok());
  CheckNothingLeft(world);
}

TEST_CASE("a process that slept through the wait places nothing") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_UNKNOWN;
  world.Break({.request = "GetPaymentIntentRequest", .nth = 1, .kind = Fault::Kind::kCrashBefore});
  REQUIRE(world.PlaceOrder(id, "place").ok());
  world.fixture.AdvanceBy(absl::Hours(3));
  Decide(world, PaymentIntent::STATE_AUTHORIZED);
  world.RunThroughFault();
  CHECK(world.GetCheckout(id).last_failure().reason() == "PAYMENT_TIMED_OUT");
  CheckNothingLeft(world);
}

TEST_CASE("a checkout that waits for the payment can be cancelled, and the payment is voided") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.card_answer = PaymentIntent::STATE_ACTION_REQUIRED;
  REQUIRE(world.PlaceOrder(id, "place").ok());
  v1::CancelCheckoutRequest cancel;
  cancel.set_request_id("cancel");
  cancel.set_checkout_id(id);
  const auto cancelled = world.fixture.Call<v1::CancelCheckoutResponse>("buyer/b-1", cancel);
  REQUIRE(cancelled.ok());
  CHECK(cancelled->checkout().state() == State::STATE_CANCELLED);
  CheckNothingLeft(world);
}

TEST_CASE("services that are silent too long end the attempt") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.Break({.request = "AuthorizePaymentRequest", .nth = 1, .kind = Fault::Kind::kCrashBefore});
  world.BeginPlaceOrder(id, "place");
  world.fixture.Settle();
  world.fixture.AdvanceBy(absl::Minutes(30));
  CHECK(world.Placed() == kNothing);
  world.RunThroughFault();
  CHECK(world.GetCheckout(id).last_failure().reason() == "ATTEMPT_TIMED_OUT");
  CheckNothingLeft(world);
}

// -- After the pivot --

TEST_CASE("stock whose hold has ended is held again; when others took it the order is called off") {
  for (const bool enough : {true, false}) {
    FakeWorld world;
    const std::string id = world.FillCheckout();
    world.Break({.request = "CommitHoldRequest", .nth = 1, .kind = Fault::Kind::kCrashBefore});
    world.BeginPlaceOrder(id, "place");
    world.fixture.Settle();
    CHECK(world.Placed() == kOneGroup);
    for (auto& [hold_id, hold] : world.holds) {
      if (hold.product_id == "cup") hold.state = "expired";
    }
    world.stock["cup"] = enough ? 2 : 1;
    world.RunThroughFault();
    CHECK(world.cart == Cart::kCompleted);
    CHECK(world.CountHolds("committed") == (enough ? 2 : 1));
    const auto cancelled = world.fixture.PublicEvents<events::v1::OrderCancelled>();
    CHECK(cancelled.size() == (enough ? 0 : 1));
    if (!enough) CHECK(cancelled.at(0).reason() == "out_of_stock");
  }
}

TEST_CASE("the payment methods are the same here and at the payment service") {
  for (int value = 0; value < v1::PaymentMethod_ARRAYSIZE; ++value) {
    CHECK(v1::PaymentMethod_Name(value) == payment::v1::PaymentMethod_Name(value));
  }
  CHECK(v1::PaymentMethod_ARRAYSIZE == payment::v1::PaymentMethod_ARRAYSIZE);
}

}  // namespace
}  // namespace souk::order
