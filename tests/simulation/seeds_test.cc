#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/simulation/recipe.h"

namespace souk::simulation {
namespace {

// A number from the environment, for longer runs.
std::uint64_t Setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

void Expect(const Recipe& recipe, const std::string& story) {
  const Outcome outcome = Simulate(recipe);
  if (outcome.violations.empty()) return;
  const Violation& first = outcome.violations.front();
  FAIL_CHECK(first.invariant << ": " << first.detail << "\n  " << story
                             << "\n  repeat with: " << recipe.Command());
}

TEST_CASE("seeds that found a bug find none") {
  std::ifstream file(SOUK_SIMULATION_SEEDS);
  REQUIRE(file.good());
  int seeds = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Recipe recipe;
    REQUIRE(words >> recipe.seed);
    Expect(recipe, line);
    ++seeds;
  }
  CHECK(seeds > 0);
}

// The same numbers are other histories whenever the code has changed.
TEST_CASE("three hundred worlds keep every promise") {
  const std::uint64_t first = Setting("SOUK_SIM_FIRST_SEED", 1);
  const std::uint64_t seeds = Setting("SOUK_SIM_SEEDS", 300);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Expect({.seed = seed}, "one of the first " + std::to_string(seeds));
  }
}

}  // namespace
}  // namespace souk::simulation
