// The business clock: what `now` is for rules, events and durable timers. Not for
// measuring how long something takes, and not for time-outs of calls: those wait on
// a Scheduler, which runs on real time even when the business clock is set by hand.
#pragma once

#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/mutex.h"

namespace souk {

class Clock {
 public:
  virtual ~Clock() = default;

  // Thread-safe.
  virtual absl::Time Now() const = 0;

  // True when time passes only because someone says so: nobody may wait for it.
  virtual bool manual() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  bool manual() const override { return false; }
};

// Stands still until it is set. Never goes back.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time start) : now_(start) {}

  absl::Time Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  bool manual() const override { return true; }

  void AdvanceTo(absl::Time time) {
    MutexLock lock(mutex_);
    if (time > now_) now_ = time;
  }

 private:
  mutable Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace souk
