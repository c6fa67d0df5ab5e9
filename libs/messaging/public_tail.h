// The end of a log in its public form, so that an event is mapped once for all who follow the
// log, whoever of them reads it first. Only what somebody reads is mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/event_log.h"

namespace souk {

class PublicTail {
 public:
  static constexpr std::size_t kBytesMax = 512 * 1024;

  // Keeps at most so much, but always the last entry. The references must outlive the tail.
  PublicTail(const Engine& engine, const EventLog& log, std::size_t bytes_max = kBytesMax)
      : engine_(engine), log_(log), bytes_max_(bytes_max) {}
  PublicTail(const PublicTail&) = delete;  // Its entries refer to themselves.
  PublicTail& operator=(const PublicTail&) = delete;

  // A log entry as ToPublic shows it; without `bytes` when it is nobody's business.
  struct Entry {
    std::uint64_t position = 0;
    std::string bytes;  // An EventRecord.
    StoredEvent event;  // Of `bytes`, which it refers to.
  };

  // Calls `entry` for every entry after `position`, until it returns false. Errors are those of
  // EventLog::ReadEventsAfter.
  using EntryFunction = absl::FunctionRef<bool(const Entry& entry)>;
  Status ReadAfter(std::uint64_t position, EntryFunction entry);

  // As EventLog::HashAt; readers who have come equally far cost one.
  StatusOr<std::string> HashAt(std::uint64_t position);

 private:
  void Map(const StoredEvent& event, std::string_view stored, Entry& entry) const;
  std::uint64_t end() const { return begin_ + entries_.size(); }
  void DropOld();

  const Engine& engine_;
  const EventLog& log_;
  const std::size_t bytes_max_;

  std::uint64_t begin_ = 1;  // The position of the first entry.
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;

  std::uint64_t hashed_position_ = 0;
  std::string hash_;
};

}  // namespace souk
