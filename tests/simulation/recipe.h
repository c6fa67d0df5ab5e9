// What is to be simulated, as the command line says it: enough to repeat it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

namespace souk::simulation {

struct Recipe {
  std::uint64_t seed = 1;
  int orders = 20;
  std::string faults = "normal";
  std::string mutation;              // "": none.
  std::string story;                 // "quickstart" instead of the usual people; see stories.h.
  std::string import_folder;         // The first recorded orders of this folder instead.
  std::vector<std::string> without;  // Ingredients that were taken out.
  absl::Duration until = absl::InfiniteDuration();

  // The plan it stands for. INVALID_ARGUMENT or NOT_FOUND for words that mean nothing.
  StatusOr<Plan> Draw() const;
  // The command that repeats it.
  std::string Command() const;
};

// Simulates it. The recipe must be a good one. `enough`: see RunOptions.
Outcome Simulate(const Recipe& recipe, bool trace = false,
                 std::function<bool(std::string_view invariant)> enough = nullptr);

// A smaller recipe that fails by the same invariant, found by leaving things out: fewer
// orders, fewer ingredients. `runs` is how many worlds that may take.
Recipe Shrink(const Recipe& recipe, const std::string& invariant, int runs);

}  // namespace souk::simulation
