#include "services/catalog/stock.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "libs/base/proto_time.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using testing::Spec;

constexpr char kOpened[] = R"pb(opened { product_id: "p-1" seller_id: "s-1" low_level: 2 })pb";
constexpr char kReceived5[] = R"pb(received { quantity: 5 })pb";
// Until noon + 15 min.
constexpr char kHeld2[] = R"pb(reserved {
                                 hold_id: "h-1"
                                 quantity: 2
                                 expire_time { seconds: 1772453700 }
                               })pb";
constexpr char kHeld5[] = R"pb(reserved {
                                 hold_id: "h-1"
                                 quantity: 5
                                 expire_time { seconds: 1772453700 }
                               })pb";
constexpr char kReleased[] = R"pb(reservation_released { hold_id: "h-1" quantity: 2 })pb";
constexpr char kExpired[] = R"pb(reservation_expired { hold_id: "h-1" quantity: 2 })pb";
constexpr char kAllocated[] = R"pb(allocated { hold_id: "h-1" order_id: "o-1" quantity: 2 })pb";
constexpr char kDispatched[] = R"pb(dispatched { order_id: "o-1" quantity: 2 })pb";

HoldStock Hold(const char* hold_id, std::int64_t quantity, absl::Duration time = absl::Minutes(15)) {
  return {.hold_id = hold_id, .quantity = quantity, .expire_time = Noon() + time};
}

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

TEST_CASE("what is held is not for sale") {
  const auto stock = Spec<Stock>().Given({kOpened, kReceived5}).When(Hold("h-1", 2)).Then({kHeld2});
  CHECK(Available(stock) == 3);
  CHECK(stock.held() == 2);
}

TEST_CASE("nobody holds more than there is, and learns how much there is") {
  const auto state = Spec<Stock>().Given({kOpened, kReceived5, kHeld2}).state();
  const Status status = Stock::Decide(state, Hold("h-2", 4), Noon()).status();
  CHECK(Reason(status) == "OUT_OF_STOCK");
  CHECK(ValuesOfReason(status)[0].second == "3");
}

TEST_CASE("the same hold again changes nothing, with another number it is refused") {
  Spec<Stock>().Given({kOpened, kReceived5, kHeld2}).When(Hold("h-1", 2)).Then({});
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2})
      .When(Hold("h-1", 3))
      .ThenFails(StatusCode::kFailedPrecondition, "HOLD_MISMATCH");
}

TEST_CASE("a hold ends once: a second release is a no-op") {
  Spec<Stock>().Given({kOpened, kReceived5, kHeld2}).When(ReleaseHold{.hold_id = "h-1"}).Then({kReleased});
  const auto stock = Spec<Stock>()
                         .Given({kOpened, kReceived5, kHeld2, kReleased})
                         .When(ReleaseHold{.hold_id = "h-1"})
                         .Then({});
  CHECK(Available(stock) == 5);
}

TEST_CASE("an ended hold cannot come back") {
  for (const char* end : {kReleased, kExpired}) {
    Spec<Stock>()
        .Given({kOpened, kReceived5, kHeld2, end})
        .When(Hold("h-1", 2))
        .ThenFails(StatusCode::kFailedPrecondition, "HOLD_ENDED");
    Spec<Stock>()
        .Given({kOpened, kReceived5, kHeld2, end})
        .When(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
        .ThenFails(StatusCode::kFailedPrecondition, "HOLD_ENDED");
    Spec<Stock>()
        .Given({kOpened, kReceived5, kHeld2, end})
        .When(ExtendHold{.hold_id = "h-1", .expire_time = Noon() + absl::Hours(1)})
        .ThenFails(StatusCode::kFailedPrecondition, "HOLD_ENDED");
  }
}

TEST_CASE("a hold that comes after its release is refused") {
  Spec<Stock>()
      .Given({kOpened, kReceived5})
      .When(ReleaseHold{.hold_id = "h-1"})
      .Then({R"pb(reservation_released { hold_id: "h-1" })pb"});
  Spec<Stock>()
      .Given({kOpened, kReceived5, R"pb(reservation_released { hold_id: "h-1" })pb"})
      .When(Hold("h-1", 2))
      .ThenFails(StatusCode::kFailedPrecondition, "HOLD_ENDED");
}

TEST_CASE("a hold expires at its time and not before") {
  Spec<Stock>()
      .At(Noon() + absl::Minutes(14))
      .Given({kOpened, kReceived5, kHeld2})
      .When(ExpireHolds{})
      .Then({});
  Spec<Stock>()
      .At(Noon() + absl::Minutes(15))
      .Given({kOpened, kReceived5, kHeld2})
      .When(ExpireHolds{})
      .Then({kExpired});
}

TEST_CASE("an extended hold lives longer, and is never shortened") {
  constexpr char kExtended[] = R"pb(reservation_extended {
                                      hold_id: "h-1"
                                      expire_time { seconds: 1772456400 }
                                    })pb";
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2})
      .When(ExtendHold{.hold_id = "h-1", .expire_time = Noon() + absl::Hours(1)})
      .Then({kExtended});
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kExtended})
      .When(ExtendHold{.hold_id = "h-1", .expire_time = Noon() + absl::Minutes(20)})
      .Then({});
  Spec<Stock>()
      .At(Noon() + absl::Minutes(30))
      .Given({kOpened, kReceived5, kHeld2, kExtended})
      .When(ExpireHolds{})
      .Then({});
}

TEST_CASE("a lapsed hold makes room for the next one, explicitly") {
  Spec<Stock>()
      .At(Noon() + absl::Minutes(16))
      .Given({kOpened, kReceived5, kHeld2})
      .When(Hold("h-2", 4, absl::Hours(1)))
      .Then({kExpired, R"pb(reserved {
                              hold_id: "h-2"
                              quantity: 4
                              expire_time { seconds: 1772456400 }
                            })pb",
             R"pb(low_reached { product_id: "p-1" seller_id: "s-1" available_quantity: 1 })pb"});
}

TEST_CASE("a lapsed hold can be committed as long as nobody else got the pieces") {
  Spec<Stock>()
      .At(Noon() + absl::Hours(2))
      .Given({kOpened, kReceived5, kHeld2})
      .When(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
      .Then({kAllocated});
}

TEST_CASE("a committed hold belongs to one order and cannot be released") {
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated})
      .When(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
      .Then({});
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated})
      .When(CommitHold{.hold_id = "h-1", .order_id = "o-2"})
      .ThenFails(StatusCode::kFailedPrecondition, "HOLD_MISMATCH");
  Spec<Stock>()
      .Given({kOpened, kReceived5, kHeld2, kAllocated})
      .When(ReleaseHold{.hold_id = "h-1"})
      .ThenFails(StatusCode::kFailedPrecondition, "HOLD_COMMITTED");
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

TEST_CASE("each hold has its timer until it ends") {
  const auto reaction = [](const char* text) {
    Reactions reactions;
    Stock::React(StockId::Of("p-1"), {}, FromText<v1::StockEvent>(text), Noon(), reactions);
    return reactions;
  };
  const Reactions held = reaction(kHeld2);
  REQUIRE(held.started().size() == 1);
  CHECK(held.started()[0].key == "h-1");
  CHECK(held.started()[0].due == Noon() + absl::Minutes(15));
  for (const char* end : {kReleased, kExpired, kAllocated}) CHECK(reaction(end).cancelled().size() == 1);
}

TEST_CASE("each command meets each phase of a hold") {
  const auto ok = StatusCode::kOk;
  const auto no = StatusCode::kFailedPrecondition;
  const auto none = StatusCode::kNotFound;
  struct Phase {
    const char* name;
    std::vector<const char*> history;
    // hold, extend, commit, release, expire, cancel order, dispatch, return
    std::vector<StatusCode> codes;
  };
  const std::vector<Phase> phases = {
      {"no stock", {}, {none, none, none, none, ok, none, none, none}},
      {"no hold", {kOpened, kReceived5}, {ok, none, none, ok, ok, ok, ok, no}},
      {"held", {kOpened, kReceived5, kHeld2}, {ok, ok, ok, ok, ok, ok, ok, no}},
      {"released", {kOpened, kReceived5, kHeld2, kReleased}, {no, no, no, ok, ok, ok, ok, no}},
      {"expired", {kOpened, kReceived5, kHeld2, kExpired}, {no, no, no, ok, ok, ok, ok, no}},
      {"allocated", {kOpened, kReceived5, kHeld2, kAllocated}, {ok, ok, ok, no, ok, ok, ok, no}},
      {"dispatched",
       {kOpened, kReceived5, kHeld2, kAllocated, kDispatched},
       {no, no, ok, ok, ok, ok, ok, ok}},
  };
  for (const Phase& phase : phases) {
    v1::StockState state;
    for (const char* text : phase.history) Stock::Evolve(state, FromText<v1::StockEvent>(text));
    const auto code = [&state](const auto& command) {
      return Stock::Decide(state, command, Noon()).status().code();
    };
    const std::vector<StatusCode> got = {
        code(Hold("h-1", 2)),
        code(ExtendHold{.hold_id = "h-1", .expire_time = Noon() + absl::Hours(1)}),
        code(CommitHold{.hold_id = "h-1", .order_id = "o-1"}),
        code(ReleaseHold{.hold_id = "h-1"}),
        code(ExpireHolds{}),
        code(ReleaseAllocation{.order_id = "o-1", .quantity = 2}),
        code(DispatchStock{.order_id = "o-1", .quantity = 2}),
        code(ReturnStock{.order_id = "o-1", .quantity = 1})};
    INFO(phase.name);
    CHECK(got == phase.codes);
  }
}

// Sums of the reservations, which the counters must agree with.
void CheckSums(const v1::StockState& stock, const std::string& path) {
  INFO(path);
  std::int64_t held = 0;
  std::int64_t allocated = 0;
  for (const v1::Reservation& reservation : stock.reservations()) {
    (reservation.order_id().empty() ? held : allocated) += reservation.quantity();
    CHECK(reservation.quantity() > 0);
    CHECK(FindEnded(stock, reservation.hold_id()) == nullptr);
  }
  CHECK(stock.held() == held);
  CHECK(stock.allocated() == allocated);
  CHECK(stock.on_hand() >= 0);
  CHECK(Available(stock) >= 0);
}

TEST_CASE("whatever happens, nothing is promised twice") {
  testing::Explorer<Stock> explorer(Noon());
  explorer.Add("receive", ReceiveStock{.quantity = 3});
  explorer.Add("lose one", AdjustStock{.delta = -1, .reason = "broken"});
  explorer.Add("hold a", Hold("a", 2));
  explorer.Add("hold b", Hold("b", 2, absl::Hours(2)));
  explorer.Add("commit a", CommitHold{.hold_id = "a", .order_id = "o-a"});
  explorer.Add("release a", ReleaseHold{.hold_id = "a"});
  explorer.Add("expire", ExpireHolds{});
  explorer.Add("cancel a", ReleaseAllocation{.order_id = "o-a", .quantity = 1});
  explorer.Add("dispatch a", DispatchStock{.order_id = "o-a", .quantity = 2});
  explorer.Add("return a", ReturnStock{.order_id = "o-a", .quantity = 1});
  explorer.AddWait("an hour", absl::Hours(1));
  explorer.Check(CheckSums);
  const auto opened = FromText<v1::StockState>(R"pb(product_id: "p-1" seller_id: "s-1" low_level: 2)pb");
  CHECK(explorer.Run(5, opened) > 10'000);
}

TEST_CASE("N buyers of k units: exactly min(k, demand) are sold, and the books balance") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto upto = [&random](int max) {
      return static_cast<std::int64_t>(random() % static_cast<unsigned>(max)) + 1;
    };
    v1::StockState stock;
    std::map<std::string, int> ends;  // By hold.
    std::int64_t received = 0;
    std::int64_t adjusted = 0;
    std::int64_t returned = 0;
    std::int64_t dispatched = 0;
    absl::Time now = Noon();
    const auto run = [&](const auto& command) {
      const auto events = Stock::Decide(stock, command, now);
      if (!events.ok()) return false;
      for (const v1::StockEvent& event : *events) {
        Stock::Evolve(stock, event);
        received += event.received().quantity();
        adjusted += event.adjusted().delta();
        returned += event.returned().quantity();
        dispatched += event.dispatched().quantity();
        if (event.has_reservation_released()) ++ends[event.reservation_released().hold_id()];
        if (event.has_reservation_expired()) ++ends[event.reservation_expired().hold_id()];
        if (event.has_allocated()) ++ends[event.allocated().hold_id()];
      }
      CheckSums(stock, "");
      return true;
    };
    REQUIRE(run(OpenStock{.product_id = "p-1", .seller_id = "s-1", .low_level = 2}));
    const std::int64_t units = upto(20);
    REQUIRE(run(ReceiveStock{.quantity = units}));

    // A rush for single pieces, each asked for twice, in any order.
    const int buyers = static_cast<int>(upto(40));
    std::vector<int> asks;
    for (int buyer = 0; buyer < buyers; ++buyer) asks.insert(asks.end(), {buyer, buyer});
    std::shuffle(asks.begin(), asks.end(), random);
    for (const int buyer : asks) run(Hold(absl::StrFormat("h-%d", buyer).c_str(), 1));
    const std::int64_t sold = std::min<std::int64_t>(units, buyers);
    CHECK(stock.held() == sold);
    CHECK(stock.reservations_size() == sold);

    // Each hold then meets any end, more than once, and orders take their course.
    for (int step = 0; step < 200; ++step) {
      const std::string hold = absl::StrFormat("h-%d", upto(buyers) - 1);
      const std::string order = "o-" + hold;
      switch (random() % 8) {
        case 0:
          run(ReleaseHold{.hold_id = hold});
          break;
        case 1:
          run(CommitHold{.hold_id = hold, .order_id = order});
          break;
        case 2:
          now += absl::Minutes(static_cast<std::int64_t>(random() % 3));
          run(ExpireHolds{});
          break;
        case 3:
          if (FindReservation(stock, hold) != nullptr)
            run(ReleaseAllocation{.order_id = order, .quantity = 1});
          break;
        case 4:
          if (FindReservation(stock, hold) != nullptr)
            run(DispatchStock{.order_id = order, .quantity = upto(2)});
          break;
        case 5:
          run(ReturnStock{.order_id = order, .quantity = 1});
          break;
        case 6:
          run(AdjustStock{.delta = upto(3) - 2, .reason = "count"});
          break;
        case 7:
          run(ReceiveStock{.quantity = 1});
          break;
      }
    }
    for (const auto& [hold, count] : ends) CHECK(count == 1);
    CHECK(stock.on_hand() == received + adjusted + returned - dispatched);

    // When all orders are over, nothing is held or allocated.
    now += absl::Hours(24);
    REQUIRE(run(ExpireHolds{}));
    while (stock.reservations_size() > 0) {
      const std::string order = stock.reservations(0).order_id();
      REQUIRE(run(ReleaseAllocation{.order_id = order, .quantity = 100}));
    }
    CHECK(stock.held() == 0);
    CHECK(stock.allocated() == 0);
    CHECK(Available(stock) == stock.on_hand());
  }
}

}  // namespace
}  // namespace souk::catalog
