#include "libs/module/time_keeper.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "libs/base/proto_time.h"

namespace souk {
namespace {

// How often to look in vain before pausing between looks.
constexpr int kLooksWithoutPause = 2000;
constexpr absl::Duration kPauseBetweenLooks = absl::Milliseconds(1);

Status NotManual() {
  return FailedPrecondition("the store runs on real time; start it with --clock manual to move time");
}

}  // namespace

TimeKeeper::TimeKeeper(const Clock& clock, ManualClock* manual_clock, std::string clock_file,
                       Scheduler& scheduler)
    : clock_(clock), manual_clock_(manual_clock), clock_file_(std::move(clock_file)), scheduler_(scheduler) {}

bool TimeKeeper::Idle() const {
  return std::all_of(modules_.begin(), modules_.end(),
                     [](const Watched& watched) {
                       return watched.module->engine().Idle() && watched.module->Idle();
                     }) &&
         std::all_of(consumers_.begin(), consumers_.end(), [](const Consumer* consumer) {
           return consumer->Drained() && !consumer->checkpoints().empty();
         });
}

bool TimeKeeper::HasCaughtUp(const Consumer& consumer) const {
  for (const Watched& source : modules_) {
    const EngineOptions& options = source.module->engine().options();
    if (options.service != consumer.source()) continue;
    if (consumer.checkpoints().size() != options.partitions) return false;
    for (std::uint32_t i = 0; i < options.partitions; ++i) {
      const std::optional<std::uint64_t> last = source.last_position(i);
      if (!last.has_value() || consumer.checkpoints()[i] < *last) return false;
    }
  }
  return true;
}

bool TimeKeeper::Settled() const {
  return Idle() && std::all_of(consumers_.begin(), consumers_.end(),
                               [this](const Consumer* consumer) { return HasCaughtUp(*consumer); });
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
  for (const Watched& watched : modules_) due = std::min(due, watched.module->engine().NextDue());
  return due;
}

admin::v1::GetRestResponse TimeKeeper::Rest() const {
  admin::v1::GetRestResponse rest;
  *rest.mutable_time() = ToProto(clock_.Now());
  rest.set_manual(manual_clock_ != nullptr);
  if (const absl::Time due = NextDue(); due != absl::InfiniteFuture()) {
    *rest.mutable_next_due_time() = ToProto(due);
  }
  rest.set_idle(Idle());
  for (const Watched& watched : modules_) {
    Engine& engine = watched.module->engine();
    for (std::uint32_t i = 0; i < engine.options().partitions; ++i) {
      admin::v1::LogRest& log = *rest.add_logs();
      log.set_service(engine.options().service);
      log.set_partition(i);
      log.set_head(engine.partition(i).head());
      if (const auto last = watched.last_position(i); last.has_value()) log.set_last_position(*last);
    }
  }
  for (const Consumer* const consumer : consumers_) {
    for (std::uint32_t i = 0; i < consumer->checkpoints().size(); ++i) {
      admin::v1::FeedRest& feed = *rest.add_feeds();
      feed.set_source(consumer->source());
      feed.set_partition(i);
      feed.set_checkpoint(consumer->checkpoints()[i]);
    }
  }
  return rest;
}

Status TimeKeeper::Prepare(absl::Time time) {
  if (manual_clock_ == nullptr) return NotManual();
  if (time > clock_.Now()) manual_clock_->AdvanceTo(time);
  return Save();
}

void TimeKeeper::Go() {
  for (const Watched& watched : modules_) watched.module->engine().ClockMoved();
}

void TimeKeeper::Set(absl::Time time) {
  manual_clock_->AdvanceTo(time);
  Go();
}

Task<StatusOr<std::uint64_t>> TimeKeeper::FireUntil(absl::Time limit, absl::Time deadline) {
  if (manual_clock_ == nullptr) co_return NotManual();
  std::uint64_t stops = 0;
  co_await Try(Settle(deadline));
  for (absl::Time due = NextDue(); due <= limit && due < absl::InfiniteFuture(); due = NextDue()) {
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

Status TimeKeeper::Save() {
  // Renamed into place, so that a crash leaves the old or the new time.
  const std::string draft = clock_file_ + ".new";
  errno = 0;
  std::ofstream file(draft);
  file << absl::ToUnixMicros(clock_.Now()) << '\n';
  file.close();
  if (!file || std::rename(draft.c_str(), clock_file_.c_str()) != 0) {
    const std::error_code cause(errno, std::generic_category());
    health_ = cause == std::errc::no_space_on_device
                  ? Internal("the disk is full; make space and start again (%s: %s)", cause.message(), draft)
                  : Internal("cannot write %s: %s", draft, cause.message());
    return Unavailable("%s", std::string(health_.message()));
  }
  return OkStatus();
}

absl::Time TimeKeeper::ReadClockFile(const std::string& clock_file, absl::Time otherwise) {
  std::ifstream file(clock_file);
  std::int64_t micros = 0;
  return file >> micros ? absl::FromUnixMicros(micros) : otherwise;
}

}  // namespace souk
