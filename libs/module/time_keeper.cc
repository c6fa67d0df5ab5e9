#include "libs/module/time_keeper.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace souk {
namespace {

// How often to look in vain before pausing between looks.
constexpr int kLooksWithoutPause = 2000;
constexpr absl::Duration kPauseBetweenLooks = absl::Milliseconds(1);

}  // namespace

TimeKeeper::TimeKeeper(const Clock& clock, ManualClock* manual_clock, std::string clock_file,
                       Scheduler& scheduler)
    : clock_(clock), manual_clock_(manual_clock), clock_file_(std::move(clock_file)), scheduler_(scheduler) {}

bool TimeKeeper::Settled() const {
  for (const Module* const module : modules_) {
    if (!const_cast<Module*>(module)->engine().Idle() || !module->Idle()) return false;
  }
  return std::all_of(feeds_.begin(), feeds_.end(), [](const Feed& feed) {
    const std::vector<std::uint64_t>& checkpoints = feed.consumer->checkpoints();
    if (checkpoints.size() != feed.source->options().partitions || !feed.consumer->Drained()) return false;
    for (std::uint32_t i = 0; i < checkpoints.size(); ++i) {
      const std::optional<std::uint64_t> last = feed.last_position(i);
      if (!last.has_value() || checkpoints[i] < *last) return false;
    }
    return true;
  });
}

Task<Status> TimeKeeper::Settle(absl::Time deadline) {
  for (int looks = 0; !Settled(); ++looks) {
    if (scheduler_.Now() > deadline)
      co_return absl::DeadlineExceededError("the store has not come to rest yet");
    if (looks < kLooksWithoutPause) {
      co_await Yield(scheduler_);
    } else {
      co_await Sleep(scheduler_, kPauseBetweenLooks);
    }
  }
  co_return OkStatus();
}

absl::Time TimeKeeper::NextDue() const {
  absl::Time due = absl::InfiniteFuture();
  for (Module* const module : modules_) due = std::min(due, module->engine().NextDue());
  return due;
}

void TimeKeeper::Set(absl::Time time) {
  manual_clock_->AdvanceTo(time);
  for (Module* const module : modules_) module->engine().ClockMoved();
}

Task<StatusOr<std::uint64_t>> TimeKeeper::FireUntil(absl::Time limit, absl::Time deadline) {
  if (manual_clock_ == nullptr) {
    co_return FailedPrecondition("the store runs on real time; start it with --clock manual to move time");
  }
  std::uint64_t stops = 0;
  co_await Try(Settle(deadline));
  for (absl::Time due = NextDue(); due <= limit; due = NextDue()) {
    Set(due);
    ++stops;
    co_await Try(Settle(deadline));
  }
  co_return stops;
}

Task<StatusOr<std::uint64_t>> TimeKeeper::AdvanceTo(absl::Time time, absl::Time deadline) {
  const std::uint64_t stops = co_await Try(FireUntil(time, deadline));
  if (time > clock_.Now()) {
    Set(time);
    co_await Try(Settle(deadline));
  }
  co_await Try(Save());
  co_return stops;
}

Task<StatusOr<std::uint64_t>> TimeKeeper::AdvanceUntilIdle(absl::Time limit, absl::Time deadline) {
  const std::uint64_t stops = co_await Try(FireUntil(limit, deadline));
  co_await Try(Save());
  co_return stops;
}

Status TimeKeeper::Save() const {
  // Renamed into place, so that a crash leaves the old or the new time.
  const std::string draft = clock_file_ + ".new";
  std::ofstream file(draft);
  file << absl::ToUnixMicros(clock_.Now()) << '\n';
  file.close();
  if (!file || std::rename(draft.c_str(), clock_file_.c_str()) != 0) {
    return Internal("cannot write %s", clock_file_);
  }
  return OkStatus();
}

absl::Time TimeKeeper::ReadClockFile(const std::string& clock_file, absl::Time otherwise) {
  std::ifstream file(clock_file);
  std::int64_t micros = 0;
  return file >> micros ? absl::FromUnixMicros(micros) : otherwise;
}

}  // namespace souk
