#include <catch2/catch.hpp>
#include <string>

#include "services/order/placed_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::order {
namespace {

TEST_CASE("an order that the buyer confirms is complete") {
  Shop shop;
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().size() == 2);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_DISPATCHED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderDispatched>().at(0).tracking_code() == "T1");
  v1::ConfirmReceiptRequest request;
  request.set_request_id("have-it");
  request.set_order_id(shop.cups);
  REQUIRE(shop.fixture.Call<v1::ConfirmReceiptResponse>("buyer/b-1", request).ok());
  REQUIRE(shop.fixture.Call<v1::ConfirmReceiptResponse>("buyer/b-1", request).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_COMPLETED);
  const auto received = shop.fixture.PublicEvents<events::v1::OrderReceived>();
  REQUIRE(received.size() == 1);
  CHECK(received[0].received_by() == "buyer");
  CHECK(received[0].lines(0).quantity() == 2);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderCompleted>().size() == 1);
}

TEST_CASE("a delivered order counts as received three days after the carrier's scan") {
  Shop shop;
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  shop.fixture.AdvanceBy(absl::Hours(24));
  REQUIRE(shop.Arrive(shop.cups).ok());
  shop.fixture.AdvanceBy(absl::Hours(71));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_DISPATCHED);
  shop.fixture.AdvanceBy(absl::Hours(1));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_COMPLETED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderReceived>().at(0).received_by() == "carrier");
}

TEST_CASE("an order of which nobody hears anything counts as received 14 days after dispatch") {
  Shop shop;
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  shop.fixture.AdvanceBy(absl::Hours(24 * 12));
  CHECK(shop.fixture.PublicEvents<events::v1::OrderReceiptReminderDue>().size() == 1);
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_DISPATCHED);
  shop.fixture.Restart();
  shop.fixture.AdvanceBy(absl::Hours(24 * 2));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_COMPLETED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderReceived>().at(0).received_by() == "timer");
}

TEST_CASE("an order that is not dispatched is cancelled 14 days after its ship-by time") {
  Shop shop;
  shop.fixture.AdvanceBy(absl::Hours(48 + 14 * 24 - 1));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
  shop.fixture.AdvanceBy(absl::Hours(1));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
  const auto cancelled = shop.fixture.PublicEvents<events::v1::OrderCancelled>();
  REQUIRE(cancelled.size() == 2);
  CHECK(cancelled[0].reason() == "not_dispatched");
  CHECK(cancelled[0].cancelled_by() == "system");
  CHECK(cancelled[0].paid());
}

TEST_CASE("a card's order waits until its money is captured, and nobody is told to pack before") {
  Shop shop(v1::PAYMENT_METHOD_CARD, /*captured=*/false);
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_PLACED);
  CHECK(shop.GetOrder(shop.cups).payment() == v1::OrderState::PAYMENT_AUTHORIZED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().empty());
  REQUIRE(shop.Capture(shop.cups).ok());
  REQUIRE(shop.Capture(shop.cups).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
  CHECK(shop.GetOrder(shop.cups).payment() == v1::OrderState::PAYMENT_PAID);
  CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_PLACED);
  const auto confirmed = shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>();
  REQUIRE(confirmed.size() == 1);
  CHECK(confirmed[0].order_id() == shop.cups);
}

TEST_CASE("a capture that fails cancels its order, and only its order") {
  Shop shop(v1::PAYMENT_METHOD_CARD, /*captured=*/false);
  payment::events::v1::PaymentCaptureFailed failed;
  failed.set_order_id(shop.cups);
  failed.set_failure_code("card_expired");
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, failed).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
  CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_PLACED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().empty());
  const auto cancelled = shop.fixture.PublicEvents<events::v1::OrderCancelled>();
  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].reason() == "payment_failed");
  CHECK_FALSE(cancelled[0].paid());
}

TEST_CASE("a capture of which nobody ever hears cancels its order after five days") {
  Shop shop(v1::PAYMENT_METHOD_CARD, /*captured=*/false);
  shop.fixture.AdvanceBy(absl::Hours(24 * 5));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
  REQUIRE(shop.Capture(shop.cups).ok());  // The payment service gives it back by itself.
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
}

TEST_CASE("a bank transfer that comes in time lets the order go on; the seller packs only then") {
  Shop shop(v1::PAYMENT_METHOD_BANK_TRANSFER);
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_PLACED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().empty());
  payment::events::v1::PaymentFundsReceived funds;
  funds.set_intent_id(shop.intent_id);
  funds.add_order_ids(shop.cups);
  funds.add_order_ids(shop.jug);
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, funds).ok());  // Not all of it yet.
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_PLACED);
  funds.set_full(true);
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, funds, "e-1").ok());
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, funds, "e-1").ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().size() == 2);
  shop.fixture.AdvanceBy(absl::Hours(24 * 6));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
}

TEST_CASE("a bank transfer that does not come cancels the orders after five days") {
  Shop shop(v1::PAYMENT_METHOD_BANK_TRANSFER);
  shop.fixture.AdvanceBy(absl::Hours(24 * 5 - 1));
  CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_PLACED);
  shop.fixture.AdvanceBy(absl::Hours(1));
  CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_CANCELLED);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderCancelled>().at(0).reason() == "unpaid");
  CHECK_FALSE(shop.fixture.PublicEvents<events::v1::OrderCancelled>().at(0).paid());
}

TEST_CASE("an expired payment cancels its orders, and money that comes later does not bring them back") {
  Shop shop(v1::PAYMENT_METHOD_BANK_TRANSFER);
  payment::events::v1::PaymentIntentExpired expired;
  expired.add_order_ids(shop.cups);
  expired.add_order_ids(shop.jug);
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, expired).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
  payment::events::v1::PaymentFundsReceived funds;
  funds.add_order_ids(shop.cups);
  funds.set_full(true);
  REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, funds).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
}

TEST_CASE("cash is paid when the payment service has it, after the order is complete") {
  Shop shop(v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  CHECK(shop.fixture.PublicEvents<events::v1::OrderPaymentConfirmed>().size() == 2);
  CHECK(shop.GetOrder(shop.cups).payment() == v1::OrderState::PAYMENT_UNPAID);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  shop.fixture.AdvanceBy(absl::Hours(24 * 14));
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_COMPLETED);
  REQUIRE(shop.Capture(shop.cups).ok());
  CHECK(shop.GetOrder(shop.cups).payment() == v1::OrderState::PAYMENT_PAID);
}

TEST_CASE("money for an order that will never be placed is nobody's business here") {
  FakeWorld world;
  payment::events::v1::PaymentFundsReceived funds;
  funds.add_order_ids("g-7.1");
  funds.set_full(true);
  CHECK(world.fixture.Deliver("payment", "i-1", funds).ok());
}

}  // namespace
}  // namespace souk::order
