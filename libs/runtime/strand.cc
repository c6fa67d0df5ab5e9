#include "libs/runtime/strand.h"

#include <utility>

#include "absl/time/clock.h"

namespace souk {

Strand::Strand() : thread_([this] { Loop(); }) {}

Strand::~Strand() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.Notify();
  }
  thread_.join();
}

void Strand::Post(Work work) {
  bool idle = false;
  {
    MutexLock lock(mutex_);
    ready_.push_back(std::move(work));
    idle = std::exchange(idle_, false);
  }
  if (idle) changed_.Notify();  // Without the lock, which the thread takes first of all.
}

void Strand::PostAt(absl::Time when, Work work) {
  bool idle = false;
  {
    MutexLock lock(mutex_);
    later_.emplace(when, std::move(work));
    idle = std::exchange(idle_, false);
  }
  if (idle) changed_.Notify();
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
      changed_.Wait(mutex_);
    } else {
      changed_.WaitUntil(mutex_, absl::ToChronoTime(later_.begin()->first));
    }
    idle_ = false;
  }
}

}  // namespace souk
