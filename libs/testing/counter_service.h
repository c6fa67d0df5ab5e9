// A small service with counters, for tests of what moves events: additions and openings are
// public, the rest is not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::testing {

class CounterService {
 public:
  // `name` is the service's, such as "counter". The references must outlive it.
  CounterService(std::string name, Scheduler& scheduler, const Clock& clock, Store& store,
                 std::uint32_t partitions = 1);

  Task<Status> Start() { return engine_.Start(); }
  Engine& engine() { return engine_; }

  // Adds 1 to each of `counters` counters, `times` times; opens those that are not open, so
  // that the first time makes two public events each. Then closes one more counter, which is
  // no public event.
  Task<Status> Count(int counters, int times);

  // The public events so far.
  std::vector<event::v1::EventRecord> PublicEvents(std::uint32_t partition = 0) const;

 private:
  Engine engine_;
  int requests_ = 0;
};

}  // namespace souk::testing
