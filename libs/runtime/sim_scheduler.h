// A world with a virtual clock in which one thread runs everything, in an order
// that depends on nothing but a seed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "libs/runtime/scheduler.h"

namespace souk {

class SimScheduler final : public Scheduler {
 public:
  explicit SimScheduler(std::uint64_t seed) : random_(seed) {}

  void Post(Work work) override { ready_.push_back(std::move(work)); }
  void PostAt(absl::Time when, Work work) override { later_.emplace(when, std::move(work)); }
  absl::Time Now() const override { return now_; }

  // Runs one piece of work, any of those that are ready. When none is, moves
  // the clock to the next. Returns false when there is nothing left to do.
  bool Step();

  // A number in [0, n). The only source of chance in a simulation.
  std::uint64_t Random(std::uint64_t n) { return random_() % n; }
  bool Chance(double probability) { return static_cast<double>(Random(1 << 20)) < probability * (1 << 20); }

  // Steps so far, and a digest of all choices made: two runs that agree on it
  // took the same path.
  std::uint64_t steps() const { return steps_; }
  std::uint64_t digest() const { return digest_; }

 private:
  std::mt19937_64 random_;  // Specified to the bit, unlike the distributions.
  absl::Time now_ = absl::UnixEpoch();
  std::vector<Work> ready_;
  std::multimap<absl::Time, Work> later_;
  std::uint64_t steps_ = 0;
  std::uint64_t digest_ = 0;
};

// One process of a simulated world. What it posted is gone when it is.
class SimProcess final : public Scheduler {
 public:
  explicit SimProcess(SimScheduler& world) : world_(world) {}

  void Post(Work work) override { world_.Post(WhileAlive(std::move(work))); }
  void PostAt(absl::Time when, Work work) override { world_.PostAt(when, WhileAlive(std::move(work))); }
  absl::Time Now() const override { return world_.Now(); }

 private:
  Work WhileAlive(Work work) {
    return [alive = std::weak_ptr<bool>(alive_), work = std::move(work)]() mutable {
      if (!alive.expired()) work();
    };
  }

  SimScheduler& world_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace souk
