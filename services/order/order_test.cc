#include "services/order/order.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "libs/testing/command_table.h"
#include "libs/testing/spec.h"
#include "services/order/history_fixture.h"
#include "services/order/order_group.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using State = Order::State;
using Event = Order::Event;
using OrderSpec = testing::Spec<Order>;

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

TEST_CASE("a purchase goes on as long as one of its orders does") {
  const auto placed = StateAfter(History(ByTransfer())).state();
  const auto completed = StateAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt)).state();
  const auto cancelled = StateAfter(History(ByCard(), kMoneyIsThere, kCancel)).state();
  const auto state_of = [](std::vector<State::State> orders) { return StateOfGroup(orders); };
  CHECK(state_of({}) == v1::OrderGroup::STATE_UNSPECIFIED);
  CHECK(state_of({placed, completed, cancelled}) == v1::OrderGroup::STATE_ACTIVE);
  CHECK(state_of({completed, cancelled}) == v1::OrderGroup::STATE_COMPLETED);
  CHECK(state_of({cancelled, cancelled}) == v1::OrderGroup::STATE_CANCELLED);
}

// -- All commands in all states --

TEST_CASE("what an order allows in which state") {
  AttachNote note;
  note.note.set_ciphertext("x");
  RecordRefund refund{.refund_id = "r",
                      .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 1)")};
  const auto table = testing::CommandTable<Order>(Noon())
                         .Add(ByCard())
                         .Add(kMoneyIsThere)
                         .Add(kCaptureFails)
                         .Add(note)
                         .Add(kDispatchAll)
                         .Add(kDelivery)
                         .Add(RemindOfReceipt{})
                         .Add(kBuyerHasIt)
                         .Add(kCancel)
                         .Add(refund);
  const std::vector<std::pair<std::string, std::vector<Event>>> states = {
      {"nothing", {}},
      {"unpaid", History(ByTransfer())},
      {"awaiting", History(ByCard(), kMoneyIsThere)},
      {"dispatched", History(ByCard(), kMoneyIsThere, kDispatchAll)},
      {"completed", History(ByCard(), kMoneyIsThere, kDispatchAll, kBuyerHasIt)},
      {"cancelled", History(ByCard(), kMoneyIsThere, kCancel)},
  };
  //  place pay fail note dispatch deliver remind receive cancel refund
  const std::map<std::string, std::string> expected = {
      {"nothing", "+-----=---"},    {"unpaid", "=+++!!=!++"},    {"awaiting", "==+++!=!++"},
      {"dispatched", "==+!=+++!+"}, {"completed", "==+!=+==!+"}, {"cancelled", "===!===!=+"},
  };
  for (const auto& [name, history] : states) {
    INFO(name);
    CHECK(table.RowOf(StateAfter(history)) == expected.at(name));
  }
}

}  // namespace
}  // namespace souk::order
