#include "services/order/order_timers.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "libs/testing/spec.h"
#include "services/order/history_fixture.h"

namespace souk::order {
namespace {

using testing::Noon;
using State = Order::State;
using Event = Order::Event;

// The timers that wait after the events, by kind, when all were recorded at noon.
std::map<std::string, absl::Time> TimersAfter(const std::vector<Event>& history) {
  State state;
  std::map<std::string, absl::Time> timers;
  for (const Event& event : history) {
    Order::Evolve(state, event);
    Reactions reactions;
    Order::React(OrderId::Of("g-1.1"), state, event, Noon(), reactions);
    for (const EffectIntent& started : reactions.started()) timers[started.kind] = started.due;
    for (const EffectIntent& cancelled : reactions.cancelled()) timers.erase(cancelled.kind);
  }
  return timers;
}
using Timers = std::map<std::string, absl::Time>;

TEST_CASE("every wait has a timer, and no timer outlives its wait") {
  const auto days = [](int n) { return Noon() + absl::Hours(24 * n); };
  CHECK(TimersAfter(History(ByTransfer())) == Timers{{kUnpaidTimer, days(5)}});
  CHECK(TimersAfter(History(ByCard())) == Timers{{kUnpaidTimer, days(5)}});
  const Timers overdue = {{kDispatchOverdueTimer, days(2 + 14)}};
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere)) == overdue);
  CHECK(TimersAfter(History(InCash())) == overdue);
  CHECK(TimersAfter(History(ByTransfer(), kMoneyIsThere)) == overdue);
  const Timers sent = {{kReceiptReminderTimer, days(12)}, {kReceiveTimer, days(14)}};
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll)) == sent);
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, RemindOfReceipt{})) ==
        Timers{{kReceiveTimer, days(14)}});
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kDelivery)) ==
        Timers{{kReceiveTimer, days(3)}});
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kDispatchAll, kDelivery, kBuyerHasIt)).empty());
  CHECK(TimersAfter(History(ByCard(), kMoneyIsThere, kCancel)).empty());
  CHECK(TimersAfter(History(ByTransfer(), kCancel)).empty());
}

}  // namespace
}  // namespace souk::order
