#include "tools/load_generator/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tools/load_generator/histogram.h"

namespace souk::load {

double CpuSeconds(int process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

SyncRate MeasureSync(const std::string& folder, double seconds) {
  using Clock = std::chrono::steady_clock;
  const std::string path = folder + "/souk-sync-rate";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return {};
  const std::string bytes(512, 'x');
  Histogram histogram;
  const auto start = Clock::now();
  for (auto now = start; now - start < std::chrono::duration<double>(seconds);) {
    if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || fdatasync(file) != 0)
      break;
    const auto then = now;
    now = Clock::now();
    histogram.Add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - then).count()));
  }
  close(file);
  unlink(path.c_str());
  return {.per_second = static_cast<double>(histogram.total()) / seconds,
          .p50_us = histogram.QuantileUs(0.5),
          .p99_us = histogram.QuantileUs(0.99)};
}

}  // namespace souk::load
