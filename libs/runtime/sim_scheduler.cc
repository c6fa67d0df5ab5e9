#include "libs/runtime/sim_scheduler.h"

namespace souk {

bool SimScheduler::Step() {
  if (ready_.empty()) {
    if (later_.empty()) return false;
    now_ = std::max(now_, later_.begin()->first);
    const auto due = later_.upper_bound(now_);
    for (auto it = later_.begin(); it != due; ++it) ready_.push_back(std::move(it->second));
    later_.erase(later_.begin(), due);
  }
  const std::uint64_t choice = Random(ready_.size());
  digest_ = (digest_ ^ (choice + ready_.size())) * 0x100000001b3 +
            static_cast<std::uint64_t>(absl::ToUnixNanos(now_));
  ++steps_;
  std::swap(ready_[choice], ready_.back());
  Work work = std::move(ready_.back());
  ready_.pop_back();
  work();
  return true;
}

}  // namespace souk
