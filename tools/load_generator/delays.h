#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "tools/load_generator/histogram.h"

namespace souk::load {

// How long after the answer to a command its event is seen by somebody who listens. An event
// that is seen before the answer arrives counts as 0.
class Delays {
 public:
  // An event, by its aggregate and revision.
  using Key = std::pair<std::string, std::uint64_t>;

  // Only answers within [from, until) count.
  Delays(absl::Time from, absl::Time until) : from_(from), until_(until) {}

  void Answered(Key key, absl::Time when) {
    if (const auto seen = early_.find(key); seen != early_.end()) {
      early_.erase(seen);
      Count(when, absl::ZeroDuration());
    } else {
      waiting_.emplace(std::move(key), when);
    }
  }

  void Seen(Key key, absl::Time when) {
    const auto answered = waiting_.find(key);
    if (answered == waiting_.end()) {
      early_.insert_or_assign(std::move(key), when);
      return;
    }
    Count(answered->second, when - answered->second);
    waiting_.erase(answered);
  }

  // Answers whose events were not seen yet.
  std::size_t waiting() const { return waiting_.size(); }
  const Histogram& histogram() const { return histogram_; }

 private:
  void Count(absl::Time answered, absl::Duration delay) {
    if (answered < from_ || answered >= until_) return;
    histogram_.Add(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(delay)));
  }

  const absl::Time from_, until_;
  absl::flat_hash_map<Key, absl::Time> waiting_;
  absl::flat_hash_map<Key, absl::Time> early_;
  Histogram histogram_;
};

}  // namespace souk::load
