#include "services/order/order.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/order/order_group.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using State = Order::State;
using Event = Order::Event;
using OrderSpec = testing::Spec<Order>;

v1::OrderSnapshot Snapshot(v1::PaymentMethod method) {
  auto snapshot = FromText<v1::OrderSnapshot>(R"(
      order_id: "g-1.1" group_id: "g-1" buyer_id: "b-1" seller_id: "s-1" payment_intent_id: "pi-1"
      lines { line_id: "1" product_id: "cup" title: "Cup" quantity: 2
              unit_price { currency_code: "EUR" minor_units: 900 } amount { currency_code: "EUR" minor_units: 1800 } }
      lines { line_id: "2" product_id: "jug" title: "Jug" quantity: 1
              unit_price { currency_code: "EUR" minor_units: 2500 } amount { currency_code: "EUR" minor_units: 2500 } }
      items_total { currency_code: "EUR" minor_units: 4300 }
      shipping_total { currency_code: "EUR" minor_units: 490 }
      total { currency_code: "EUR" minor_units: 4790 }
      shop_note: "Thank you!")");
  snapshot.set_payment_method(method);
  *snapshot.mutable_delivery()->mutable_ship_by_time() = ToProto(Noon() + absl::Hours(48));
  return snapshot;
}

v1::OrderPolicy Policy() {
  const auto days = [](int n) {
    google::protobuf::Duration duration;
    duration.set_seconds(n * 86'400);
    return duration;
  };
  v1::OrderPolicy policy;
  *policy.mutable_unpaid_cancel_after() = days(5);
  *policy.mutable_auto_cancel_after_ship_by() = days(14);
  *policy.mutable_receive_after_delivery() = days(3);
  *policy.mutable_receive_after_dispatch() = days(14);
  *policy.mutable_receipt_reminder_after() = days(12);
  return policy;
}

Place PlaceBy(v1::PaymentMethod method) {
  return {.snapshot = Snapshot(method), .policy = Policy(), .paid = false};
}

v1::LineQuantity Part(const std::string& line_id, std::int64_t quantity) {
  v1::LineQuantity part;
  part.set_line_id(line_id);
  part.set_quantity(quantity);
  return part;
}

const RecordDispatch kDispatchAll = {.shipment_id = "g-1.1.s1",
                                     .lines = {Part("1", 2), Part("2", 1)},
                                     .carrier = "dhl",
                                     .tracking_code = "T1",
                                     .dispatch_time = Noon()};
const RecordDelivery kDelivery = {.shipment_id = "g-1.1.s1", .delivery_time = Noon()};
const ConfirmReceipt kBuyerHasIt = {.by = v1::PARTY_BUYER};
const Cancel kCancel = {.reason = v1::CANCEL_REASON_CHANGED_MIND, .by = v1::PARTY_BUYER};
const ConfirmPayment kMoneyIsThere = {};
const FailPayment kCaptureFails = {.failure_code = "card_expired"};

// What the commands lead to, from nothing.
template <typename... Commands>
std::vector<Event> History(const Commands&... commands) {
  State state;
  std::vector<Event> history;
  const auto run = [&](const auto& command) {
    const auto events = Order::Decide(std::as_const(state), command, Noon());
    INFO(events.status().ToString());
    REQUIRE(events.ok());
    for (const Event& event : *events) {
      Order::Evolve(state, event);
      history.push_back(event);
    }
  };
  (run(commands), ...);
  return history;
}
Place ByCard() { return PlaceBy(v1::PAYMENT_METHOD_CARD); }
Place ByTransfer() { return PlaceBy(v1::PAYMENT_METHOD_BANK_TRANSFER); }
Place InCash() { return PlaceBy(v1::PAYMENT_METHOD_CASH_ON_DELIVERY); }

State StateAfter(const std::vector<Event>& history) {
  State state;
  for (const Event& event : history) Order::Evolve(state, event);
  return state;
}

std::vector<std::string> Kinds(const std::vector<Event>& events) {
  std::vector<std::string> kinds;
  for (const Event& event : events) {
    kinds.push_back(Event::descriptor()->FindFieldByNumber(static_cast<int>(event.kind_case()))->name());
  }
  return kinds;
}
using Words = std::vector<std::string>;

TEST_CASE("an order paid by card is confirmed when its money is captured, not when it is promised") {
  CHECK(Kinds(History(ByCard())) == Words{"placed"});
  const State promised = StateAfter(History(ByCard()));
  CHECK(promised.state() == State::STATE_PLACED);
  CHECK(promised.payment() == State::PAYMENT_AUTHORIZED);
  CHECK(Kinds(History(ByCard(), kMoneyIsThere)) == Words{"placed", "confirmed"});
  const State paid = StateAfter(History(ByCard(), kMoneyIsThere));
  CHECK(paid.state() == State::STATE_AWAITING_DISPATCH);
  CHECK(paid.payment() == State::PAYMENT_PAID);
}

TEST_CASE("an order whose money is there before it is placed is confirmed at once") {
  Place early = ByTransfer();
  early.paid = true;
  CHECK(Kinds(History(early)) == Words{"placed", "confirmed"});
  CHECK(StateAfter(History(early)).payment() == State::PAYMENT_PAID);
}

TEST_CASE("nothing leaves before its money is there") {
  for (const Place& place : {ByCard(), ByTransfer()}) {
    OrderSpec()
        .Given(History(place))
        .When(kDispatchAll)
        .ThenFails(StatusCode::kFailedPrecondition, "ORDER_UNPAID");
  }
}

TEST_CASE("an order paid by bank transfer waits for the money") {
  CHECK(Kinds(History(ByTransfer())) == Words{"placed"});
  CHECK(StateAfter(History(ByTransfer())).state() == State::STATE_PLACED);
  const State paid = StateAfter(History(ByTransfer(), kMoneyIsThere));
  CHECK(paid.state() == State::STATE_AWAITING_DISPATCH);
  CHECK(paid.payment() == State::PAYMENT_PAID);
}

TEST_CASE("an order paid in cash goes on unpaid, and is paid when the cash is recorded") {
  const State order = StateAfter(History(InCash()));
  CHECK(order.state() == State::STATE_AWAITING_DISPATCH);
  CHECK(order.payment() == State::PAYMENT_UNPAID);
  const State paid = StateAfter(History(InCash(), kDispatchAll, kBuyerHasIt, kMoneyIsThere));
  CHECK(paid.state() == State::STATE_COMPLETED);
  CHECK(paid.payment() == State::PAYMENT_PAID);
}

TEST_CASE("an order is placed once") {
  OrderSpec().Given(History(ByCard(), kMoneyIsThere)).When(ByCard()).Then({});
  OrderSpec().Given(History(ByCard(), kMoneyIsThere)).When(ByTransfer()).Then({});
}

TEST_CASE("a placed order can be cancelled") {
  for (const Place& place : {ByCard(), ByTransfer(), InCash()}) {
    const State order = OrderSpec().Given(History(place)).When(kCancel).state();
    CHECK(order.state() == State::STATE_CANCELLED);
    CHECK(order.cancel_reason() == v1::CANCEL_REASON_CHANGED_MIND);
    CHECK(order.cancelled_by() == v1::PARTY_BUYER);
    for (const v1::LineProgress& line : order.lines()) CHECK(line.cancelled() == line.ordered());
  }
}

TEST_CASE("a dispatched order cannot be cancelled") {
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere, kDispatchAll))
      .When(kCancel)
      .ThenFails(StatusCode::kFailedPrecondition, "ORDER_DISPATCHED");
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt))
      .When(kCancel)
      .ThenFails(StatusCode::kFailedPrecondition, "ORDER_DISPATCHED");
  RecordDispatch part = kDispatchAll;
  part.lines = {Part("1", 1)};
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere, part))
      .When(kCancel)
      .ThenFails(StatusCode::kFailedPrecondition, "ORDER_DISPATCHED");
}

TEST_CASE("a cancellation tells whether the buyer had paid") {
  const auto cancelled = [](const std::vector<Event>& history) { return history.back().cancelled(); };
  CHECK(cancelled(History(ByCard(), kMoneyIsThere, kCancel)).paid());
  CHECK_FALSE(cancelled(History(ByCard(), kCancel)).paid());
  CHECK_FALSE(cancelled(History(ByTransfer(), kCancel)).paid());
  CHECK(cancelled(History(ByTransfer(), kMoneyIsThere, kCancel)).paid());
  CHECK_FALSE(cancelled(History(InCash(), kCancel)).paid());
  CHECK(cancelled(History(ByCard(), kMoneyIsThere, kCancel)).order().seller_id() == "s-1");
}

TEST_CASE("an order is dispatched when its last piece has left") {
  RecordDispatch first = kDispatchAll;
  first.lines = {Part("1", 2)};
  RecordDispatch second = kDispatchAll;
  second.shipment_id = "g-1.1.s2";
  second.lines = {Part("2", 1)};
  CHECK(StateAfter(History(ByCard(), kMoneyIsThere, first)).state() == State::STATE_AWAITING_DISPATCH);
  CHECK(StateAfter(History(ByCard(), kMoneyIsThere, first, second)).state() == State::STATE_DISPATCHED);
}

TEST_CASE("no more leaves than was ordered") {
  RecordDispatch more = kDispatchAll;
  more.lines = {Part("1", 3)};
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere))
      .When(more)
      .ThenFails(StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
  more.lines = {Part("1", 1), Part("1", 2)};
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere))
      .When(more)
      .ThenFails(StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
  more.lines = {Part("7", 1)};
  OrderSpec().Given(History(ByCard(), kMoneyIsThere)).When(more).ThenFails(StatusCode::kInvalidArgument);
}

TEST_CASE("a received order is complete") {
  const std::vector<Event> history = History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt);
  CHECK(Kinds(history) == Words{"placed", "confirmed", "dispatched", "received", "completed"});
  const State order = StateAfter(history);
  CHECK(order.received_by() == v1::PARTY_BUYER);
  for (const v1::LineProgress& line : order.lines()) CHECK(line.received() == line.ordered());
}

TEST_CASE("an order that was not dispatched cannot be received") {
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere))
      .When(kBuyerHasIt)
      .ThenFails(StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("the carrier's scan changes nothing about an order that the buyer has already") {
  const State order = StateAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt, kDelivery));
  CHECK(order.state() == State::STATE_COMPLETED);
  CHECK(order.parcels(0).has_delivery_time());
}

TEST_CASE("money that cannot be captured cancels its order, of which the seller has not heard") {
  const std::vector<Event> history = History(ByCard(), kCaptureFails);
  CHECK(Kinds(history) == Words{"placed", "payment_failed", "cancelled"});
  CHECK_FALSE(history.back().cancelled().paid());
  CHECK(StateAfter(history).state() == State::STATE_CANCELLED);
  CHECK(StateAfter(history).cancel_reason() == v1::CANCEL_REASON_PAYMENT_FAILED);
  OrderSpec().Given(history).When(kMoneyIsThere).Then({});
}

// Logs have orders that were confirmed when their card was authorised.
TEST_CASE("money that fails once its order is confirmed cancels it, unless it has left") {
  CHECK(StateAfter(History(ByCard(), kMoneyIsThere, kCaptureFails)).state() == State::STATE_CANCELLED);
  const State gone = StateAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kCaptureFails));
  CHECK(gone.state() == State::STATE_DISPATCHED);
  CHECK(gone.payment() == State::PAYMENT_FAILED);
}

TEST_CASE("refunds add up, and each counts once") {
  RecordRefund half{.refund_id = "r-1",
                    .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 2000)")};
  RecordRefund rest{.refund_id = "r-2",
                    .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 2790)")};
  CHECK(StateAfter(History(ByCard(), kMoneyIsThere, kCancel, half)).payment() ==
        State::PAYMENT_PARTIALLY_REFUNDED);
  const State order = OrderSpec().Given(History(ByCard(), kMoneyIsThere, kCancel, half)).When(half).Then({});
  CHECK(order.refunded().minor_units() == 2000);
  CHECK(StateAfter(History(ByCard(), kMoneyIsThere, kCancel, half, rest)).payment() ==
        State::PAYMENT_REFUNDED);
}

TEST_CASE("a note can be changed until the order leaves") {
  AttachNote hello;
  hello.note.set_ciphertext("hello");
  AttachNote bye;
  bye.note.set_ciphertext("bye");
  OrderSpec()
      .Given(History(ByTransfer()))
      .When(hello)
      .Then({R"(note_attached { note { ciphertext: "hello" } })"});
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere, hello))
      .When(bye)
      .Then({R"(note_attached { note { ciphertext: "bye" } })"});
  OrderSpec()
      .Given(History(ByCard(), kMoneyIsThere, hello, kDispatchAll))
      .When(bye)
      .ThenFails(StatusCode::kFailedPrecondition);
}

TEST_CASE("the snapshot and its hash never change") {
  const State order = StateAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kDelivery, kBuyerHasIt));
  CHECK(order.content_hash() == ContentHash(order.snapshot()));
  State changed = order;
  changed.mutable_snapshot()->mutable_total()->set_minor_units(1);
  CHECK(ContentHash(changed.snapshot()) != order.content_hash());
}

// -- Timers --

// The timers that wait after the events, by kind, when all were recorded at noon.
std::map<std::string, absl::Time> TimersAfter(const std::vector<Event>& history) {
  State state;
  std::map<std::string, absl::Time> timers;
  for (const Event& event : history) {
    Order::Evolve(state, event);
    Reactions reactions;
    Order::React(OrderId::Of("g-1.1"), state, event, Noon(), reactions);
    for (const EffectIntent& started : reactions.started()) timers[started.kind] = started.due;
    for (const EffectIntent& cancelled : reactions.cancelled()) timers.erase(cancelled.kind);
  }
  return timers;
}
using Timers = std::map<std::string, absl::Time>;

TEST_CASE("every wait has a timer, and no timer outlives its wait") {
  const auto days = [](int n) { return Noon() + absl::Hours(24 * n); };
  CHECK(TimersAfter(History(ByTransfer())) == Timers{{kUnpaidTimer, days(5)}});
  CHECK(TimersAfter(History(ByCard())) == Timers{{kUnpaidTimer, days(5)}});
  const Timers overdue = {{kDispatchOverdueTimer, days(2 + 14)}};
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere)) == overdue);
  CHECK(TimersAfter(History(InCash())) == overdue);
  CHECK(TimersAfter(History(ByTransfer(), kMoneyIsThere)) == overdue);
  const Timers sent = {{kReceiptReminderTimer, days(12)}, {kReceiveTimer, days(14)}};
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll)) == sent);
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, RemindOfReceipt{})) ==
        Timers{{kReceiveTimer, days(14)}});
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kDelivery)) ==
        Timers{{kReceiveTimer, days(3)}});
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kDelivery, kBuyerHasIt)).empty());
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kCancel)).empty());
  CHECK(TimersAfter(History(ByTransfer(), kCancel)).empty());
}

// -- All commands in all states --

TEST_CASE("what an order allows in which state") {
  using Decision = std::function<StatusOr<Order::Events>(const State&)>;
  const auto decide = [](const auto& command) -> Decision {
    return [command](const State& state) { return Order::Decide(state, command, Noon()); };
  };
  AttachNote note;
  note.note.set_ciphertext("x");
  RecordRefund refund{.refund_id = "r",
                      .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 1)")};
  const std::vector<std::pair<std::string, Decision>> commands = {
      {"place", decide(ByCard())},           {"pay", decide(kMoneyIsThere)},
      {"fail", decide(kCaptureFails)},       {"note", decide(note)},
      {"dispatch", decide(kDispatchAll)},    {"deliver", decide(kDelivery)},
      {"remind", decide(RemindOfReceipt{})}, {"receive", decide(kBuyerHasIt)},
      {"cancel", decide(kCancel)},           {"refund", decide(refund)}};
  const std::vector<std::pair<std::string, std::vector<Event>>> states = {
      {"nothing", {}},
      {"unpaid", History(ByTransfer())},
      {"awaiting", History(ByCard(), kMoneyIsThere)},
      {"dispatched", History(ByCard(), kMoneyIsThere, kDispatchAll)},
      {"completed", History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt)},
      {"cancelled", History(ByCard(), kMoneyIsThere, kCancel)},
  };
  // + events, = nothing to do, ! FAILED_PRECONDITION, - NOT_FOUND
  //  place pay fail note dispatch deliver remind receive cancel refund
  const std::map<std::string, std::string> expected = {
      {"nothing", "+-----=---"},    {"unpaid", "=+++!!=!++"},    {"awaiting", "==+++!=!++"},
      {"dispatched", "==+!=+++!+"}, {"completed", "==+!=+==!+"}, {"cancelled", "===!===!=+"},
  };
  for (const auto& [name, history] : states) {
    std::string row;
    for (const auto& [command, decision] : commands) {
      const StatusOr<Order::Events> events = decision(StateAfter(history));
      if (events.ok()) {
        row += events->empty() ? "=" : "+";
      } else {
        row += absl::IsNotFound(events.status())             ? "-"
               : absl::IsFailedPrecondition(events.status()) ? "!"
                                                             : "E";
      }
    }
    INFO(name);
    CHECK(row == expected.at(name));
  }
}

TEST_CASE("whatever happens in whatever order, pieces add up and an order only moves forward") {
  testing::Explorer<Order> explorer(Noon());
  RecordDispatch part = kDispatchAll;
  part.shipment_id = "s0";
  part.lines = {Part("1", 1)};
  RecordDispatch rest = kDispatchAll;
  rest.lines = {Part("1", 1), Part("2", 1)};
  RecordRefund refund{.refund_id = "r",
                      .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 4790)")};
  explorer.Add("place by card", ByCard());
  explorer.Add("place by transfer", ByTransfer());
  explorer.Add("pay", kMoneyIsThere);
  explorer.Add("fail", kCaptureFails);
  explorer.Add("dispatch a part", part);
  explorer.Add("dispatch the rest", rest);
  explorer.Add("deliver", kDelivery);
  explorer.Add("remind", RemindOfReceipt{});
  explorer.Add("receive", kBuyerHasIt);
  explorer.Add("cancel", kCancel);
  explorer.Add("refund", refund);
  explorer.Check([](const State& order, const std::string& path) {
    bool good =
        order.state() == State::STATE_UNSPECIFIED || order.content_hash() == ContentHash(order.snapshot());
    for (const v1::LineProgress& line : order.lines()) {
      const bool all =
          line.ordered() == line.cancelled() + Awaiting(line) + line.in_transit() + line.received();
      good = good && all && line.cancelled() >= 0 && Awaiting(line) >= 0 && line.in_transit() >= 0;
      if (order.state() == State::STATE_COMPLETED) good = good && line.received() == line.ordered();
      if (order.state() == State::STATE_CANCELLED) good = good && line.cancelled() == line.ordered();
    }
    if (!good) FAIL(path);
  });
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    const bool ended = before.state() == State::STATE_COMPLETED || before.state() == State::STATE_CANCELLED;
    const bool forward = after.state() >= before.state() && (!ended || after.state() == before.state());
    const bool same =
        before.state() == State::STATE_UNSPECIFIED || before.content_hash() == after.content_hash();
    if (!forward || !same) FAIL(path);
  });
  CHECK(explorer.Run(6) > 10'000);
}

TEST_CASE("a purchase goes on as long as one of its orders does") {
  const State placed = StateAfter(History(ByTransfer()));
  const State completed = StateAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt));
  const State cancelled = StateAfter(History(ByCard(), kMoneyIsThere, kCancel));
  const auto state_of = [](std::vector<State> orders) { return StateOfGroup(orders); };
  CHECK(state_of({}) == v1::OrderGroup::STATE_UNSPECIFIED);
  CHECK(state_of({placed, completed, cancelled}) == v1::OrderGroup::STATE_ACTIVE);
  CHECK(state_of({completed, cancelled}) == v1::OrderGroup::STATE_COMPLETED);
  CHECK(state_of({cancelled, cancelled}) == v1::OrderGroup::STATE_CANCELLED);
}

}  // namespace
}  // namespace souk::order
