// Pauses that can be cut short, so that whoever is asked to stop does so at once.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"

namespace souk {

class Pauses {
 public:
  explicit Pauses(Scheduler& scheduler) : scheduler_(scheduler) {}

  // Continues after `duration`, or soon after Interrupt.
  Task<> For(absl::Duration duration) {
    const auto pause = std::make_shared<Completion<bool>>();
    std::erase_if(pauses_, [](const auto& weak) { return weak.expired(); });
    pauses_.push_back(pause);
    scheduler_.PostAt(scheduler_.Now() + duration, [weak = std::weak_ptr(pause)] {
      if (const auto over = weak.lock()) over->Set(true);
    });
    co_await *pause;
  }

  // Ends all pauses that are under way.
  void Interrupt() {
    for (const auto& weak : std::exchange(pauses_, {})) {
      scheduler_.Post([weak] {
        if (const auto pause = weak.lock()) pause->Set(false);
      });
    }
  }

 private:
  Scheduler& scheduler_;
  std::vector<std::weak_ptr<Completion<bool>>> pauses_;
};

}  // namespace souk
