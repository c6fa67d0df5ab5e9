// One thread that serves a process: it polls one gRPC completion queue and runs what is
// posted to it. Servers and channels of gRPC use the loop for all of their I/O, so a
// handler, the partition it commands and the answer share a thread and need no locks.
//
// A round takes all events that are ready and only then runs what was posted. So a
// partition that posts its work gathers the commands of a whole round before one fsync.
// When there is little to do for a while, a round takes one event and runs what it posted.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/mutex.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"

namespace souk::rpc {

// What the tags of the queue point to.
class EventTag {
 public:
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~EventTag() = default;
};

class EventLoop final : public Scheduler {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  // Forgets what is still posted. Servers on the loop must be gone, and no other thread
  // may post any more.
  ~EventLoop() override;

  void Post(Work work) override;
  void PostAt(absl::Time when, Work work) override;
  absl::Time Now() const override { return absl::Now(); }

  // Makes the calling thread the loop's, until Stop. What was posted before Stop is done
  // then. May be called again.
  void Run();
  // Thread-safe.
  void Stop();

  // As Run, until `done` is true, which is asked after every round.
  void RunUntil(absl::FunctionRef<bool()> done);

  // On the loop's thread: whether nothing but the caller waits for it, as far as is known, and
  // there was little to do for a while. A round with few events among busy ones says nothing:
  // the others are under way.
  bool Quiet() const { return quiet_rounds_ >= kQuietRounds && running_.size() <= 1 && ready_.empty(); }

  // Runs the loop until `task` is done. For start-up, programs without a loop, and tests.
  template <typename T>
  T Wait(Task<T> task);

  // True once nothing can be waited for any more.
  bool closed() const { return closed_; }
  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // The builder whose servers may use queue(). Null when it was taken: one loop serves
  // one server.
  std::unique_ptr<grpc::ServerBuilder> TakeServerBuilder() { return std::move(builder_); }

  // `co_await loop.Event(start)` calls start(tag), which begins an operation on queue(),
  // and waits for it. The result is gRPC's `ok`; false when the loop is closed. The
  // coroutine must not be destroyed while it waits.
  template <typename Start>
  auto Event(Start start) {
    return EventAwaiter<Start>(*this, std::move(start));
  }

 private:
  template <typename Start>
  class EventAwaiter;

  // A call that comes in, and word that the answer of another one is out.
  static constexpr int kQuietEvents = 2;
  // In a row, until the loop is quiet, and runs what an event posted without a look for more
  // events: it would take 2 us of the 55 of a command that is alone, the sync apart.
  static constexpr std::uint32_t kQuietRounds = 8;

  struct Timer {
    absl::Time when;
    std::uint64_t sequence;
    Work work;
    // The heap has the earliest on top.
    friend bool operator<(const Timer& a, const Timer& b) {
      return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
    }
  };

  struct WakeTag final : EventTag {
    explicit WakeTag(EventLoop& l) : loop(l) {}
    void OnEvent(bool ok) override;
    EventLoop& loop;
  };

  bool OnLoopThread() const;
  // Takes events, then runs what was posted. Waits when there is neither.
  void Round();
  void TakeEvents();
  // Whether a second event in this round would be a surprise.
  bool ExpectNoMore() const;
  // Until when TakeEvents may wait; the past when there is something to run.
  absl::Time WaitLimit();
  void TakeForeign();
  void TakeDueTimers();
  void AddTimer(absl::Time when, Work work);
  void WakeIfIdle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::unique_ptr<grpc::ServerBuilder> builder_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<bool> stopping_ = false;
  bool closed_ = false;

  // Of the loop's thread.
  std::vector<Work> ready_;
  std::vector<Work> running_;
  int events_taken_ = 0;            // In this round.
  std::uint32_t quiet_rounds_ = 0;  // Up to this one, in a row.
  std::vector<Timer> timers_;
  std::uint64_t timers_added_ = 0;

  // From other threads.
  std::atomic<bool> has_foreign_ = false;
  Mutex mutex_;
  std::vector<Work> foreign_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<absl::Time, Work>> foreign_later_ ABSL_GUARDED_BY(mutex_);
  // The loop waits, or is about to.
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;
  // The alarm is set and its event was not seen yet.
  bool waking_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  WakeTag wake_tag_{*this};
};

template <typename Start>
class EventLoop::EventAwaiter final : public EventTag {
 public:
  EventAwaiter(EventLoop& loop, Start start) : loop_(loop), start_(std::move(start)) {}
  EventAwaiter(const EventAwaiter&) = delete;

  bool await_ready() const noexcept { return loop_.closed(); }
  void await_suspend(std::coroutine_handle<> self) {
    waiting_ = self;
    start_(static_cast<void*>(static_cast<EventTag*>(this)));
  }
  bool await_resume() const noexcept { return ok_; }
  void OnEvent(bool ok) override {
    ok_ = ok;
    waiting_.resume();
  }

 private:
  EventLoop& loop_;
  Start start_;
  std::coroutine_handle<> waiting_;
  bool ok_ = false;
};

template <typename T>
T EventLoop::Wait(Task<T> task) {
  using Result = std::conditional_t<std::is_void_v<T>, bool, T>;
  std::optional<Result> result;
  [](Task<T> running, std::optional<Result>& out) -> Detached {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(running);
      out = true;
    } else {
      out.emplace(co_await std::move(running));
    }
  }(std::move(task), result);
  RunUntil([&result] { return result.has_value(); });
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace souk::rpc
