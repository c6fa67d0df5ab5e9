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

Status EventLog::ReadAfter(std::uint64_t position, RecordFunction function) const {
  KeyRange range = KeyRange::WithPrefix(keys::Partition(partition_));
  range.start = keys::Log(partition_, position + 1);
  std::uint64_t expected = position;
  Status result;
  EventRecord record;
  const Status scanned = store_.Scan(
      ColumnFamily::kLog, range, Direction::kForward, [&](std::string_view key, std::string_view value) {
        if (PositionOf(key) != ++expected) {
          result = DataLoss("partition %d: the record at position %d is missing", partition_, expected);
          return false;
        }
        if (!record.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
            record.position() != expected) {
          result = DataLoss("partition %d: the record at position %d is unreadable", partition_, expected);
          return false;
        }
        return function(record, value);
      });
  if (!scanned.ok()) return At(expected + 1, scanned);
  return result;
}

StatusOr<EventRecord> EventLog::ReadAt(std::uint64_t position) const {
  const StatusOr<std::optional<std::string>> read =
      store_.Get(ColumnFamily::kLog, keys::Log(partition_, position));
  if (!read.ok()) return At(position, read.status());
  const std::optional<std::string>& stored = *read;
  EventRecord record;
  if (!stored.has_value() || !record.ParseFromString(*stored) || record.position() != position) {
    return DataLoss("partition %d: the record at position %d is missing or unreadable", partition_, position);
  }
  return record;
}

Status EventLog::ReadStream(std::string_view aggregate, std::string_view id, std::uint64_t revision,
                            absl::FunctionRef<bool(const EventRecord&)> function) const {
  KeyRange range = KeyRange::WithPrefix(keys::Stream(partition_, aggregate, id));
  range.start = keys::StreamEvent(partition_, aggregate, id, revision + 1);
  Status result;
  RETURN_IF_ERROR(store_.Scan(
      ColumnFamily::kStreams, range, Direction::kForward, [&](std::string_view, std::string_view value) {
        const StatusOr<EventRecord> record = ReadAt(ReadBigEndian<std::uint64_t>(value));
        result = record.status();
        return record.ok() && function(*record);
      }));
  return result;
}

StatusOr<std::uint64_t> EventLog::Verify() const {
  std::uint64_t checked = 0;
  std::string hash;
  Status broken;
  RETURN_IF_ERROR(ReadAfter(0, [&](const EventRecord& record, std::string_view stored) {
    if (record.previous_hash() != hash) {
      broken = DataLoss("partition %d: the record at position %d does not match the hash in the one after it",
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
