// The time by which a shipment is to be handed over: reminders, and who is told when it is missed.
#include <catch2/catch.hpp>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "libs/testing/spec.h"
#include "services/shipping/shipment.h"
#include "services/shipping/shipment_fixture.h"

namespace souk::shipping {
namespace {

using testing::FromText;
using testing::Noon;
using ShipmentSpec = testing::Spec<Shipment>;
using State = Shipment::State;
using Event = Shipment::Event;

TEST_CASE("the seller is reminded once, a day before, and told once that it is overdue") {
  const auto check_at = [](absl::Duration after_noon) {
    return ShipmentSpec().Given({kPlanned, kReady}).At(Noon() + after_noon);
  };
  check_at(absl::Hours(24) - absl::Seconds(1)).When(CheckShipBy{}).Then({});
  check_at(absl::Hours(24)).When(CheckShipBy{}).Then({kShipByAtRisk});
  check_at(absl::Hours(48)).When(CheckShipBy{}).Then({kShipByAtRisk});
  check_at(absl::Hours(48) + absl::Seconds(1)).When(CheckShipBy{}).Then({kShipByMissed});
  ShipmentSpec().Given({kPlanned}).At(Noon() + absl::Hours(99)).When(CheckShipBy{}).Then({});
  ShipmentSpec()
      .Given({kPlanned, kReady, kPacked, kDispatched})
      .At(Noon() + absl::Hours(99))
      .When(CheckShipBy{})
      .Then({});
}

using Timers = std::map<std::string, absl::Time>;

Timers TimersAfter(std::initializer_list<std::string_view> history) {
  State state;
  Timers timers;
  for (const std::string_view text : history) {
    const Event event = FromText<Event>(text);
    Shipment::Evolve(state, event);
    Reactions reactions;
    Shipment::React(Shipment::Id::Of("o-1.s1"), state, event, Noon(), reactions);
    for (const EffectIntent& started : reactions.started()) {
      if (started.kind != kClaimScansEffect) timers[started.kind] = started.due;
    }
    for (const EffectIntent& cancelled : reactions.cancelled()) timers.erase(cancelled.kind);
  }
  return timers;
}

TEST_CASE("only what waits for its dispatch has timers") {
  const Timers waiting = {{kShipByReminderTimer, Noon() + absl::Hours(24)},
                          {kShipByTimer, Noon() + absl::Hours(48) + absl::Seconds(1)}};
  CHECK(TimersAfter({kPlanned}).empty());
  CHECK(TimersAfter({kPlanned, kReady}) == waiting);
  CHECK(TimersAfter({kPlanned, kReady, kPacked}) == waiting);
  CHECK(TimersAfter({kPlanned, kReady, kShipByAtRisk}).size() == 1);
  CHECK(TimersAfter({kPlanned, kReady, kShipByAtRisk, kShipByMissed}).empty());
  CHECK(TimersAfter({kPlanned, kReady, kPacked, kDispatched}).empty());
  CHECK(TimersAfter({kPlanned, kReady, "lines_cancelled { complete: true }"}).empty());
  CHECK(TimersAfter({kPlanned, kReady, "lines_cancelled {}"}) == waiting);
}

}  // namespace
}  // namespace souk::shipping
