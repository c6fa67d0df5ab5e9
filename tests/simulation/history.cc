#include "tests/simulation/history.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/hash.h"

namespace souk::simulation {
namespace {

// A world that goes wrong goes on doing so; the first few say what there is to say.
constexpr std::size_t kViolationsMax = 20;

}  // namespace

void History::Note(std::string_view who, std::string_view what) {
  digest_ = digest_ * 0x100000001b3 ^ Fnv1a(who) ^ Fnv1a(what) * 31 ^
            static_cast<std::uint64_t>(absl::ToUnixNanos(world_.Now()));
  if (!keep_lines_) return;
  lines_.push_back(absl::FormatTime("%m-%d %H:%M:%E6S ", world_.Now(), absl::UTCTimeZone()) +
                   absl::StrFormat("%-16s ", who) + std::string(what));
}

void History::Fail(std::string_view invariant, std::string detail) {
  Note("VIOLATION", std::string(invariant) + ": " + detail);
  if (violations_.size() < kViolationsMax) {
    violations_.push_back({std::string(invariant), std::move(detail), world_.Now()});
  }
}

}  // namespace souk::simulation
