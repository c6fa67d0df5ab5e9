// Stock that is held for an order to be: until it is committed, released, or its time is over.
#include <catch2/catch.hpp>
#include <vector>

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

}  // namespace
}  // namespace souk::catalog
