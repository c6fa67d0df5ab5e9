// What the machine itself can do, to be printed beside what the store does.
#pragma once

#include <string>

namespace souk::load {

// User and system time of a process so far, in seconds; 0 when there is none.
double CpuSeconds(int process);

struct SyncRate {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

// Appends 512 bytes and syncs them with fdatasync, over and over, for `seconds`, to a file
// in `folder` that is removed afterwards. Zero when the folder cannot be written.
SyncRate MeasureSync(const std::string& folder, double seconds);

}  // namespace souk::load
