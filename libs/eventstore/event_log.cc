#include "libs/eventstore/event_log.h"

#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/eventstore/keys.h"

namespace souk {

using event::v1::EventRecord;

namespace {

std::uint64_t PositionOf(std::string_view log_key) {
  return ReadBigEndian<std::uint64_t>(log_key.substr(sizeof(std::uint32_t)));
}

bool Parse(std::string_view stored, EventRecord& record) {
  return record.ParseFromArray(stored.data(), static_cast<int>(stored.size()));
}
bool Parse(std::string_view stored, StoredEvent& event) { return event.Parse(stored); }

std::uint64_t PositionIn(const EventRecord& record) { return record.position(); }
std::uint64_t PositionIn(const StoredEvent& event) { return event.position; }

}  // namespace

// An error of the store, which names the file, with the place in the log.
Status EventLog::At(std::uint64_t position, const Status& error) const {
  return Status(error.code(), absl::StrFormat("partition %d: cannot read the record at position %d: %s",
                                              partition_, position, std::string(error.message())));
}

StatusOr<EventLog::Head> EventLog::ReadHead() const {
  Head head;
  Status parsed;
  RETURN_IF_ERROR(store_.Scan(ColumnFamily::kLog, KeyRange::WithPrefix(keys::Partition(partition_)),
                              Direction::kBackward, [&](std::string_view key, std::string_view value) {
                                EventRecord record;
                                head.position = PositionOf(key);
                                if (!record.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
                                    record.position() != head.position) {
                                  parsed =
                                      DataLoss("partition %d: the last record, at position %d, is unreadable",
                                               partition_, head.position);
                                  return false;
                                }
                                head.hash = Sha256(value);
                                head.record_time = FromProto(record.record_time());
                                return false;
                              }));
  RETURN_IF_ERROR(parsed);
  return head;
}

Status EventLog::Unreadable(std::uint64_t position) const {
  return DataLoss("partition %d: the record at position %d is unreadable", partition_, position);
}

Status EventLog::WalkStoreAfter(std::uint64_t position, TakeFunction take) const {
  KeyRange range = KeyRange::WithPrefix(keys::Partition(partition_));
  range.start = keys::Log(partition_, position + 1);
  std::uint64_t expected = position;
  Status missing;
  const Status scanned = store_.Scan(
      ColumnFamily::kLog, range, Direction::kForward, [&](std::string_view key, std::string_view value) {
        if (PositionOf(key) != ++expected) {
          missing = DataLoss("partition %d: the record at position %d is missing", partition_, expected);
          return false;
        }
        return take(expected, value);
      });
  if (!scanned.ok()) return At(expected + 1, scanned);
  return missing;
}

Status EventLog::WalkTailAfter(std::uint64_t position, TakeFunction take) const {
  const std::string* stored = tail_.Find(++position);
  while (stored != nullptr && take(position, *stored)) stored = tail_.Find(++position);
  return OkStatus();
}

template <typename Record>
Status EventLog::WalkAfter(std::uint64_t position, WalkFunction walk,
                           absl::FunctionRef<bool(const Record&, std::string_view stored)> function) const {
  Status result;
  Record record;
  RETURN_IF_ERROR((this->*walk)(position, [&](std::uint64_t at, std::string_view stored) {
    if (!Parse(stored, record) || PositionIn(record) != at) {
      result = Unreadable(at);
      return false;
    }
    return function(record, stored);
  }));
  return result;
}

EventLog::WalkFunction EventLog::WalkFrom(std::uint64_t position) const {
  return tail_.Covers(position) ? &EventLog::WalkTailAfter : &EventLog::WalkStoreAfter;
}

Status EventLog::ReadAfter(std::uint64_t position, RecordFunction function) const {
  return WalkAfter<EventRecord>(position, WalkFrom(position), function);
}

Status EventLog::ReadEventsAfter(std::uint64_t position, EventFunction function) const {
  return WalkAfter<StoredEvent>(position, WalkFrom(position), function);
}

StatusOr<std::string> EventLog::Stored(std::uint64_t position) const {
  if (const std::string* const recent = tail_.Find(position); recent != nullptr) return *recent;
  StatusOr<std::optional<std::string>> read = store_.Get(ColumnFamily::kLog, keys::Log(partition_, position));
  if (!read.ok()) return At(position, read.status());
  if (!read->has_value()) {
    return DataLoss("partition %d: the record at position %d is missing", partition_, position);
  }
  return **std::move(read);
}

StatusOr<EventRecord> EventLog::ReadAt(std::uint64_t position) const {
  ASSIGN_OR_RETURN(const std::string stored, Stored(position));
  EventRecord record;
  if (!Parse(stored, record) || record.position() != position) return Unreadable(position);
  return record;
}

StatusOr<std::string> EventLog::HashAt(std::uint64_t position) const {
  ASSIGN_OR_RETURN(const std::string stored, Stored(position));
  return Sha256(stored);
}

template <typename Record>
Status EventLog::WalkStream(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                            absl::FunctionRef<bool(const Record&)> function) const {
  KeyRange range = KeyRange::WithPrefix(keys::Stream(partition_, aggregate, id));
  range.start = keys::StreamEvent(partition_, aggregate, id, revision + 1);
  Status result;
  Record record;
  RETURN_IF_ERROR(store_.Scan(
      ColumnFamily::kStreams, range, Direction::kForward, [&](std::string_view, std::string_view value) {
        const auto position = ReadBigEndian<std::uint64_t>(value);
        const StatusOr<std::string> stored = Stored(position);
        result = stored.status();
        if (result.ok() && (!Parse(*stored, record) || PositionIn(record) != position)) {
          result = Unreadable(position);
        }
        return result.ok() && function(record);
      }));
  return result;
}

Status EventLog::ReadStream(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                            absl::FunctionRef<bool(const EventRecord&)> function) const {
  return WalkStream<EventRecord>(aggregate, id, revision, function);
}

Status EventLog::ReadStreamEvents(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                                  absl::FunctionRef<bool(const StoredEvent&)> function) const {
  return WalkStream<StoredEvent>(aggregate, id, revision, function);
}

StatusOr<std::uint64_t> EventLog::Verify() const {
  std::uint64_t checked = 0;
  std::string hash;
  Status broken;
  RETURN_IF_ERROR(WalkAfter<EventRecord>(
      0, &EventLog::WalkStoreAfter, [&](const EventRecord& record, std::string_view stored) {
        if (record.previous_hash() != hash) {
          broken =
              DataLoss("partition %d: the record at position %d does not match the hash in the one after it",
                       partition_, record.position() - 1);
          return false;
        }
        hash = Sha256(stored);
        ++checked;
        return true;
      }));
  RETURN_IF_ERROR(broken);
  return checked;
}

}  // namespace souk
