#include "services/order/cancellation.h"

#include <catch2/catch.hpp>
#include <string>

#include "services/order/placed_fixture.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::order {
namespace {

using absl::StatusCode;

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

}  // namespace
}  // namespace souk::order
