#include "services/order/order_service.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/order/placed_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using Ids = std::vector<std::string>;

// -- Whose it is --

TEST_CASE("an order is seen by its buyer, its seller and operators, and by nobody else") {
  Shop shop;
  v1::GetOrderRequest request;
  request.set_order_id(shop.cups);
  const auto get = [&](const char* caller) {
    return shop.fixture.Call<v1::GetOrderResponse>(caller, request);
  };
  CHECK(get("buyer/b-1").ok());
  CHECK(get("seller/s-1").ok());
  CHECK(get("operator/o-1").ok());
  const Status strangers = get("buyer/b-2").status();
  CHECK(strangers.code() == StatusCode::kNotFound);
  CHECK(get("seller/s-2").status() == strangers);
  CHECK(get("guest/b-1").status() == strangers);
  request.set_order_id("unknown.1");
  CHECK(get("buyer/b-1").status() == strangers);  // One cannot tell the difference.
}

TEST_CASE("a seller sees where to send a parcel, but not the buyer's mail address") {
  Shop shop;
  v1::GetOrderRequest request;
  request.set_order_id(shop.cups);
  const v1::Order seller = shop.fixture.Call<v1::GetOrderResponse>("seller/s-1", request)->order();
  CHECK(seller.contact().contact_name() == "Ann Secretive");
  CHECK(seller.contact().email().empty());
  const v1::Order buyer = shop.fixture.Call<v1::GetOrderResponse>("buyer/b-1", request)->order();
  CHECK(buyer.contact().email() == "ann@secret.example");
}

TEST_CASE("a purchase is its buyer's alone") {
  Shop shop;
  v1::GetOrderGroupRequest request;
  request.set_group_id(shop.group_id);
  const auto own = shop.fixture.Call<v1::GetOrderGroupResponse>("buyer/b-1", request);
  REQUIRE(own.ok());
  CHECK(own->order_group().orders_size() == 2);
  CHECK(own->order_group().state() == v1::OrderGroup::STATE_ACTIVE);
  CHECK(own->order_group().total().minor_units() == FakeWorld::kTotal);
  const auto other = shop.fixture.Call<v1::GetOrderGroupResponse>("buyer/b-2", request);
  CHECK(other.status().code() == StatusCode::kNotFound);
}

TEST_CASE("a checkout is its buyer's alone, and a cart starts one checkout") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  v1::StartCheckoutRequest start;
  start.set_request_id("again");
  start.set_cart_id("c-1");
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start)->checkout().checkout_id() == id);
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-2", start).status().code() ==
        StatusCode::kNotFound);
  start.set_cart_id("c-2");
  start.set_request_id("other");
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start).status().code() ==
        StatusCode::kNotFound);
  v1::GetCheckoutRequest get;
  get.set_checkout_id(id);
  CHECK(world.fixture.Call<v1::GetCheckoutResponse>("buyer/b-2", get).status().code() ==
        StatusCode::kNotFound);
  CHECK(world.fixture.Call<v1::GetCheckoutResponse>("operator/o-1", get).ok());
}

// -- Checkout --

TEST_CASE("an address names each bad field") {
  FakeWorld world;
  v1::SetAddressRequest request;
  request.set_request_id("bad");
  request.set_checkout_id(world.FillCheckout());
  request.mutable_contact()->mutable_address()->set_region_code("de");
  request.mutable_contact()->set_email("nobody");
  request.mutable_contact()->set_contact_name("A\nB");
  const Status status = world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", request).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolations(status)) fields.push_back(violation.field);
  CHECK(fields == std::vector<std::string>{"contact.address.region_code", "contact.address.locality",
                                           "contact.address.address_lines", "contact.contact_name",
                                           "contact.email"});
}

TEST_CASE("an address to which a seller does not deliver is told, and refused when placing") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  v1::SetAddressRequest request;
  request.set_request_id("moved");
  request.set_checkout_id(id);
  *request.mutable_contact() = world.GetCheckout(id).contact();
  request.mutable_contact()->mutable_address()->set_region_code("NZ");
  const auto moved = world.fixture.Call<v1::SetAddressResponse>("buyer/b-1", request);
  REQUIRE(moved.ok());
  REQUIRE(moved->checkout().problems_size() == 2);
  CHECK(moved->checkout().problems(0).reason() == "DELIVERY_UNAVAILABLE");
  CHECK(Reason(world.PlaceOrder(id, "place").status()) == "DELIVERY_UNAVAILABLE");
  CHECK(world.NothingReserved());
}

TEST_CASE("a card number is refused in place of a token") {
  FakeWorld world;
  v1::SelectPaymentMethodRequest request;
  request.set_request_id("pan");
  request.set_checkout_id(world.FillCheckout());
  request.set_method(v1::PAYMENT_METHOD_CARD);
  request.set_card_token("4242 4242 4242 4242");
  const Status status = world.fixture.Call<v1::SelectPaymentMethodResponse>("buyer/b-1", request).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  CHECK(FieldViolations(status).at(0).field == "card_token");
}

TEST_CASE("a checkout with which nobody goes on expires, and can be started again") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  world.fixture.AdvanceBy(absl::Hours(25));
  CHECK(world.GetCheckout(id).state() == v1::CheckoutState::STATE_EXPIRED);
  CHECK(world.PlaceOrder(id, "late").status().code() == StatusCode::kFailedPrecondition);
  v1::StartCheckoutRequest start;
  start.set_request_id("again");
  start.set_cart_id("c-1");
  REQUIRE(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start).ok());
  CHECK(world.PlaceOrder(id, "now").ok());
}

TEST_CASE("a request id stands for one request") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  REQUIRE(world.PlaceOrder(id, "place").ok());
  const Status other = world.PlaceOrder(id, "place", 1).status();
  CHECK(other.code() == StatusCode::kInvalidArgument);
  CHECK(Reason(other) == "REQUEST_ID_REUSED");
}

// -- From placement to the end --

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

TEST_CASE("buyer, seller and operator may cancel before dispatch, and a refund is seen on the order") {
  for (const char* caller : {"buyer/b-1", "seller/s-1", "operator/o-1"}) {
    Shop shop;
    REQUIRE(shop.Cancel(caller, shop.cups, v1::CANCEL_REASON_OTHER).ok());
    CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
    CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_AWAITING_DISPATCH);
    const std::string by = shop.fixture.PublicEvents<events::v1::OrderCancelled>().at(0).cancelled_by();
    CHECK(std::string(caller).substr(0, by.size()) == by);
    payment::events::v1::RefundSucceeded refund;
    refund.set_refund_id("r-1");
    refund.set_order_id(shop.cups);
    *refund.mutable_amount() = shop.GetOrder(shop.cups).snapshot().total();
    REQUIRE(shop.fixture.Deliver("payment", shop.intent_id, refund).ok());
    CHECK(shop.GetOrder(shop.cups).payment() == v1::OrderState::PAYMENT_REFUNDED);
  }
}

TEST_CASE("after dispatch nobody cancels, and a reason must be given that a caller may give") {
  Shop shop;
  CHECK(shop.Cancel("buyer/b-1", shop.cups, v1::CANCEL_REASON_UNPAID).status().code() ==
        StatusCode::kInvalidArgument);
  CHECK(shop.Cancel("seller/s-2", shop.cups).status().code() == StatusCode::kNotFound);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(Reason(shop.Cancel("operator/o-1", shop.cups).status()) == "ORDER_DISPATCHED");
}

TEST_CASE("what has left is not cancelled, though word of it has not come yet") {
  Shop shop;
  shop.unstoppable[shop.cups] = Rejected("ORDER_DISPATCHED", {}, "a dispatched order cannot be cancelled");
  for (const char* const caller : {"buyer/b-1", "seller/s-1", "operator/o-1"}) {
    CHECK(Reason(shop.Cancel(caller, shop.cups).status()) == "ORDER_DISPATCHED");
  }
  shop.fixture.AdvanceBy(absl::Hours(24 * 17));  // The jug's seller is overdue; the cups' is not.
  CHECK(shop.StateOf(shop.jug) == v1::OrderState::STATE_CANCELLED);
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_DISPATCHED);
}

TEST_CASE("while nobody can tell whether an order has left, it is not cancelled") {
  Shop shop;
  for (const Status& answer : {Unavailable("shipping is down"), NotFound("no such shipment")}) {
    shop.unstoppable[shop.cups] = answer;
    CHECK(absl::IsUnavailable(shop.Cancel("buyer/b-1", shop.cups).status()));
    CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_AWAITING_DISPATCH);
  }
  shop.unstoppable.clear();
  CHECK(shop.Cancel("buyer/b-1", shop.cups).ok());
  CHECK(shop.StateOf(shop.cups) == v1::OrderState::STATE_CANCELLED);
}

// -- Lists --

TEST_CASE("a seller's work queue is in order of ship-by time; lists of others are not found") {
  Shop shop;
  v1::ListOrdersRequest request;
  request.set_state(v1::OrderState::STATE_AWAITING_DISPATCH);
  CHECK(shop.List("seller/s-1", request) == Ids{shop.cups});
  CHECK(shop.List("seller/s-2", request) == Ids{shop.jug});
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(shop.List("seller/s-1", request).empty());
  request.clear_state();
  CHECK(shop.List("seller/s-1", request) == Ids{shop.cups});
  CHECK(shop.List("buyer/b-1", request).size() == 2);
  CHECK(shop.List("buyer/b-2", request).empty());
  request.set_seller_id("s-2");
  CHECK(shop.List("operator/o-1", request) == Ids{shop.jug});
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("seller/s-1", request).status().code() ==
        StatusCode::kNotFound);
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request).status().code() ==
        StatusCode::kNotFound);
}

TEST_CASE("pages are stable and their tokens belong to one query") {
  Shop shop;
  v1::ListOrdersRequest request;
  request.set_page_size(1);
  const auto first = shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request);
  REQUIRE(first.ok());
  REQUIRE(first->orders_size() == 1);
  request.set_page_token(first->next_page_token());
  const auto second = shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request);
  REQUIRE(second->orders_size() == 1);
  CHECK(second->next_page_token().empty());
  CHECK(second->orders(0).order_id() != first->orders(0).order_id());
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-2", request).status().code() ==
        StatusCode::kInvalidArgument);
}

TEST_CASE("counters tell a seller what to do today") {
  Shop shop;
  const auto counters = [&] {
    return shop.fixture.Call<v1::GetOrderCountersResponse>("seller/s-1", v1::GetOrderCountersRequest())
        .value();
  };
  CHECK(counters().awaiting_dispatch() == 1);
  CHECK(counters().new_orders() == 1);
  CHECK(counters().due_soon() == 0);
  shop.fixture.AdvanceBy(absl::Hours(36));
  CHECK(counters().new_orders() == 0);
  CHECK(counters().due_soon() == 1);
  shop.fixture.AdvanceBy(absl::Hours(24));
  CHECK(counters().due_soon() == 0);
  CHECK(counters().overdue() == 1);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(counters().awaiting_dispatch() == 0);
  CHECK(counters().dispatched() == 1);
  v1::GetOrderCountersRequest other;
  other.set_seller_id("s-2");
  CHECK(shop.fixture.Call<v1::GetOrderCountersResponse>("seller/s-1", other).status().code() ==
        StatusCode::kNotFound);
}

// -- Notes and personal data --

TEST_CASE("the seller's own note goes with the order in place of the shop's") {
  Shop shop;
  v1::GetOrderContactRequest get;
  get.set_order_id(shop.cups);
  const auto note = [&] {
    return shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get)->note();
  };
  CHECK(note() == "Thank you from s-1");
  v1::AttachPersonalNoteRequest attach;
  attach.set_request_id("note-1");
  attach.set_order_id(shop.cups);
  attach.set_note("Dear Ann, enjoy!");
  REQUIRE(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
  CHECK(note() == "Dear Ann, enjoy!");
  attach.set_request_id("note-2");
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-2", attach).status().code() ==
        StatusCode::kNotFound);
  std::string too_long;
  for (int i = 0; i < 1001; ++i) too_long += "ü";
  attach.set_note(too_long);
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).status().code() ==
        StatusCode::kInvalidArgument);
  attach.set_note(too_long.substr(2));
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
}

TEST_CASE("only services get what a mail needs, and nothing once the buyer's data are erased") {
  Shop shop;
  v1::GetOrderContactRequest get;
  get.set_order_id(shop.cups);
  CHECK(shop.fixture.Call<v1::GetOrderContactResponse>("seller/s-1", get).status().code() ==
        StatusCode::kPermissionDenied);
  const auto contact = shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get);
  REQUIRE(contact.ok());
  CHECK(contact->email() == "ann@secret.example");
  CHECK(contact->contact().address().locality() == "Berlin");
  CHECK(contact->lines_size() == 1);
  REQUIRE(shop.fixture.Run(shop.fixture.subject_keys().Erase("buyer/b-1")).ok());
  const Status erased = shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get).status();
  CHECK(Reason(erased) == "SUBJECT_ERASED");
  CHECK_FALSE(shop.GetOrder(shop.cups).has_contact());
  CHECK(shop.GetOrder(shop.cups).content_hash().size() == 64);
}

TEST_CASE("no personal data is stored in the clear") {
  Shop shop;
  v1::AttachPersonalNoteRequest attach;
  attach.set_request_id("note-1");
  attach.set_order_id(shop.cups);
  attach.set_note("Dear Ann Secretive");
  REQUIRE(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
  for (const ColumnFamily family : kColumnFamilies) {
    const Status scanned = shop.fixture.store().Scan(
        family, KeyRange(), Direction::kForward, [&](std::string_view key, std::string_view value) {
          for (const char* secret : {"Secret", "secret.example"}) {
            if (key.find(secret) != key.npos || value.find(secret) != value.npos) FAIL(NameOf(family));
          }
          return true;
        });
    CHECK(scanned.ok());
  }
}

}  // namespace
}  // namespace souk::order
