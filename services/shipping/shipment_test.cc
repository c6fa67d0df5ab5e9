#include "services/shipping/shipment.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/shipping/shipment_fixture.h"

namespace souk::shipping {
namespace {

using testing::FromText;
using testing::Noon;
using ShipmentSpec = testing::Spec<Shipment>;
using State = Shipment::State;
using Event = Shipment::Event;

// -- From the order to the carrier --

TEST_CASE("a shipment is planned with its order, once") {
  ShipmentSpec().When(PlanOrder()).Then({kPlanned});
  ShipmentSpec().Given({kPlanned}).When(PlanOrder()).Then({});
}

TEST_CASE("a shipment waits for the payment, and is ready with it") {
  ShipmentSpec().Given({kPlanned}).When(MarkReady{}).Then({kReady});
  ShipmentSpec().When(MarkReady{}).ThenFails(absl::StatusCode::kNotFound);
  ShipmentSpec()
      .Given({kPlanned})
      .When(Pack{.seller_id = "s"})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ORDER_UNPAID");
  ShipmentSpec()
      .Given({kPlanned})
      .When(SendAll())
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ORDER_UNPAID");
}

TEST_CASE("who pays late is sent later: the order says by when") {
  const absl::Time later = Noon() + absl::Hours(96);
  const State after =
      ShipmentSpec()
          .Given({kPlanned})
          .When(MarkReady{.ship_by = later})
          .Then({R"(ready { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
                  ready_time { seconds: 1772452800 } ship_by_time { seconds: 1772798400 } })"});
  CHECK(FromProto(after.ship_by_time()) == later);
}

TEST_CASE("a part can be packed, and then the rest") {
  const State half =
      ShipmentSpec()
          .Given({kPlanned, kReady})
          .Repeatable()
          .When(PackPart("1", 1))
          .Then({R"(packed { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
                   lines { line_id: "1" quantity: 1 } pack_time { seconds: 1772452800 } })"});
  CHECK(half.state() == State::STATE_READY);
  const State whole =
      ShipmentSpec()
          .Given({kPlanned, kReady, kHalfPacked})
          .When(Pack{.seller_id = "s"})
          .Then({R"(packed { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
                       lines { line_id: "1" quantity: 1 } lines { line_id: "2" quantity: 1 } complete: true
                       pack_time { seconds: 1772452800 } })"});
  CHECK(whole.state() == State::STATE_PACKED);
}

TEST_CASE("never more is packed than was ordered") {
  ShipmentSpec()
      .Given({kPlanned, kReady, kHalfPacked})
      .When(PackPart("1", 2))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
  Pack twice{.seller_id = "s", .lines = {Part("2", 1), Part("2", 1)}};
  ShipmentSpec()
      .Given({kPlanned, kReady})
      .When(twice)
      .ThenFails(absl::StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
}

TEST_CASE("what the order does not have cannot be packed, nor less than one of it") {
  for (const Pack& pack : {PackPart("3", 1), PackPart("1", 0), PackPart("1", -1)}) {
    ShipmentSpec().Given({kPlanned, kReady}).When(pack).ThenFails(absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("to another seller the shipment does not exist") {
  Dispatch theirs = SendAll();
  theirs.seller_id = "s-2";
  ShipmentSpec().Given({kPlanned, kReady}).When(theirs).ThenFails(absl::StatusCode::kNotFound);
  ShipmentSpec()
      .Given({kPlanned, kReady})
      .When(Pack{.seller_id = "s-2"})
      .ThenFails(absl::StatusCode::kNotFound);
}

TEST_CASE("dispatch packs what is not packed") {
  ShipmentSpec().Given({kPlanned, kReady}).When(SendAll()).Then({kPacked, kDispatched});
  ShipmentSpec().Given({kPlanned, kReady, kPacked}).When(SendAll()).Then({kDispatched});
}

TEST_CASE("the same dispatch again changes nothing, another one is refused") {
  ShipmentSpec().Given({kPlanned, kReady, kPacked, kDispatched}).When(SendAll()).Then({});
  Dispatch other = SendAll();
  other.tracking_code = "T2";
  ShipmentSpec()
      .Given({kPlanned, kReady, kPacked, kDispatched})
      .When(other)
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("a dispatch may be told later, but neither before the order nor in the future") {
  Dispatch dispatch = SendAll();
  const auto at = [&](absl::Time time) {
    dispatch.dispatch_time = time;
    return dispatch;
  };
  const absl::Time later = Noon() + absl::Hours(24 * 5);
  const State after =
      ShipmentSpec().Given({kPlanned, kReady, kPacked}).At(later).When(at(Noon())).Then({kDispatched});
  CHECK_FALSE(after.ship_by_missed());
  ShipmentSpec()
      .Given({kPlanned, kReady})
      .When(at(Noon() + absl::Seconds(1)))
      .ThenFails(absl::StatusCode::kInvalidArgument);
  ShipmentSpec()
      .Given({kPlanned, kReady})
      .When(at(Noon() - absl::Hours(2)))
      .ThenFails(absl::StatusCode::kInvalidArgument);
}

TEST_CASE("who was in time and only says so late has missed nothing") {
  Dispatch dispatch = SendAll();
  dispatch.dispatch_time = Noon();
  const absl::Time later = Noon() + absl::Hours(24 * 5);
  const State after = ShipmentSpec()
                          .Given({kPlanned, kReady, kPacked, kShipByMissed})
                          .At(later)
                          .When(dispatch)
                          .Then({kDispatched});
  CHECK_FALSE(after.ship_by_missed());
}

TEST_CASE("a late dispatch is told as late") {
  Dispatch dispatch = SendAll();
  const absl::Time late = Noon() + absl::Hours(48) + absl::Seconds(1);
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kPacked}).At(late).When(dispatch);
  CHECK(spec.state().ship_by_missed());
}

// -- Cancelling --

TEST_CASE("a shipment can be cancelled until it is dispatched") {
  const CancelLines all{.lines = {}, .reason = "changed mind"};
  const std::string_view cancelled =
      R"(lines_cancelled { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
           lines { line_id: "1" quantity: 2 } lines { line_id: "2" quantity: 1 } complete: true
           reason: "changed mind" })";
  ShipmentSpec().Given({kPlanned}).When(all).Then({cancelled});
  ShipmentSpec().Given({kPlanned, kReady, kPacked}).When(all).Then({cancelled});
  ShipmentSpec().Given({kPlanned, kReady, kPacked, kDispatched}).When(all).Then({});
}

TEST_CASE("what is cancelled is not sent") {
  CancelLines part{.lines = {Part("1", 1)}, .reason = "sold out"};
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kHalfPacked}).Repeatable().When(part);
  CHECK(spec.state().lines(0).quantity() == 1);
  CHECK(spec.state().state() == State::STATE_READY);
  const StatusOr<Shipment::Events> events = Shipment::Decide(spec.state(), SendAll(), Noon());
  REQUIRE(events.ok());
  REQUIRE(events->back().dispatched().lines_size() == 2);
  CHECK(events->back().dispatched().lines(0).quantity() == 1);
}

TEST_CASE("when the missing piece is cancelled the shipment is packed") {
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kHalfPacked})
      .When(CancelLines{.lines = {Part("1", 1), Part("2", 1)}, .reason = "sold out"});
  CHECK(spec.state().state() == State::STATE_PACKED);
}

TEST_CASE("more than there is, or what there is not, is cancelled as far as it goes") {
  ShipmentSpec spec;
  spec.Given({kPlanned}).When(CancelLines{.lines = {Part("1", 9), Part("x", 1)}, .reason = "r"});
  CHECK(spec.state().lines(0).quantity() == 0);
  CHECK(spec.state().lines(1).quantity() == 1);
  ShipmentSpec().Given({kPlanned}).When(CancelLines{.lines = {Part("1", -1)}, .reason = "r"}).Then({});
}

// -- All commands in all states --

TEST_CASE("what a shipment allows in which state") {
  const auto table = testing::CommandTable<Shipment>(Noon())
                         .Add(PlanOrder())
                         .Add(MarkReady{})
                         .Add(PackPart("1", 1))
                         .Add(SendAll())
                         .Add(ScanAt(v1::SCAN_STATUS_OUT_FOR_DELIVERY, 5))
                         .Add(CancelLines{.lines = {}, .reason = "r"})
                         .Add(Stop{.reason = "r"})
                         .Add(CheckShipBy{});
  const auto scanned = [](v1::ScanStatus status) {
    State state = StateAfter({kPlanned, kReady, kPacked, kDispatched});
    const StatusOr<Shipment::Events> events = Shipment::Decide(state, ScanAt(status, 2), Noon());
    for (const Event& event : *events) Shipment::Evolve(state, event);
    return state;
  };
  const std::vector<std::pair<std::string, State>> states = {
      {"nothing", State()},
      {"PLANNED", StateAfter({kPlanned})},
      {"READY", StateAfter({kPlanned, kReady})},
      {"PACKED", StateAfter({kPlanned, kReady, kPacked})},
      {"DISPATCHED", StateAfter({kPlanned, kReady, kPacked, kDispatched})},
      {"IN_TRANSIT", scanned(v1::SCAN_STATUS_IN_TRANSIT)},
      {"OUT_FOR_DELIVERY", scanned(v1::SCAN_STATUS_OUT_FOR_DELIVERY)},
      {"ATTEMPT_FAILED", scanned(v1::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED)},
      {"AVAILABLE_FOR_PICKUP", scanned(v1::SCAN_STATUS_AVAILABLE_FOR_PICKUP)},
      {"EXCEPTION", scanned(v1::SCAN_STATUS_EXCEPTION)},
      {"DELIVERED", scanned(v1::SCAN_STATUS_DELIVERED)},
      {"RETURNING", scanned(v1::SCAN_STATUS_RETURNING)},
      {"RETURNED", scanned(v1::SCAN_STATUS_RETURNED)},
      {"LOST", scanned(v1::SCAN_STATUS_LOST)},
      {"CANCELLED", StateAfter({kPlanned,
                                "lines_cancelled { lines { line_id: '1' quantity: 2 } "
                                "lines { line_id: '2' quantity: 1 } complete: true }"})},
  };
  CHECK(states.size() == v1::ShipmentState::State_ARRAYSIZE);
  //  plan ready pack dispatch scan cancel stop check
  const std::map<std::string, std::string> expected = {
      {"nothing", "+----=-="},          {"PLANNED", "=+!!!++="},        {"READY", "==++!++="},
      {"PACKED", "==!+!++="},           {"DISPATCHED", "==!=+=!="},     {"IN_TRANSIT", "==!=+=!="},
      {"OUT_FOR_DELIVERY", "==!=+=!="}, {"ATTEMPT_FAILED", "==!=+=!="}, {"AVAILABLE_FOR_PICKUP", "==!=+=!="},
      {"EXCEPTION", "==!=+=!="},        {"DELIVERED", "==!=+=!="},      {"RETURNING", "==!=+=!="},
      {"RETURNED", "==!=+=!="},         {"LOST", "==!=+=!="},           {"CANCELLED", "==!!!==="},
  };
  for (const auto& [name, state] : states) {
    INFO(name);
    if (name != "nothing") CHECK(State::State_Name(state.state()) == "STATE_" + name);
    CHECK(table.RowOf(state) == expected.at(name));
  }
}

TEST_CASE("whatever happens in whatever order, no more is sent than was ordered and not cancelled") {
  testing::Explorer<Shipment> explorer(Noon());
  explorer.Add("plan", PlanOrder());
  explorer.Add("ready", MarkReady{});
  explorer.Add("pack one", PackPart("1", 1));
  explorer.Add("pack all", Pack{.seller_id = "s"});
  explorer.Add("cancel one", CancelLines{.lines = {Part("1", 1)}, .reason = "r"});
  explorer.Add("cancel all", CancelLines{.lines = {}, .reason = "r"});
  explorer.Add("stop", Stop{.reason = "r"});
  explorer.Add("dispatch", SendAll());
  explorer.Add("deliver", ScanAt(v1::SCAN_STATUS_DELIVERED, 5));
  explorer.Add("return", ScanAt(v1::SCAN_STATUS_RETURNED, 9));
  explorer.Add("check", CheckShipBy{});
  explorer.AddWait("two days", absl::Hours(49));
  explorer.Check([](const State& shipment, const std::string& path) {
    bool good = true;
    int left = 0;
    for (const v1::ShipmentLine& line : shipment.lines()) {
      good = good && 0 <= line.packed_quantity() && line.packed_quantity() <= line.quantity();
      if (shipment.has_dispatch_time()) good = good && line.packed_quantity() == line.quantity();
      left += line.quantity();
    }
    good = good && (shipment.state() == State::STATE_UNSPECIFIED ||
                    (left == 0) == (shipment.state() == State::STATE_CANCELLED));
    if (!good) FAIL(path);
  });
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    // A dispatched shipment keeps what is in it; a cancelled one stays so; nothing is planned twice.
    bool good = after.state() != State::STATE_UNSPECIFIED;
    if (before.has_dispatch_time()) {
      good = good && after.has_dispatch_time() && after.state() != State::STATE_CANCELLED;
      for (int i = 0; i < before.lines_size(); ++i) {
        good = good && before.lines(i).quantity() == after.lines(i).quantity();
      }
    }
    if (before.state() == State::STATE_CANCELLED) good = false;
    if (before.delivery_announced()) good = good && after.delivery_announced();
    if (!good) FAIL(path);
  });
  CHECK(explorer.Run(6) > 10'000);
}

}  // namespace
}  // namespace souk::shipping
