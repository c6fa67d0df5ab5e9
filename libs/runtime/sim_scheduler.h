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
  explicit SimScheduler(std::uint64_t seed, absl::Time start = absl::UnixEpoch())
      : random_(seed), now_(start) {}

  void Post(Work work) override { ready_.push_back(std::move(work)); }
  void PostAt(absl::Time when, Work work) override { later_.emplace(when, std::move(work)); }
  absl::Time Now() const override { return now_; }

  // Runs one piece of work, any of those that are ready. When none is, moves
  // the clock to the next. Returns false when there is nothing left to do.
  bool Step();

  // When the next piece of work is due: now, later, or never.
  absl::Time NextDue() const;
  // Moves the clock on, not beyond NextDue: for a world with timers of its own.
  void AdvanceTo(absl::Time time);

  // A number in [0, n). The only source of chance in a simulation.
  std::uint64_t Random(std::uint64_t n) { return random_() % n; }
  bool Chance(double probability) { return static_cast<double>(Random(1 << 20)) < probability * (1 << 20); }

  // Steps so far, and a digest of all choices made: two runs that agree on it
  // took the same path.
  std::uint64_t steps() const { return steps_; }
  std::uint64_t digest() const { return digest_; }

 private:
  std::mt19937_64 random_;  // Specified to the bit, unlike the distributions.
  absl::Time now_;
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

  // Nothing of it runs until it is resumed, as when a machine is too busy or suspended.
  // Then it goes on without knowing that time has passed.
  void Pause() { paused_ = true; }
  void Resume();
  bool paused() const { return paused_; }

 private:
  Work WhileAlive(Work work);

  SimScheduler& world_;
  bool paused_ = false;
  std::vector<Work> held_;  // What was due while it was paused.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace souk
