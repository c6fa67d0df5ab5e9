// Many seeds, on several processes: a world uses one thread, and what goes wrong in one
// must not hurt the others.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/recipe.h"

namespace souk::simulation {

struct SeedResult {
  std::uint64_t seed = 0;
  std::vector<Violation> violations;
};

struct CampaignResult {
  std::uint64_t seeds = 0;
  std::int64_t orders = 0;
  std::int64_t events = 0;
  absl::Duration virtual_time;
  absl::Duration cpu_time;
  History::Counters counters;
  std::vector<SeedResult> failures;
};

struct CampaignOptions {
  Recipe recipe;  // Its seed does not matter.
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  int jobs = 1;
  int failures_max = 10;  // Then it stops.
  absl::Duration time_max = absl::InfiniteDuration();
  // Called after every seed.
  std::function<void(const CampaignResult& so_far)> progress = nullptr;
};

CampaignResult RunCampaign(const CampaignOptions& options);

}  // namespace souk::simulation
