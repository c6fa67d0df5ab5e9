// Brings the views of a service up to date with its log, and keeps them so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/view.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/store.h"

namespace souk {

// One view in one partition. Runs on the service's scheduler.
class ViewRunner {
 public:
  // The references must outlive the runner.
  ViewRunner(View& view, Store& store, const EventLog& log) : view_(view), store_(store), log_(log) {}

  // Reads how far the view is. A version that is not there yet begins at the start.
  Status Open();
  // Projects everything up to the end of the log. Returns how many events that were.
  Task<StatusOr<std::uint64_t>> CatchUp();
  // Drops the rows of other versions. Call when this one has caught up.
  Task<Status> DropOtherVersions();
  // Forgets how far it is: the rows are gone.
  Task<Status> Reset();

  std::uint64_t checkpoint() const { return checkpoint_; }
  // The name its rows are stored under.
  static std::string RowName(const View& view);

 private:
  std::string CheckpointKey() const;

  View& view_;
  Store& store_;
  const EventLog& log_;
  std::uint64_t checkpoint_ = 0;
  std::uint64_t saved_ = 0;  // What of it is in the store.
  bool running_ = false;
};

}  // namespace souk
