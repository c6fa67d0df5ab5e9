#include "services/catalog/stock.h"

#include <catch2/catch.hpp>

#include "libs/testing/spec.h"
#include "services/catalog/stock_fixture.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::Noon;
using testing::Spec;

TEST_CASE("what came in is on hand and for sale") {
  const auto stock =
      Spec<Stock>()
          .Repeatable()
          .Given({kOpened})
          .When(ReceiveStock{.quantity = 5})
          .Then({kReceived5,
                 R"pb(replenished { product_id: "p-1" seller_id: "s-1" available_quantity: 5 })pb"});
  CHECK(stock.on_hand() == 5);
  CHECK(Available(stock) == 5);
}

TEST_CASE("a correction needs a reason") {
  Spec<Stock>()
      .Given({kOpened, kReceived5})
      .When(AdjustStock{.delta = -1})
      .ThenFails(StatusCode::kInvalidArgument);
  Spec<Stock>()
      .Repeatable()
      .Given({kOpened, kReceived5})
      .When(AdjustStock{.delta = -1, .reason = "broken"})
      .Then({R"pb(adjusted { delta: -1 reason: "broken" })pb"});
}

TEST_CASE("a correction never takes what is promised") {
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated})
      .When(AdjustStock{.delta = -4, .reason = "broken"})
      .ThenFails(StatusCode::kFailedPrecondition, "OUT_OF_STOCK");
}

TEST_CASE("what left is not on hand any more") {
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kAllocated})
                         .When(DispatchStock{.order_id = "o-1", .quantity = 2})
                         .Then({kDispatched});
  CHECK(stock.on_hand() == 3);
  CHECK(stock.allocated() == 0);
  CHECK(stock.reservations_size() == 0);
}

TEST_CASE("a cancelled order gives its pieces back once") {
  constexpr char kGivenBack[] = R"pb(allocation_released { order_id: "o-1" quantity: 2 })pb";
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated})
      .When(ReleaseAllocation{.order_id = "o-1", .quantity = 2})
      .Then({kGivenBack});
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kAllocated, kGivenBack})
                         .When(ReleaseAllocation{.order_id = "o-1", .quantity = 2})
                         .Then({});
  CHECK(Available(stock) == 5);
}

TEST_CASE("an order never gives back more than it has") {
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated, R"pb(dispatched { order_id: "o-1" quantity: 1 })pb"})
      .When(ReleaseAllocation{.order_id = "o-1", .quantity = 2})
      .Then({R"pb(allocation_released { order_id: "o-1" quantity: 1 })pb"});
}

TEST_CASE("a cancellation that overtakes the allocation counts when that comes") {
  constexpr char kEarly[] = R"pb(settled_early { order_id: "o-1" released_quantity: 2 })pb";
  Spec<Stock>()
      .Repeatable()
      .Given({kOpened, kReceived5, kHeld2})
      .When(ReleaseAllocation{.order_id = "o-1", .quantity = 2})
      .Then({kEarly});
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kEarly})
                         .When(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
                         .Then({kAllocated, R"pb(allocation_released { order_id: "o-1" quantity: 2 })pb"});
  CHECK(Available(stock) == 5);
  CHECK(stock.early_size() == 0);
}

TEST_CASE("a dispatch that overtakes the allocation counts when that comes") {
  constexpr char kEarly[] = R"pb(settled_early { order_id: "o-1" dispatched_quantity: 2 })pb";
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kEarly})
                         .When(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
                         .Then({kAllocated, kDispatched});
  CHECK(stock.on_hand() == 3);
}

TEST_CASE("what came back is for sale again, but not more than left") {
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kAllocated, kDispatched})
                         .When(ReturnStock{.order_id = "o-1", .quantity = 2})
                         .Then({R"pb(returned { order_id: "o-1" quantity: 2 })pb"});
  CHECK(stock.on_hand() == 5);
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated, kDispatched})
      .When(ReturnStock{.order_id = "o-1", .quantity = 3})
      .ThenFails(StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
}

TEST_CASE("low stock is told once on the way down, and again after a restock") {
  v1::StockState stock;
  int low = 0;
  int depleted = 0;
  const auto run = [&](const auto& command) {
    const auto events = Stock::Decide(stock, command, Noon());
    REQUIRE(events.ok());
    for (const v1::StockEvent& event : *events) {
      Stock::Evolve(stock, event);
      low += event.has_low_reached();
      depleted += event.has_depleted();
    }
  };
  run(OpenStock{.product_id = "p-1", .seller_id = "s-1", .low_level = 2});
  run(ReceiveStock{.quantity = 4});
  CHECK(low == 0);
  run(Hold("a", 2));
  CHECK(low == 1);
  run(Hold("b", 1));
  run(Hold("c", 1));
  CHECK(low == 1);
  CHECK(depleted == 1);
  run(ReleaseHold{.hold_id = "c"});
  CHECK(low == 1);
  run(ReceiveStock{.quantity = 5});
  run(Hold("d", 5));
  CHECK(low == 2);
}

TEST_CASE("selling out in one go is both low and sold out") {
  Spec<Stock>()
      .Given({kOpened, kReceived5})
      .When(Hold("h-1", 5))
      .Then({kHeld5, R"pb(low_reached { product_id: "p-1" seller_id: "s-1" })pb",
             R"pb(depleted { product_id: "p-1" seller_id: "s-1" })pb"});
}

}  // namespace
}  // namespace souk::catalog
