#include "libs/runtime/sim_scheduler.h"

#include <algorithm>

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

absl::Time SimScheduler::NextDue() const {
  if (!ready_.empty()) return now_;
  return later_.empty() ? absl::InfiniteFuture() : std::max(now_, later_.begin()->first);
}

void SimScheduler::AdvanceTo(absl::Time time) { now_ = std::max(now_, std::min(time, NextDue())); }

void SimProcess::Resume() {
  paused_ = false;
  for (Work& work : std::exchange(held_, {})) Post(std::move(work));
}

Work SimProcess::WhileAlive(Work work) {
  return [this, alive = std::weak_ptr<bool>(alive_), work = std::move(work)]() mutable {
    if (alive.expired()) return;
    if (paused_) {
      held_.push_back(std::move(work));
    } else {
      work();
    }
  };
}

}  // namespace souk
