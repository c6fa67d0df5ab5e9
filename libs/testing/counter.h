// The aggregate that the engine's own tests use: it counts, asks for a report outside
// whenever it passes a hundred, and closes itself after an idle day.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/testing/v1/counter_events.pb.h"

namespace souk::testing {

struct Open {
  std::string owner;
};
struct Add {
  std::int64_t amount;
};
struct Report {
  std::int64_t value;
};
struct Close {
  std::string reason;
};

struct Counter {
  static constexpr const char* kName = "counter";
  using Id = StrongId<Counter>;
  using State = v1::CounterState;
  using Event = v1::CounterEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& counter, const Open& command, absl::Time now);
  static StatusOr<Events> Decide(const State& counter, const Add& command, absl::Time now);
  static StatusOr<Events> Decide(const State& counter, const Report& command, absl::Time now);
  static StatusOr<Events> Decide(const State& counter, const Close& command, absl::Time now);
  static void Evolve(State& counter, const Event& event);

  // "counters_by_owner": owner/id, with the state.
  static void Index(const Id& id, const State& counter, IndexRows& rows);
  // Effect "report" at each hundred; timer "idle" a day after the last addition.
  static void React(const Id& id, const State& counter, const Event& event, absl::Time now,
                    Reactions& reactions);
  // Counters of one group, "group.n", change together.
  static std::string PartitionKey(const Id& id) { return id.str().substr(0, id.str().find('.')); }
};
using CounterId = Counter::Id;

}  // namespace souk::testing
