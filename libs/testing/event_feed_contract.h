// What every implementation of EventFeed must do; see libs/messaging/event_feed.h. A test of
// an implementation gives a world to it, in a test case of its own.
#pragma once

#include "libs/base/task.h"
#include "libs/messaging/event_feed.h"
#include "libs/testing/counter_service.h"

namespace souk::testing {

class FeedWorld {
 public:
  virtual ~FeedWorld() = default;
  // The service whose events the feeds tell; it has two partitions and no events yet.
  virtual CounterService& service() = 0;
  virtual FeedSource& source() = 0;
  // Breaks every connection that is open: feeds go on or fail, but do not stay behind.
  virtual Task<> Disturb() = 0;
  // Runs `task` to its end on the scheduler of the service.
  virtual void Run(Task<> task) = 0;
};

// Sections of one test case.
void CheckEventFeedContract(FeedWorld& world);

}  // namespace souk::testing
