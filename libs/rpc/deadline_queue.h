// Deadlines of calls, nearly all of which are met: adding and removing one posts nothing
// to the scheduler, which has at most one timer per queue.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "libs/runtime/scheduler.h"

namespace souk::rpc {

// Of the scheduler's thread.
class DeadlineQueue : public std::enable_shared_from_this<DeadlineQueue> {
 public:
  // Something with a deadline.
  class Waiter {
   public:
    virtual void OnDeadline() = 0;

   protected:
    ~Waiter() = default;

   private:
    friend class DeadlineQueue;
    std::multimap<absl::Time, Waiter*>::iterator entry_;
    bool added_ = false;
  };

  explicit DeadlineQueue(Scheduler& scheduler) : scheduler_(scheduler) {}

  // Calls waiter.OnDeadline() at `when`, unless it is removed before.
  void Add(absl::Time when, Waiter& waiter) {
    if (when == absl::InfiniteFuture()) return;
    waiter.entry_ = waiters_.emplace(when, &waiter);
    waiter.added_ = true;
    if (when < timer_) SetTimer(when);
  }
  void Remove(Waiter& waiter) {
    if (std::exchange(waiter.added_, false)) waiters_.erase(waiter.entry_);
  }

 private:
  void SetTimer(absl::Time when) {
    timer_ = when;
    scheduler_.PostAt(when, [weak = weak_from_this(), when] {
      if (const auto self = weak.lock()) self->OnTimer(when);
    });
  }

  void OnTimer(absl::Time when) {
    if (when != timer_) return;  // An earlier one was set since.
    timer_ = absl::InfiniteFuture();
    const absl::Time now = scheduler_.Now();
    while (!waiters_.empty() && waiters_.begin()->first <= now) {
      Waiter& waiter = *waiters_.begin()->second;
      Remove(waiter);
      waiter.OnDeadline();
    }
    if (!waiters_.empty() && waiters_.begin()->first < timer_) SetTimer(waiters_.begin()->first);
  }

  Scheduler& scheduler_;
  std::multimap<absl::Time, Waiter*> waiters_;
  absl::Time timer_ = absl::InfiniteFuture();
};

}  // namespace souk::rpc
