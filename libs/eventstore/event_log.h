// The log of one partition, for reading: what happened, in order, as stored.
//
// Positions begin at 1 and have no gap. Every record carries the SHA-256 of the one
// before it, so a record that is missing or was changed is found by Verify.
//
// Where records are remembered, they are read from memory; such a log is not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/status.h"
#include "libs/eventstore/log_tail.h"
#include "libs/eventstore/stored_event.h"
#include "libs/storage/store.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

class EventLog {
 public:
  // `store` must outlive the log.
  EventLog(const Store& store, std::uint32_t partition) : store_(store), partition_(partition) {}

  // The end of the log as it is in the store.
  struct Head {
    std::uint64_t position = 0;  // 0: empty.
    std::string hash;            // Of the last record; "" when there is none.
    absl::Time record_time = absl::InfinitePast();
  };
  StatusOr<Head> ReadHead() const;

  // Calls `record` for every record after `position`, until it returns false. DATA_LOSS
  // with the position where one is missing or unreadable, and the file when that is damaged.
  using RecordFunction =
      absl::FunctionRef<bool(const event::v1::EventRecord& record, std::string_view stored)>;
  Status ReadAfter(std::uint64_t position, RecordFunction record) const;

  // The same with no more of each record than a fold needs, at a fraction of the cost.
  using EventFunction = absl::FunctionRef<bool(const StoredEvent& event, std::string_view stored)>;
  Status ReadEventsAfter(std::uint64_t position, EventFunction event) const;

  // One record. DATA_LOSS when it is missing or unreadable.
  StatusOr<event::v1::EventRecord> ReadAt(std::uint64_t position) const;

  // The SHA-256 of one record as it is stored, which no other record has. DATA_LOSS when it is
  // missing.
  StatusOr<std::string> HashAt(std::uint64_t position) const;

  // All events of an aggregate after `revision`, oldest first, until `record` returns false.
  Status ReadStream(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                    absl::FunctionRef<bool(const event::v1::EventRecord&)> record) const;
  Status ReadStreamEvents(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                          absl::FunctionRef<bool(const StoredEvent&)> event) const;

  // Walks the hash chain from the first record, in the store. Returns how many were checked; DATA_LOSS
  // with the position of the first that is wrong.
  StatusOr<std::uint64_t> Verify() const;

  // Keeps the newest records in memory: those that end at `head`, right behind the ones that came
  // before. They must be in the store. Who begins to read among them finds nothing beyond them.
  void Remember(std::uint64_t head, std::vector<std::string> stored) {
    tail_.Append(head, std::move(stored));
  }

  std::uint32_t partition() const { return partition_; }

 private:
  // Takes a record that is stored at a position; returns whether to go on.
  using TakeFunction = absl::FunctionRef<bool(std::uint64_t position, std::string_view stored)>;
  using WalkFunction = Status (EventLog::*)(std::uint64_t position, TakeFunction take) const;
  Status WalkStoreAfter(std::uint64_t position, TakeFunction take) const;
  Status WalkTailAfter(std::uint64_t position, TakeFunction take) const;
  // Where to find what is after `position`.
  WalkFunction WalkFrom(std::uint64_t position) const;
  template <typename Record>
  Status WalkAfter(std::uint64_t position, WalkFunction walk,
                   absl::FunctionRef<bool(const Record& record, std::string_view stored)> function) const;
  template <typename Record>
  Status WalkStream(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                    absl::FunctionRef<bool(const Record& record)> function) const;
  StatusOr<std::string> Stored(std::uint64_t position) const;
  Status Unreadable(std::uint64_t position) const;
  Status At(std::uint64_t position, const Status& error) const;

  const Store& store_;
  const std::uint32_t partition_;
  LogTail tail_;
};

}  // namespace souk
