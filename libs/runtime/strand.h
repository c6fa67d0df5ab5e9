#pragma once

#include <map>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/mutex.h"
#include "libs/runtime/scheduler.h"

namespace souk {

// A scheduler that is one thread. Runs work in the order it was posted.
class Strand final : public Scheduler {
 public:
  Strand();

  // Finishes what was posted, forgets what was posted for later, and joins. No Post may be
  // under way any more.
  ~Strand() override;

  void Post(Work work) override;
  void PostAt(absl::Time when, Work work) override;
  absl::Time Now() const override { return absl::Now(); }

 private:
  void Loop();

  // Waits for work. Empty when the strand is stopping.
  std::vector<Work> Take();

  Mutex mutex_;
  CondVar changed_;
  std::vector<Work> ready_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, Work> later_ ABSL_GUARDED_BY(mutex_);
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace souk
