// Where events are exported from: a running store, its data folder, or Kafka.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/status.h"
#include "libs/kafka/client_settings.h"
#include "souk/event/v1/event_record.pb.h"
#include "tools/soukctl/export/event_batch.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// One partition of a service's log.
struct LogEnd {
  std::string service;
  std::uint32_t partition = 0;
  std::uint64_t head = 0;  // The last position, when it was asked.

  std::string Name() const { return service + "/" + std::to_string(partition); }
};

struct ReadRange {
  LogEnd log;
  std::uint64_t after = 0;         // Positions from here on, excluded,
  std::uint64_t last = 0;          // up to here, included.
  std::vector<std::string> types;  // Full names; empty: all.
  bool stored = false;             // As stored instead of public.

  bool Wants(const std::string& type) const {
    return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
  }
};

class EventSource {
 public:
  virtual ~EventSource() = default;

  // All logs, in order of service and partition.
  virtual StatusOr<std::vector<LogEnd>> Logs() = 0;

  // Adds the chosen events of the range to batches, in order of position: several batches at a
  // time, on other threads, where that is faster. Calls `take` with each batch in order, and
  // with a position: all up to it is in this batch or an earlier one, or not wanted. Ends when
  // `take` returns false.
  using NewBatch = absl::FunctionRef<EventBatch()>;
  using TakeBatch = absl::FunctionRef<bool(const EventBatch& batch, std::uint64_t position)>;
  virtual Status Read(const ReadRange& range, NewBatch new_batch, TakeBatch take) = 0;

  // The whole history of one aggregate, as stored. NOT_FOUND when there is none.
  virtual StatusOr<std::vector<event::v1::EventRecord>> ReadStream(const std::string& service,
                                                                   const std::string& aggregate,
                                                                   const std::string& id) = 0;
};

// The store that `session` talks to; it must outlive the source.
std::unique_ptr<EventSource> ServedEvents(Session& session);

// A data folder that no process serves. Nothing in it is changed; no process can start on
// it as long as the source lives.
StatusOr<std::unique_ptr<EventSource>> EventsOfFolder(const std::string& data_dir);

// The topics of public events. `settings` are librdkafka's: bootstrap.servers at least.
StatusOr<std::unique_ptr<EventSource>> EventsOfKafka(const kafka::ClientSettings& settings);

}  // namespace souk::ctl
