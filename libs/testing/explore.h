#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate.h"

namespace souk::testing {

// Tries every sequence of commands up to a length, and checks invariants after each step.
//
//   Explorer<Order> explorer;
//   explorer.Add("cancel", Cancel{.reason = "late"});
//   explorer.AddWait("a day", absl::Hours(24));
//   explorer.Check([](const State& state, const std::string& path) { INFO(path); CHECK(...); });
//   const std::size_t states = explorer.Run(5);
template <Aggregate A>
class Explorer {
 public:
  using State = typename A::State;
  using Events = std::vector<typename A::Event>;

  explicit Explorer(absl::Time start) : start_(start) {}

  template <typename Command>
  void Add(std::string name, Command command) {
    steps_.push_back({std::move(name), absl::ZeroDuration(),
                      [command](const State& s, absl::Time now) { return A::Decide(s, command, now); }});
  }

  // A step in which only time passes.
  void AddWait(std::string name, absl::Duration duration) {
    steps_.push_back(
        {std::move(name), duration, [](const State&, absl::Time) { return StatusOr<Events>(Events()); }});
  }

  // Called after every step with the state and the names of the steps so far.
  using Invariant = std::function<void(const State& state, const std::string& path)>;
  void Check(Invariant invariant) { invariant_ = std::move(invariant); }

  // Called after every accepted command, with the state before it.
  using Transition = std::function<void(const State& before, const State& after, const std::string& path)>;
  void CheckTransition(Transition transition) { transition_ = std::move(transition); }

  // Runs all sequences of up to `depth` steps from `initial`; returns how many.
  std::size_t Run(int depth, const State& initial = State()) { return Visit(initial, start_, depth, ""); }

 private:
  struct Step {
    std::string name;
    absl::Duration wait;
    std::function<StatusOr<Events>(const State&, absl::Time)> decide;
  };

  std::size_t Visit(const State& state, absl::Time now, int depth, const std::string& path) {
    if (depth == 0) return 1;
    std::size_t count = 0;
    for (const Step& step : steps_) {
      const std::string here = path.empty() ? step.name : path + ", " + step.name;
      const StatusOr<Events> events = step.decide(state, now);
      if (!events.ok()) continue;  // A rejection changes nothing: nothing new to see behind it.
      State after = state;
      for (const auto& event : *events) A::Evolve(after, event);
      if (invariant_) invariant_(after, here);
      if (transition_ && !events->empty()) transition_(state, after, here);
      count += Visit(after, now + step.wait, depth - 1, here);
    }
    return count + 1;
  }

  const absl::Time start_;
  std::vector<Step> steps_;
  Invariant invariant_;
  Transition transition_;
};

}  // namespace souk::testing
