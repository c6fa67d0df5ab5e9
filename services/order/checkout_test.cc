#include "services/order/checkout.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/order/checkout_pricing.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using State = Checkout::State;
using Event = Checkout::Event;
using CheckoutSpec = testing::Spec<Checkout>;

type::v1::Money Euros(std::int64_t minor_units) {
  type::v1::Money money;
  money.set_currency_code("EUR");
  money.set_minor_units(minor_units);
  return money;
}

const Start kStart = {.checkout_id = "k-1",
                      .cart_id = "c-1",
                      .buyer_id = "b-1",
                      .language_code = "en",
                      .expire_after = absl::Hours(24)};
SetAddress Address() {
  SetAddress command{.contact = {}, .region_code = "DE", .postal_code = "10115"};
  command.contact.set_ciphertext("sealed");
  return command;
}
const SetAddress kAddress = Address();
const SelectDelivery kDelivery = {.seller_id = "s-1", .option_id = "parcel", .seller_in_cart = true};
const SelectPaymentMethod kPayment = {.method = v1::PAYMENT_METHOD_CARD, .card_token = "tok"};
const RequestPlacement kPlace = {.expected_total = Euros(1000), .attempt_limit = absl::Minutes(10)};
RecordPrices Prices() {
  v1::OrderSnapshot order;
  order.set_order_id("k-1.1");
  *order.mutable_total() = Euros(1000);
  return {.attempt = 1, .orders = {order}};
}
const RecordPrices kPrices = Prices();
const RecordStockHeld kHeld = {.attempt = 1};
const RecordPaymentWait kPending = {
    .attempt = 1, .action_required = false, .poll_after = absl::Seconds(5), .wait_limit = absl::Hours(1)};
const RecordPaymentWait kAction = {
    .attempt = 1, .action_required = true, .poll_after = absl::Seconds(5), .wait_limit = absl::Minutes(15)};
RejectAttempt Rejection() {
  return {.attempt = 1, .failure = ToFailure(Rejected("OUT_OF_STOCK", {{"available", "0"}}, "gone"))};
}
const RejectAttempt kReject = Rejection();
const EndAttempt kEnd = {.attempt = 1, .expire_after = absl::Hours(24)};
const MarkPlaced kPlaced = {.attempt = 1, .order_ids = {"k-1.1"}};

template <typename... Commands>
std::vector<Event> History(const Commands&... commands) {
  State state;
  std::vector<Event> history;
  const auto run = [&](const auto& command) {
    const auto events = Checkout::Decide(std::as_const(state), command, Noon());
    INFO(events.status().ToString());
    REQUIRE(events.ok());
    for (const Event& event : *events) {
      Checkout::Evolve(state, event);
      history.push_back(event);
    }
  };
  (run(commands), ...);
  return history;
}
template <typename... Commands>
std::vector<Event> Filled(const Commands&... commands) {
  return History(kStart, kAddress, kDelivery, kPayment, commands...);
}

State StateAfter(const std::vector<Event>& history) {
  State state;
  for (const Event& event : history) Checkout::Evolve(state, event);
  return state;
}

TEST_CASE("a checkout is filled in, in any order") {
  const State forward = StateAfter(History(kStart, kAddress, kDelivery, kPayment));
  const State backward = StateAfter(History(kStart, kPayment, kDelivery, kAddress));
  CHECK(forward.SerializeAsString() == backward.SerializeAsString());
  CheckoutSpec().Given(Filled()).When(kPlace).state();
}

TEST_CASE("an address and a payment method are needed to place") {
  CheckoutSpec()
      .Given(History(kStart, kPayment))
      .When(kPlace)
      .ThenFails(StatusCode::kFailedPrecondition, "CHECKOUT_INCOMPLETE");
  CheckoutSpec()
      .Given(History(kStart, kAddress))
      .When(kPlace)
      .ThenFails(StatusCode::kFailedPrecondition, "CHECKOUT_INCOMPLETE");
}

TEST_CASE("the choice of delivery is kept by seller, in the order of their ids") {
  const auto choose = [](std::string seller, std::string option) {
    return SelectDelivery{
        .seller_id = std::move(seller), .option_id = std::move(option), .seller_in_cart = true};
  };
  const State checkout = StateAfter(
      History(kStart, choose("s-2", "a"), choose("s-3", "b"), choose("s-1", "c"), choose("s-2", "d")));
  std::string all;
  for (const v1::DeliverySelection& d : checkout.deliveries())
    all += d.seller_id() + "=" + d.option_id() + " ";
  CHECK(all == "s-1=c s-2=d s-3=b ");
}

TEST_CASE("the second click of a double click joins the first") {
  CheckoutSpec().Given(Filled(kPlace)).When(kPlace).Then({});
  CheckoutSpec().Given(Filled(kPlace, kPrices, kHeld)).When(kPlace).Then({});
  CheckoutSpec().Given(Filled(kPlace, kPrices, kHeld, kPlaced)).When(kPlace).Then({});
  const RequestPlacement other{.expected_total = Euros(1), .attempt_limit = absl::Minutes(10)};
  CheckoutSpec()
      .Given(Filled(kPlace))
      .When(other)
      .ThenFails(StatusCode::kFailedPrecondition, "CHECKOUT_IN_PROGRESS");
}

TEST_CASE("after a failed attempt the checkout is open again and tells why") {
  const State checkout = StateAfter(Filled(kPlace, kPrices, kReject, kEnd));
  CHECK(checkout.state() == State::STATE_OPEN);
  CHECK(Reason(ToStatus(checkout.failure())) == "OUT_OF_STOCK");
  CHECK(ToStatus(checkout.failure()).message() == "gone");
  const State again = StateAfter(Filled(kPlace, kPrices, kReject, kEnd, kPlace));
  CHECK(again.state() == State::STATE_PLACING);
  CHECK(again.attempt() == 2);
  CHECK_FALSE(again.has_failure());
  CHECK(again.orders().empty());
}

TEST_CASE("what a former attempt found out changes nothing") {
  const std::vector<Event> second = Filled(kPlace, kReject, kEnd, kPlace);
  CheckoutSpec().Given(second).When(kPrices).Then({});
  CheckoutSpec().Given(second).When(kReject).Then({});
  CheckoutSpec().Given(second).When(kEnd).Then({});
  CheckoutSpec().Given(second).When(kPlaced).ThenFails(StatusCode::kFailedPrecondition);
}

TEST_CASE("nothing is placed once an attempt is being undone") {
  CheckoutSpec()
      .Given(Filled(kPlace, kPrices, kHeld, kReject))
      .When(kPlaced)
      .ThenFails(StatusCode::kFailedPrecondition);
  CheckoutSpec()
      .Given(Filled(kPlace, kPrices, kHeld, kAction, CancelCheckout{}))
      .When(kPlaced)
      .ThenFails(StatusCode::kFailedPrecondition);
}

TEST_CASE("a checkout that waits for the payment can be called off") {
  for (const RecordPaymentWait& wait : {kPending, kAction}) {
    const State checkout = StateAfter(Filled(kPlace, kPrices, kHeld, wait, CancelCheckout{}));
    CHECK(checkout.state() == State::STATE_UNDOING);
    CHECK(StateAfter(Filled(kPlace, kPrices, kHeld, wait, CancelCheckout{}, kEnd)).state() ==
          State::STATE_CANCELLED);
  }
}

TEST_CASE("the wait for a payment is limited, however often it is asked for") {
  const State first = StateAfter(Filled(kPlace, kPrices, kHeld, kPending));
  CHECK(FromProto(first.wait_until_time()) == Noon() + absl::Hours(1));
  const State later = CheckoutSpec()
                          .At(Noon() + absl::Minutes(59))
                          .Repeatable()
                          .Given(Filled(kPlace, kPrices, kHeld, kPending))
                          .When(kPending)
                          .state();
  CHECK(FromProto(later.wait_until_time()) == Noon() + absl::Hours(1));
}

TEST_CASE("a checkout that was cancelled or has expired can be started again") {
  CHECK(StateAfter(Filled(CancelCheckout{}, kStart)).state() == State::STATE_OPEN);
  std::vector<Event> history = Filled();
  CheckoutSpec().At(Noon() + absl::Hours(23)).Given(history).When(Expire{}).Then({});
  history.emplace_back().mutable_expired();
  CheckoutSpec().At(Noon() + absl::Hours(24)).Given(Filled()).When(Expire{}).Then({"expired {}"});
  const State again = StateAfter([&] {
    State expired = StateAfter(history);
    const auto events = Checkout::Decide(expired, kStart, Noon());
    history.push_back(events->front());
    return history;
  }());
  CHECK(again.state() == State::STATE_OPEN);
  CHECK(again.region_code() == "DE");
}

// -- Effects --

std::map<std::string, absl::Time> EffectsAfter(const std::vector<Event>& history) {
  State state;
  std::map<std::string, absl::Time> effects;
  for (const Event& event : history) {
    Checkout::Evolve(state, event);
    Reactions reactions;
    Checkout::React(CheckoutId::Of("k-1"), state, event, Noon(), reactions);
    for (const EffectIntent& cancelled : reactions.cancelled()) effects.erase(cancelled.kind);
    for (const EffectIntent& started : reactions.started()) effects[started.kind] = started.due;
  }
  return effects;
}
using Effects = std::map<std::string, absl::Time>;

TEST_CASE("whatever a checkout waits for, something will go on with it") {
  const absl::Time at_once = absl::InfinitePast();
  const absl::Time in_a_day = Noon() + absl::Hours(24);
  const absl::Time poll = Noon() + absl::Seconds(5);
  CHECK(EffectsAfter(Filled()) == Effects{{kExpireTimer, in_a_day}});
  CHECK(EffectsAfter(Filled(kPlace)) == Effects{{kPlaceEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld)) == Effects{{kPlaceEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kPending)) == Effects{{kPlaceEffect, poll}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kAction)) == Effects{{kPlaceEffect, poll}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kAction, Resume{})) == Effects{{kPlaceEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kAction, CancelCheckout{})) ==
        Effects{{kPlaceEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kReject)) == Effects{{kPlaceEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kReject, kEnd)) == Effects{{kExpireTimer, in_a_day}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kPlaced)) == Effects{{kSettleEffect, at_once}});
  CHECK(EffectsAfter(Filled(kPlace, kPrices, kHeld, kPlaced, Settle{})).empty());
  CHECK(EffectsAfter(Filled(CancelCheckout{})).empty());
}

TEST_CASE("delivery is chosen for sellers in the cart; what was chosen stays chosen") {
  const SelectDelivery stranger{.seller_id = "s-9", .option_id = "parcel"};
  CheckoutSpec()
      .Given(History(kStart))
      .When(stranger)
      .ThenFails(StatusCode::kFailedPrecondition, "SELLER_NOT_IN_CART");
  // Asked again after her last product has left the cart, the answer is the same.
  SelectDelivery again = kDelivery;
  again.seller_in_cart = false;
  CheckoutSpec().Given(History(kStart, kDelivery)).When(again).Then({});
}

// -- All commands in all states --

TEST_CASE("what a checkout allows in which state") {
  SetAddress elsewhere = kAddress;
  elsewhere.contact.set_ciphertext("other");
  const SelectDelivery pickup{.seller_id = "s-1", .option_id = "pickup", .seller_in_cart = true};
  const SelectPaymentMethod cash{.method = v1::PAYMENT_METHOD_CASH_ON_DELIVERY, .card_token = ""};
  const auto table = testing::CommandTable<Checkout>(Noon())
                         .Add(kStart)
                         .Add(elsewhere)
                         .Add(pickup)
                         .Add(cash)
                         .Add(kPlace)
                         .Add(CancelCheckout{})
                         .Add(kPrices)
                         .Add(kHeld)
                         .Add(kPending)
                         .Add(Resume{})
                         .Add(kReject)
                         .Add(kEnd)
                         .Add(kPlaced)
                         .Add(Settle{});
  // start address delivery payment place cancel | prices held wait resume reject end placed settle
  const std::vector<std::pair<std::vector<Event>, std::string>> rows = {
      {{}, "+-----======!-"},
      {Filled(), "=+++++======!!"},
      {Filled(kPlace), "=!!!=!+===+=!!"},
      {Filled(kPlace, kPrices), "=!!!=!=+==+=!!"},
      {Filled(kPlace, kPrices, kHeld), "=!!!=!==+=+=+!"},
      {Filled(kPlace, kPrices, kHeld, kPending), "=!!!=+==+++=+!"},
      {Filled(kPlace, kPrices, kHeld, kAction), "=!!!=+==+++=+!"},
      {Filled(kPlace, kReject), "=!!!=!=====+!!"},
      {Filled(kPlace, kPrices, kHeld, kPlaced), "=!!!=!=======+"},
      {Filled(CancelCheckout{}), "+!!!!=======!!"},
  };
  for (const auto& [history, expected] : rows) {
    const State state = StateAfter(history);
    INFO(State::State_Name(state.state()));
    CHECK(table.RowOf(state) == expected);
  }
}

TEST_CASE("whatever happens in whatever order, a checkout places once and never without a payment step") {
  testing::Explorer<Checkout> explorer(Noon());
  explorer.Add("place", kPlace);
  explorer.Add("cancel", CancelCheckout{});
  explorer.Add("prices", kPrices);
  explorer.Add("held", kHeld);
  explorer.Add("pending", kPending);
  explorer.Add("action", kAction);
  explorer.Add("resume", Resume{});
  explorer.Add("reject", kReject);
  explorer.Add("end", kEnd);
  explorer.Add("placed", kPlaced);
  explorer.Add("start", kStart);
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    const bool pivot = before.state() != State::STATE_PLACED && after.state() == State::STATE_PLACED;
    const bool from_payment = before.state() == State::STATE_STOCK_HELD || AwaitsPayment(before.state());
    if (before.state() == State::STATE_PLACED && after.state() != State::STATE_PLACED) FAIL(path);
    if (pivot && (!from_payment || before.orders().empty())) FAIL(path);
    const bool reopened = after.state() == State::STATE_OPEN && before.state() != after.state();
    const bool fair = before.state() == State::STATE_UNDOING || before.state() == State::STATE_CANCELLED;
    if (reopened && !fair) FAIL(path);
  });
  CHECK(explorer.Run(6, StateAfter(Filled())) > 10'000);
}

// -- Prices --

Offers Catalogue() {
  return FromText<Offers>(R"(
      offers { product_id: "cup" seller_id: "s-2" title: "Cup" price { currency_code: "EUR" minor_units: 900 }
               available_quantity: 5 saleable: true delivery_profile_id: "p" weight_grams: 300 }
      offers { product_id: "jug" seller_id: "s-1" title: "Jug" price { currency_code: "EUR" minor_units: 2500 }
               available_quantity: 1 saleable: true }
      offers { product_id: "yen" seller_id: "s-1" price { currency_code: "JPY" minor_units: 10 }
               available_quantity: 1 saleable: true }
      offers { product_id: "old" seller_id: "s-1" price { currency_code: "EUR" minor_units: 10 }
               available_quantity: 9 saleable: false })");
}

TEST_CASE("a cart becomes one order per seller, numbered in the order of their ids") {
  const std::vector<WantedProduct> wanted = {{"cup", 2}, {"jug", 1}};
  const Draft draft = DraftOrders("k-1", "b-1", wanted, Catalogue());
  REQUIRE(draft.problems.empty());
  REQUIRE(draft.orders.size() == 2);
  CHECK(draft.orders[0].seller_id() == "s-1");
  CHECK(draft.orders[0].order_id() == "k-1.1");
  CHECK(draft.orders[1].order_id() == "k-1.2");
  CHECK(draft.orders[1].items_total().minor_units() == 1800);
  CHECK(TotalOf(draft.orders).minor_units() == 4300);
}

TEST_CASE("what cannot be bought is named") {
  const auto reason = [](std::vector<WantedProduct> wanted) {
    const Draft draft = DraftOrders("k-1", "b-1", wanted, Catalogue());
    REQUIRE(draft.problems.size() == 1);
    return Reason(ToStatus(draft.problems[0]));
  };
  CHECK(reason({}) == "CART_EMPTY");
  CHECK(reason({{"jug", 2}}) == "OUT_OF_STOCK");
  CHECK(reason({{"old", 1}}) == "PRODUCT_UNAVAILABLE");
  CHECK(reason({{"cup", 1}, {"unknown", 1}}) == "PRODUCT_UNAVAILABLE");
  CHECK(reason({{"cup", 1}, {"yen", 1}}) == "CURRENCY_MISMATCH");
}

TEST_CASE("a price drop is passed on; a rise is refused until the buyer agrees") {
  CHECK(CheckTotal(Euros(999), Euros(1000)).ok());
  CHECK(CheckTotal(Euros(1000), Euros(1000)).ok());
  const Status rise = CheckTotal(Euros(1001), Euros(1000));
  CHECK(rise.code() == StatusCode::kAborted);
  CHECK(Reason(rise) == "TOTAL_CHANGED");
  CHECK(ValuesOfReason(rise).front() == std::pair<std::string, std::string>("new_total", "1001"));
  type::v1::Money dollars = Euros(1000);
  dollars.set_currency_code("USD");
  CHECK(Reason(CheckTotal(dollars, Euros(1000))) == "TOTAL_CHANGED");
}

TEST_CASE("only a way of delivery that was quoted can be chosen") {
  v1::OrderSnapshot order =
      DraftOrders("k-1", "b-1", std::vector<WantedProduct>{{"cup", 2}}, Catalogue()).orders[0];
  std::vector<shipping::v1::ShippingQuote> quotes(1);
  quotes[0].set_option_id("parcel");
  *quotes[0].mutable_cost() = Euros(490);
  CHECK(Reason(ApplyDelivery("", quotes, order)) == "CHECKOUT_INCOMPLETE");
  CHECK(Reason(ApplyDelivery("drone", quotes, order)) == "DELIVERY_UNAVAILABLE");
  REQUIRE(ApplyDelivery("parcel", quotes, order).ok());
  CHECK(order.total().minor_units() == 2290);
  CHECK(order.items_total().minor_units() + order.shipping_total().minor_units() ==
        order.total().minor_units());
}

}  // namespace
}  // namespace souk::order
