// What everything in a simulated world stands on.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/uuid.h"
#include "libs/rpc/sim_network.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/testing/model_kafka.h"
#include "tests/simulation/history.h"
#include "tests/simulation/plan.h"

namespace souk::simulation {

// Business time is the world's time. Nobody polls for timers: the world tells the engines
// when they are due, so that a quiet week costs nothing.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(const SimScheduler& world) : world_(world) {}
  absl::Time Now() const override { return world_.Now(); }
  bool manual() const override { return true; }

 private:
  const SimScheduler& world_;
};

class WorldIds final : public IdGenerator {
 public:
  explicit WorldIds(SimScheduler& world) : world_(world) {}
  std::string NewId() override {
    const std::uint64_t high = world_.Random(~0ull);
    return TimedUuid(world_.Now(), high, world_.Random(~0ull));
  }

 private:
  SimScheduler& world_;
};

struct Stage {
  Stage(const Plan& p, bool trace) : plan(p), scheduler(p.seed, p.start), history(scheduler, trace) {}
  Stage(const Stage&) = delete;

  // A number in [0, 1), a moment within `most`.
  bool Chance(double probability) { return probability > 0 && scheduler.Chance(probability); }
  std::uint64_t Below(std::uint64_t n) { return scheduler.Random(n); }
  absl::Duration Upto(absl::Duration most) {
    return absl::Microseconds(Below(static_cast<std::uint64_t>(absl::ToInt64Microseconds(most)) + 1));
  }

  // True for the mutant that this world is to have; see mutation.h.
  bool Has(Mutant mutant) const { return plan.mutant == mutant; }

  Plan plan;
  SimScheduler scheduler;
  History history;
  rpc::SimNetwork network{scheduler, plan.network};
  testing::ModelKafka kafka{scheduler, plan.kafka};
  WorldClock clock{scheduler};
  WorldIds ids{scheduler};
  TaskScope errands;  // What goes on when whoever began it has gone.
};

}  // namespace souk::simulation
