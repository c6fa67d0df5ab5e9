// Moves the business clock of a whole store, wherever its services run: alone for those of
// this process, as time_keeper.h does, or together with other processes (docs/adr/0011).
//
// Before time moves, everything is to be at rest, in every process at once. That is so when
// two looks in a row find all of them idle, all feeds consumed, and nothing different between
// the looks. Then all clocks move before anything notices, so that nobody acts at the new time
// on somebody who still has the old one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/module/time_keeper.h"
#include "libs/rpc/channel.h"
#include "libs/runtime/scheduler.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk {

class StoreClock {
 public:
  // Both must outlive the clock.
  StoreClock(TimeKeeper& keeper, Scheduler& scheduler) : keeper_(keeper), scheduler_(scheduler) {}

  // Another process, by the name of a service in it. The channel must outlive the clock.
  void AddPeer(std::string service, rpc::Channel& channel) {
    peers_.push_back({std::move(service), &channel});
  }

  // As those of TimeKeeper. A process that cannot be reached is waited for until `deadline`.
  Task<Status> Settle(absl::Time deadline);
  Task<StatusOr<std::uint64_t>> AdvanceTo(absl::Time time, absl::Time deadline);
  Task<StatusOr<std::uint64_t>> AdvanceUntilIdle(absl::Time limit, absl::Time deadline);

  // When the next timer of any process is due; InfiniteFuture when there is none.
  // UNAVAILABLE when a process cannot be asked.
  Task<StatusOr<absl::Time>> NextDue(absl::Time deadline);

  TimeKeeper& keeper() { return keeper_; }

 private:
  struct Peer {
    std::string service;
    rpc::Channel* channel;
  };
  using Rests = std::vector<admin::v1::GetRestResponse>;

  // One look at all processes, this one last. UNAVAILABLE names the first that did not answer.
  Task<StatusOr<Rests>> Look(absl::Time deadline);
  // Looks until everything is at rest; brings a move that broke off to its end.
  Task<StatusOr<Rests>> LookForRest(absl::Time deadline);
  Task<StatusOr<std::uint64_t>> FireUntil(absl::Time limit, absl::Time deadline);
  Task<Status> MoveAll(absl::Time time, absl::Time deadline);
  // One step of MoveAll, tried again until all have answered.
  Task<Status> TellAll(admin::v1::MoveClockRequest request, absl::Time deadline);

  TimeKeeper& keeper_;
  Scheduler& scheduler_;
  std::vector<Peer> peers_;
  TaskScope calls_;  // To peers. The last answer may end the waiting coroutine, but not its own call.
};

}  // namespace souk
