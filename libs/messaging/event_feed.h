// "Give me service S's public events of partition p after position n, and go on."
//
// Two implementations behind one contract (event_feed_contract in the tests): local_feed.h
// reads the service's own EventLogService, in the same process or over the network.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// Events in order of position, each once.
struct FeedBatch {
  std::vector<event::v1::EventRecord> events;  // May be empty: nothing of interest up to `checkpoint`.
  std::uint64_t checkpoint = 0;                // Resume after it.
};

// One feed, open. Destroying it closes it.
class EventFeed {
 public:
  virtual ~EventFeed() = default;
  // Waits for more. After an error open the feed again after the last checkpoint.
  virtual Task<StatusOr<FeedBatch>> Next() = 0;
};

// Where feeds of one service come from.
class FeedSource {
 public:
  virtual ~FeedSource() = default;
  // How many partitions the service has.
  virtual Task<StatusOr<std::uint32_t>> Partitions() = 0;
  // `types`: only events of these types; empty for all.
  virtual std::unique_ptr<EventFeed> Open(std::uint32_t partition, std::uint64_t after_position,
                                          std::vector<std::string> types) = 0;
};

}  // namespace souk
