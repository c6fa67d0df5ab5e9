#include "libs/runtime/strand.h"

#include <utility>

#include "absl/time/clock.h"

namespace souk {

Strand::Strand() : thread_([this] { Loop(); }) {}

Strand::~Strand() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void Strand::Post(Work work) {
  MutexLock lock(mutex_);
  ready_.push_back(std::move(work));
  if (idle_) changed_.notify_one();
}

void Strand::PostAt(absl::Time when, Work work) {
  MutexLock lock(mutex_);
  later_.emplace(when, std::move(work));
  if (idle_) changed_.notify_one();
}

void Strand::Loop() {
  for (std::vector<Work> batch = Take(); !batch.empty(); batch = Take()) {
    for (Work& work : batch) work();
  }
}

std::vector<Work> Strand::Take() {
  MutexLock lock(mutex_);
  for (;;) {
    if (!later_.empty()) {
      const auto due = later_.upper_bound(Now());
      for (auto it = later_.begin(); it != due; ++it) ready_.push_back(std::move(it->second));
      later_.erase(later_.begin(), due);
    }
    if (!ready_.empty() || stopping_) return std::exchange(ready_, {});
    idle_ = true;
    if (later_.empty()) {
      changed_.wait(mutex_);
    } else {
      changed_.wait_until(mutex_, absl::ToChronoTime(later_.begin()->first));
    }
    idle_ = false;
  }
}

}  // namespace souk
