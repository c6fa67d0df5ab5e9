// Moves the business clock of a process that runs on a manual one, so that everything
// happens at its time and in its order: before the clock moves on, all that is to be done
// at the present time is done.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/messaging/consumer.h"
#include "libs/module/module.h"
#include "libs/runtime/scheduler.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk {

// A manual clock goes no further than to the year 9000: what is due after that is still a time
// that a Timestamp can say.
inline absl::Time LatestStoreTime() { return absl::FromCivil(absl::CivilYear(9000), absl::UTCTimeZone()); }

class TimeKeeper {
 public:
  // `manual_clock` is null when the process runs on real time. `clock_file` keeps the
  // time of a manual clock between runs.
  TimeKeeper(const Clock& clock, ManualClock* manual_clock, std::string clock_file, Scheduler& scheduler);

  // What has to come to rest. All must outlive the keeper. `last_position` of a partition is
  // what whoever consumes the module's events must have seen; nothing while that is not known.
  using LastPosition = std::function<std::optional<std::uint64_t>(std::uint32_t partition)>;
  void Watch(Module& module, LastPosition last_position) {
    modules_.push_back({&module, std::move(last_position)});
  }
  void Watch(const Consumer& consumer) { consumers_.push_back(&consumer); }

  // Waits until nothing is left to do at the present time. DEADLINE_EXCEEDED when the
  // process does not come to rest by `deadline` (real time).
  Task<Status> Settle(absl::Time deadline);

  // Moves the clock to `time`, firing timers on the way at their time. A time that has
  // passed only settles. Returns how many times it stopped for a timer. FAILED_PRECONDITION
  // when the clock is not manual.
  Task<StatusOr<std::uint64_t>> AdvanceTo(absl::Time time, absl::Time deadline);
  // The same, from timer to timer, until none is left up to `limit`; the clock then stands
  // at the last of them.
  Task<StatusOr<std::uint64_t>> AdvanceUntilIdle(absl::Time limit, absl::Time deadline);

  // For a store of several processes, see store_clock.h: what there is to do in this one,
  // and its clock moved in two steps. Between Prepare and Go nothing notices.
  admin::v1::GetRestResponse Rest() const;
  Status Prepare(absl::Time time);
  void Go();

  // OK, or why this process must end: it could not keep the time.
  const Status& health() const { return health_; }
  const Clock& clock() const { return clock_; }
  // When the next timer is due; InfiniteFuture when there is none.
  absl::Time NextDue() const;

  // The time that the file says; `otherwise` when there is none.
  static absl::Time ReadClockFile(const std::string& clock_file, absl::Time otherwise);

 private:
  struct Watched {
    Module* module;
    LastPosition last_position;
  };
  bool Settled() const;
  bool Idle() const;
  // Whether the consumer has seen everything of its source, as far as that is in this process.
  bool HasCaughtUp(const Consumer& consumer) const;
  void Set(absl::Time time);
  // UNAVAILABLE when it fails, for the process ends then.
  Status Save();
  // Fires what is due up to `limit`, one time after the other.
  Task<StatusOr<std::uint64_t>> FireUntil(absl::Time limit, absl::Time deadline);

  const Clock& clock_;
  ManualClock* const manual_clock_;
  const std::string clock_file_;
  Status health_;
  Scheduler& scheduler_;
  std::vector<Watched> modules_;
  std::vector<const Consumer*> consumers_;
};

}  // namespace souk
