// The engine in a simulated world: clients that do not give up, a network that loses and
// repeats, a disk that forgets, and crashes at any point. One seed decides all of it.
#pragma once

#include <cstdint>
#include <string>

#include "libs/storage/sim_disk.h"

namespace souk::simulation {

struct Outcome {
  std::string violation;  // Empty when every promise was kept.
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  int acknowledged = 0;
  int crashes = 0;
  int lost_batches = 0;
  int lost_messages = 0;
  int repeated_messages = 0;
  int effects = 0;
};

Outcome SimulateEngine(std::uint64_t seed, DiskFaults faults = {});

}  // namespace souk::simulation
