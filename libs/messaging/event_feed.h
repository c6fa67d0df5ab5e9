// "Give me service S's public events of partition p after position n, and go on."
//
// Two implementations behind one contract (event_feed_contract.h in libs/testing):
// local_feed.h reads the service's own EventLogService, in the same process or over the
// network; kafka_feed.h reads its topic.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// How far somebody has read.
struct FeedPosition {
  std::uint64_t position = 0;  // Of the service's log; 0: nothing yet.
  // What the feed wants to know when it is opened again, such as an offset; "" will do too,
  // but costs a search.
  std::string resume_token;
};

// Events in order of position, each once.
struct FeedBatch {
  std::vector<event::v1::EventRecord> events;  // May be empty: nothing of interest up to `checkpoint`.
  FeedPosition checkpoint;                     // Resume after it.
};

// One feed, open. Destroying it closes it.
class EventFeed {
 public:
  virtual ~EventFeed() = default;
  // Waits for more. After an error open the feed again after the last checkpoint; DATA_LOSS
  // says that this will not help: events are missing.
  virtual Task<StatusOr<FeedBatch>> Next() = 0;
};

// Where feeds of one service come from.
class FeedSource {
 public:
  virtual ~FeedSource() = default;
  // How many partitions the service has.
  virtual Task<StatusOr<std::uint32_t>> Partitions() = 0;
  // `types`: only events of these types; empty for all.
  virtual std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                          std::vector<std::string> types) = 0;
};

}  // namespace souk
