#include <catch2/catch.hpp>
#include <iostream>
#include <optional>
#include <string>

#include "tests/simulation/recipe.h"

namespace souk::simulation {
namespace {

TEST_CASE("a seed is one history, line for line") {
  for (const std::uint64_t seed : {3u, 4u, 5u}) {
    const Recipe recipe{.seed = seed, .orders = 8};
    const Outcome one = Simulate(recipe, /*trace=*/true), other = Simulate(recipe, /*trace=*/true);
    CHECK(one.digest == other.digest);
    CHECK(one.trace == other.trace);
    REQUIRE(one.trace.size() > 100);
  }
  CHECK(Simulate(Recipe{.seed = 3, .orders = 8}).digest != Simulate(Recipe{.seed = 4, .orders = 8}).digest);
}

TEST_CASE("without faults everybody gets what she ordered") {
  const Outcome outcome = Simulate(Recipe{.seed = 11, .orders = 10, .faults = "none"});
  for (const Violation& violation : outcome.violations)
    UNSCOPED_INFO(violation.invariant + ": " + violation.detail);
  CHECK(outcome.violations.empty());
  CHECK(outcome.orders > 0);
}

// The seed at which one of the auditors that are meant for a mutation notices it.
std::optional<std::uint64_t> NoticedAt(const Mutation& mutation, std::string& invariant) {
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(mutation.seeds_max); ++seed) {
    const auto meant = [&](std::string_view name) { return IsMeantFor(mutation, name); };
    const Outcome outcome = Simulate({.seed = seed, .mutation = mutation.name}, /*trace=*/false, meant);
    for (const Violation& violation : outcome.violations) {
      if (!meant(violation.invariant)) continue;
      invariant = violation.invariant;
      return seed;
    }
  }
  return std::nullopt;
}

TEST_CASE("every broken marketplace is noticed by an auditor that is meant for it") {
  for (const Mutation& mutation : Mutations()) {
    std::string invariant;
    const std::optional<std::uint64_t> seed = NoticedAt(mutation, invariant);
    INFO(mutation.name << ": " << mutation.story);
    CHECK(seed.has_value());
    if (seed.has_value()) std::cout << mutation.name << ": seed " << *seed << ", " << invariant << '\n';
  }
}

TEST_CASE("a failure shrinks to a smaller world that fails in the same way") {
  const Recipe recipe{.seed = 1, .mutation = "mail-twice"};
  const Recipe least = Shrink(recipe, "I-40 a mail is sent once", 40);
  CHECK(least.orders < recipe.orders);
  CHECK_FALSE(least.without.empty());
  const Outcome outcome = Simulate(least);
  REQUIRE_FALSE(outcome.violations.empty());
}

TEST_CASE("words that mean nothing are refused, with those that mean something") {
  CHECK(Recipe{.faults = "rough"}.Draw().status().message().find("heavy") != std::string::npos);
  CHECK(Recipe{.mutation = "typo"}.Draw().status().message().find("mail-twice") != std::string::npos);
  CHECK(Recipe{.without = {"typo"}}.Draw().status().message().find("kill") != std::string::npos);
}

}  // namespace
}  // namespace souk::simulation
