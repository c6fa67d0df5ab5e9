// Stock that is held for an order to be: until it is committed, released, or its time is over.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/testing/command_table.h"
#include "libs/testing/spec.h"
#include "services/catalog/stock.h"
#include "services/catalog/stock_fixture.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using testing::Spec;

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
  const auto table = testing::CommandTable<Stock>(Noon())
                         .Add(Hold("h-1", 2))
                         .Add(ExtendHold{.hold_id = "h-1", .expire_time = Noon() + absl::Hours(1)})
                         .Add(CommitHold{.hold_id = "h-1", .order_id = "o-1"})
                         .Add(ReleaseHold{.hold_id = "h-1"})
                         .Add(ExpireHolds{})
                         .Add(ReleaseAllocation{.order_id = "o-1", .quantity = 2})
                         .Add(DispatchStock{.order_id = "o-1", .quantity = 2})
                         .Add(ReturnStock{.order_id = "o-1", .quantity = 1});
  struct Phase {
    const char* name;
    std::vector<const char*> history;
    // hold, extend, commit, release, expire, cancel order, dispatch, return
    std::string row;
  };
  const std::vector<Phase> phases = {
      {"no stock", {}, "----=---"},
      {"no hold", {kOpened, kReceived5}, "+--+=++!"},
      {"held", {kOpened, kReceived5, kHeld2}, "=+++=++!"},
      {"released", {kOpened, kReceived5, kHeld2, kReleased}, "!!!==++!"},
      {"expired", {kOpened, kReceived5, kHeld2, kExpired}, "!!!==++!"},
      {"allocated", {kOpened, kReceived5, kHeld2, kAllocated}, "===!=++!"},
      {"dispatched", {kOpened, kReceived5, kHeld2, kAllocated, kDispatched}, "!!=====+"},
  };
  for (const Phase& phase : phases) {
    v1::StockState state;
    for (const char* text : phase.history) Stock::Evolve(state, FromText<v1::StockEvent>(text));
    INFO(phase.name);
    CHECK(table.RowOf(state) == phase.row);
  }
}

}  // namespace
}  // namespace souk::catalog
