#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "tests/simulation/engine_world.h"

namespace souk::simulation {
namespace {

constexpr std::uint64_t kSeeds = 1000;

// The first seed at which the simulation notices the faults.
std::optional<std::uint64_t> FirstViolation(DiskFaults faults) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (!SimulateEngine(seed, faults).violation.empty()) return seed;
  }
  return std::nullopt;
}

TEST_CASE("the engine keeps its promises through crashes, lost syncs, repeated and lost messages") {
  // SOUK_SEED=n runs one world, to look at a failure.
  const char* const one = std::getenv("SOUK_SEED");
  const std::uint64_t first = one == nullptr ? 1 : std::strtoull(one, nullptr, 10);
  const std::uint64_t last = one == nullptr ? kSeeds : first;
  Outcome sum;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Outcome outcome = SimulateEngine(seed);
    INFO("seed " << seed << ": " << outcome.violation << "; repeat with SOUK_SEED=" << seed);
    REQUIRE(outcome.violation.empty());
    sum.acknowledged += outcome.acknowledged;
    sum.crashes += outcome.crashes;
    sum.lost_batches += outcome.lost_batches;
    sum.lost_messages += outcome.lost_messages;
    sum.repeated_messages += outcome.repeated_messages;
    sum.effects += outcome.effects;
  }
  std::cout << last - first + 1 << " worlds: " << sum.acknowledged << " commands acknowledged, "
            << sum.crashes << " crashes, " << sum.lost_batches << " unsynced batches lost, "
            << sum.lost_messages << " messages lost, " << sum.repeated_messages << " repeated, "
            << sum.effects << " effects\n";
  CHECK(sum.lost_batches > 0);
  CHECK(sum.repeated_messages > 0);
}

TEST_CASE("a seed decides everything") {
  CHECK(SimulateEngine(7).digest == SimulateEngine(7).digest);
  CHECK(SimulateEngine(7).digest != SimulateEngine(8).digest);
}

TEST_CASE("an engine that acknowledges before it has synced is caught") {
  const auto seed = FirstViolation({.acknowledge_before_sync = true});
  REQUIRE(seed.has_value());
  std::cout << "acknowledge before sync: caught at seed " << *seed << '\n';
}

TEST_CASE("an engine that forgets its requests is caught") {
  const auto seed = FirstViolation({.forget_requests = true});
  REQUIRE(seed.has_value());
  std::cout << "forgotten requests: caught at seed " << *seed << '\n';
}

}  // namespace
}  // namespace souk::simulation
