// What happened in a simulated world: every line in order for people, counters for the
// coverage table, and the first violations.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::simulation {

// A promise that must hold, such as "I-5 stock adds up". Names are stable: the table of
// mutations and the corpus of seeds refer to them.
struct Violation {
  std::string invariant;
  std::string detail;
  absl::Time time;
};

class History {
 public:
  // `world` must outlive the history. Lines are kept only if `trace`; their digest always.
  History(const SimScheduler& world, bool trace) : world_(world), keep_lines_(trace) {}

  // One line: "order/0" committed something, "buyer-3" was told something.
  void Note(std::string_view who, std::string_view what);
  void Fail(std::string_view invariant, std::string detail);
  // `group` is one of the tables of coverage: "transition", "rejection", "fault", ...
  void Count(const char* group, std::string_view name, std::int64_t times = 1) {
    counters_[group][std::string(name)] += times;
  }

  using Counters = std::map<std::string, std::map<std::string, std::int64_t>>;
  const Counters& counters() const { return counters_; }
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<Violation>& violations() const { return violations_; }
  // Two histories with the same digest have the same lines.
  std::uint64_t digest() const { return digest_; }

 private:
  const SimScheduler& world_;
  const bool keep_lines_;
  std::vector<std::string> lines_;
  Counters counters_;
  std::vector<Violation> violations_;
  std::uint64_t digest_ = 0;
};

}  // namespace souk::simulation
