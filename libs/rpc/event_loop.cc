#include "libs/rpc/event_loop.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>

#include <algorithm>
#include <chrono>

#include "absl/synchronization/mutex.h"
#include "libs/base/check.h"

namespace souk::rpc {
namespace {

// Events that one round takes at most, so that what was posted gets its turn.
constexpr int kEventsPerRound = 256;
// How long the destructor waits for an operation that was cancelled.
constexpr absl::Duration kDrainTimeout = absl::Seconds(10);

thread_local const EventLoop* current_loop = nullptr;

}  // namespace

EventLoop::EventLoop() {
  // Debian's Abseil looks for deadlocks whenever gRPC takes a lock, at some cost.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Builders take up the plug-ins that are known when they are made.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder_ = std::make_unique<grpc::ServerBuilder>();
  queue_ = builder_->AddCompletionQueue();
}

EventLoop::~EventLoop() {
  closed_ = true;
  queue_->Shutdown();
  const auto limit = absl::ToChronoTime(Now() + kDrainTimeout);
  for (;;) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_->AsyncNext(&tag, &ok, limit);
    SOUK_CHECK(next != grpc::CompletionQueue::TIMEOUT, "a server or call outlives its event loop");
    if (next == grpc::CompletionQueue::SHUTDOWN) break;
    static_cast<EventTag*>(tag)->OnEvent(ok);
  }
}

bool EventLoop::OnLoopThread() const { return current_loop == this; }

void EventLoop::Post(Work work) {
  if (OnLoopThread()) {
    ready_.push_back(std::move(work));
    return;
  }
  MutexLock lock(mutex_);
  foreign_.push_back(std::move(work));
  WakeIfIdle();
}

void EventLoop::PostAt(absl::Time when, Work work) {
  if (OnLoopThread()) {
    AddTimer(when, std::move(work));
    return;
  }
  MutexLock lock(mutex_);
  foreign_later_.emplace_back(when, std::move(work));
  WakeIfIdle();
}

void EventLoop::WakeIfIdle() {
  has_foreign_.store(true, std::memory_order_release);
  if (!idle_ || waking_) return;
  waking_ = true;
  alarm_.Set(queue_.get(), std::chrono::system_clock::time_point(), static_cast<EventTag*>(&wake_tag_));
}

void EventLoop::WakeTag::OnEvent(bool) {
  MutexLock lock(loop.mutex_);
  loop.waking_ = false;
}

void EventLoop::Run() {
  RunUntil([this] { return stopping_.load(std::memory_order_acquire); });
  stopping_.store(false, std::memory_order_release);
}

void EventLoop::Stop() {
  Post([this] { stopping_.store(true, std::memory_order_release); });
}

void EventLoop::RunUntil(absl::FunctionRef<bool()> done) {
  SOUK_CHECK(current_loop == nullptr, "this thread already runs an event loop");
  SOUK_CHECK(!closed_, "the event loop is closed");
  current_loop = this;
  while (!done()) Round();
  current_loop = nullptr;
}

void EventLoop::Round() {
  TakeEvents();
  if (has_foreign_.load(std::memory_order_acquire)) TakeForeign();
  if (!timers_.empty()) TakeDueTimers();
  running_.swap(ready_);
  for (Work& work : running_) work();
  running_.clear();
}

void EventLoop::TakeEvents() {
  constexpr std::chrono::system_clock::time_point kPast;
  events_taken_ = 0;
  for (int i = 0; i < kEventsPerRound; ++i) {
    if (i == 1 && !ready_.empty() && ExpectNoMore()) break;
    const absl::Time limit = i == 0 ? WaitLimit() : absl::InfinitePast();
    void* tag = nullptr;
    bool ok = false;
    grpc::CompletionQueue::NextStatus next;
    if (limit == absl::InfinitePast()) {
      next = queue_->AsyncNext(&tag, &ok, kPast);
    } else {
      if (limit == absl::InfiniteFuture()) {
        next = queue_->Next(&tag, &ok) ? grpc::CompletionQueue::GOT_EVENT : grpc::CompletionQueue::SHUTDOWN;
      } else {
        next = queue_->AsyncNext(&tag, &ok, absl::ToChronoTime(limit));
      }
      MutexLock lock(mutex_);
      idle_ = false;
    }
    if (next != grpc::CompletionQueue::GOT_EVENT) break;
    ++events_taken_;
    static_cast<EventTag*>(tag)->OnEvent(ok);
  }
  quiet_rounds_ = events_taken_ <= kQuietEvents ? quiet_rounds_ + 1 : 0;
}

bool EventLoop::ExpectNoMore() const {
  // Asked for now and then all the same, since this is how it shows that times have changed.
  return quiet_rounds_ >= kQuietRounds && quiet_rounds_ % kQuietRounds != 0;
}

absl::Time EventLoop::WaitLimit() {
  if (!ready_.empty()) return absl::InfinitePast();
  absl::Time limit = absl::InfiniteFuture();
  if (!timers_.empty()) {
    limit = timers_.front().when;
    if (limit <= Now()) return absl::InfinitePast();
  }
  MutexLock lock(mutex_);
  if (!foreign_.empty() || !foreign_later_.empty()) return absl::InfinitePast();
  idle_ = true;
  return limit;
}

void EventLoop::TakeForeign() {
  std::vector<std::pair<absl::Time, Work>> later;
  {
    MutexLock lock(mutex_);
    has_foreign_.store(false, std::memory_order_relaxed);
    later.swap(foreign_later_);
    if (ready_.empty()) {
      ready_.swap(foreign_);
    } else {
      std::move(foreign_.begin(), foreign_.end(), std::back_inserter(ready_));
      foreign_.clear();
    }
  }
  for (auto& [when, work] : later) AddTimer(when, std::move(work));
}

void EventLoop::TakeDueTimers() {
  const absl::Time now = Now();
  while (!timers_.empty() && timers_.front().when <= now) {
    std::pop_heap(timers_.begin(), timers_.end());
    ready_.push_back(std::move(timers_.back().work));
    timers_.pop_back();
  }
}

void EventLoop::AddTimer(absl::Time when, Work work) {
  timers_.push_back({when, timers_added_++, std::move(work)});
  std::push_heap(timers_.begin(), timers_.end());
}

}  // namespace souk::rpc
