// A scheduler that runs its work when a test says so, on the test's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/mutex.h"
#include "libs/runtime/scheduler.h"

namespace souk {

class HandScheduler final : public Scheduler {
 public:
  void Post(Work work) override {
    MutexLock lock(mutex_);
    ready_.push_back(std::move(work));
    changed_.notify_one();
  }
  void PostAt(absl::Time, Work work) override { Post(std::move(work)); }
  absl::Time Now() const override { return absl::Now(); }

  // Waits for work and runs one piece of it.
  void RunOne() {
    Work work;
    {
      MutexLock lock(mutex_);
      while (ready_.empty()) changed_.wait(mutex_);
      work = std::move(ready_.front());
      ready_.pop_front();
    }
    work();
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Work> ready_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace souk
