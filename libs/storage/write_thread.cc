#include "libs/storage/write_thread.h"

#include <coroutine>
#include <utility>

namespace souk {
namespace {

// A disk that is slower than this is worth a hand-over even if only one caller waits:
// others may come meanwhile.
constexpr absl::Duration kSyncHereMax = absl::Microseconds(400);

}  // namespace

struct WriteThread::Request {
  Batch batch;
  Durability durability;
  Status status;                    // Set by the thread, read by home afterwards.
  std::coroutine_handle<> waiting;  // On home; null when nobody waits any more.
};

struct WriteThread::Wait {
  std::shared_ptr<Request> request;
  explicit Wait(std::shared_ptr<Request> r) : request(std::move(r)) {}
  Wait(const Wait&) = delete;
  ~Wait() { request->waiting = {}; }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) { request->waiting = caller; }
  Status await_resume() { return std::move(request->status); }
};

WriteThread::WriteThread(Store& store, Scheduler& home, std::function<bool()> home_is_quiet)
    : store_(store), home_(home), home_is_quiet_(std::move(home_is_quiet)) {}

WriteThread::~WriteThread() = default;

bool WriteThread::ShouldWriteHere(Durability durability) const {
  if (under_way_ > 0 || !home_is_quiet_ || !home_is_quiet_()) return false;
  return durability == Durability::kBuffered || last_sync_ <= kSyncHereMax;
}

Task<Status> WriteThread::Write(Batch batch, Durability durability) {
  if (ShouldWriteHere(durability)) {
    const absl::Time start = home_.Now();
    Status status = co_await store_.Write(std::move(batch), durability);
    if (durability == Durability::kSynced) last_sync_ = home_.Now() - start;
    co_return status;
  }
  ++under_way_;
  auto request = std::make_shared<Request>(Request{std::move(batch), durability, OkStatus(), {}});
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = waiting_.empty();
    waiting_.push_back(request);
  }
  if (first) thread_.Post([this] { WriteWaiting(); });
  co_return co_await Wait(std::move(request));
}

void WriteThread::WriteWaiting() {
  Requests requests;
  {
    MutexLock lock(mutex_);
    requests.swap(waiting_);
  }
  const absl::Time start = thread_.Now();
  Batch all = std::move(requests.front()->batch);
  Durability durability = requests.front()->durability;
  for (std::size_t i = 1; i < requests.size(); ++i) {
    all.Append(requests[i]->batch);
    if (requests[i]->durability == Durability::kSynced) durability = Durability::kSynced;
  }
  const Status status = SyncWait(store_.Write(std::move(all), durability));
  for (const auto& request : requests) request->status = status;
  const absl::Duration took = thread_.Now() - start;
  home_.Post([this, alive = std::weak_ptr<bool>(alive_), requests = std::move(requests), took] {
    if (!alive.expired()) Finish(requests, took);
  });
}

void WriteThread::Finish(const Requests& requests, absl::Duration took) {
  under_way_ -= requests.size();
  last_sync_ = took;
  const std::weak_ptr<bool> alive = alive_;
  for (const auto& request : requests) {
    if (request->waiting) std::exchange(request->waiting, {}).resume();
    if (alive.expired()) return;
  }
}

}  // namespace souk
