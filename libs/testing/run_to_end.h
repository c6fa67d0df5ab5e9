// Runs a world with virtual time until a task has ended, or something is so.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <utility>

#include "libs/base/task.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::testing {

// The task's result. Fails the test when the task waits for something that never happens.
template <typename T>
T RunToEnd(SimScheduler& world, Task<T> task) {
  std::optional<T> result;
  TaskScope scope;
  scope.Spawn([](Task<T> inner, std::optional<T>& out) -> Task<> { out.emplace(co_await std::move(inner)); }(
                                                           std::move(task), result));
  while (!result.has_value() && world.Step()) {
  }
  REQUIRE(result.has_value());
  return *std::move(result);
}

inline void RunToEnd(SimScheduler& world, Task<> task) {
  TaskScope scope;
  scope.Spawn(std::move(task));
  while (scope.running() > 0 && world.Step()) {
  }
  REQUIRE(scope.running() == 0);
}

// Until `done` says so. Fails the test when that never happens.
template <typename Condition>
void RunUntil(SimScheduler& world, Condition done) {
  for (int steps = 0; !done(); ++steps) {
    REQUIRE(steps < 1'000'000);
    REQUIRE(world.Step());
  }
}

}  // namespace souk::testing
