#include "libs/messaging/log_restore.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "libs/base/hash.h"
#include "libs/eventstore/keys.h"
#include "libs/kafka/topic_scan.h"
#include "libs/messaging/cloud_event.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/topic_owner.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

using event::v1::EventRecord;
using kafka::Fetched;
using kafka::StoredRecord;
using kafka::TopicPartition;

namespace {

constexpr std::size_t kBytesPerWrite = std::size_t{1} << 20;

constexpr char kWayOut[] = "restore a backup instead, with soukctl restore --from-backup";

// Checks the records of a log topic one after the other.
class ChainCheck {
 public:
  explicit ChainCheck(TopicPartition of) : of_(std::move(of)) {}

  Status Add(const StoredRecord& stored) {
    ASSIGN_OR_RETURN(const TopicLink link, ReadLink(stored.record));
    if (position_ == 0 && link.position != 1) {
      return DataLoss("%s/%d begins with position %d: what was before was deleted; %s", of_.topic,
                      of_.partition, link.position, kWayOut);
    }
    if (link.position != position_ + 1 || link.previous_position != position_) {
      return DataLoss("%s/%d: position %d, at offset %d, follows position %d; %s", of_.topic, of_.partition,
                      link.position, stored.offset, position_, kWayOut);
    }
    std::string hash = Sha256(stored.record.value);
    if (!record_.ParseFromString(stored.record.value) || record_.position() != link.position ||
        record_.previous_hash() != hash_ || hash != link.hash) {
      return DataLoss("%s/%d: position %d, at offset %d, is not what was published: its hash differs; %s",
                      of_.topic, of_.partition, link.position, stored.offset, kWayOut);
    }
    position_ = link.position;
    hash_ = std::move(hash);
    return OkStatus();
  }
  std::uint64_t position() const { return position_; }

 private:
  const TopicPartition of_;
  EventRecord record_;
  std::uint64_t position_ = 0;  // Of the last one.
  std::string hash_;
};

}  // namespace

Task<Status> LogRestore::Begin() {
  rows_ = RowCollector();
  ends_.clear();
  const StatusOr<std::uint32_t> partitions = co_await broker_.Partitions(LogTopic(service_));
  if (absl::IsNotFound(partitions.status())) {
    co_return NotFound(
        "there is no topic %s: a store can be made from Kafka when it ran with kafka.log_topic",
        LogTopic(service_));
  }
  co_await Try(partitions.status());
  co_await Try(Settle({.topic = RowsTopic(service_)}));
  co_await Try(ReadRows());
  std::uint32_t wanted = 0;
  if (!absl::SimpleAtoi(rows_.MetaValue("partitions"), &wanted) || wanted > *partitions) {
    co_return DataLoss("topic %s does not say how many partitions the store has, or %s has fewer; %s",
                       RowsTopic(service_), LogTopic(service_), kWayOut);
  }
  for (std::uint32_t i = 0; i < wanted; ++i) {
    const TopicPartition log{.topic = LogTopic(service_), .partition = i};
    co_await Try(Settle(log));
    ends_.push_back(co_await Try(LastPosition(log)));
    const TopicPartition events{.topic = EventsTopic(service_), .partition = i};
    const StatusOr<std::uint64_t> shown = co_await LastPosition(events);
    if (absl::IsNotFound(shown.status())) continue;
    if (co_await Try(shown) > ends_.back()) {
      co_return DataLoss("topic %s has position %d, but %s ends at %d: it has lost its end; %s", events.topic,
                         *shown, log.topic, ends_.back(), kWayOut);
    }
  }
  co_return OkStatus();
}

Task<Status> LogRestore::Settle(TopicPartition target) {
  const std::unique_ptr<kafka::TopicWriter> writer =
      broker_.NewWriter({.transactional_id = TransactionalIdOf(target), .target = target});
  co_return co_await writer->Fence();
}

Task<Status> LogRestore::ReadRows() {
  const TopicPartition topic{.topic = RowsTopic(service_)};
  const kafka::OffsetRange range = co_await Try(broker_.Offsets(topic));
  const std::unique_ptr<kafka::TopicReader> reader = broker_.NewReader(topic, range.begin);
  for (bool at_end = false; !at_end;) {
    const Fetched fetched = co_await Try(reader->Next());
    for (const StoredRecord& stored : fetched.records) co_await Try(rows_.Add(stored.record));
    at_end = fetched.at_end;
  }
  if (rows_.empty() || rows_.MetaValue("service") != service_) {
    co_return FailedPrecondition("topic %s does not say what is in the store of %s: nobody has published it",
                                 topic.topic, service_);
  }
  co_return OkStatus();
}

Task<StatusOr<std::uint64_t>> LogRestore::LastPosition(TopicPartition of) {
  const std::optional<StoredRecord> last = co_await Try(kafka::ReadLast(broker_, of));
  if (!last.has_value()) co_return std::uint64_t{0};
  const TopicLink link = co_await Try(ReadLink(last->record));
  co_return link.position;
}

Task<Status> LogRestore::Fill(Store& store, std::function<void(std::uint64_t)> progress) {
  for (std::uint32_t i = 0; i < ends_.size(); ++i) co_await Try(FillLog(i, store, progress));
  Batch batch;
  rows_.Put(batch);
  batch.Put(ColumnFamily::kMeta, "incarnation", incarnation_);
  co_return co_await store.Write(std::move(batch), Durability::kSynced);
}

Task<Status> LogRestore::FillLog(std::uint32_t partition, Store& store,
                                 std::function<void(std::uint64_t)> progress) {
  const TopicPartition topic{.topic = LogTopic(service_), .partition = partition};
  const kafka::OffsetRange range = co_await Try(broker_.Offsets(topic));
  const std::unique_ptr<kafka::TopicReader> reader = broker_.NewReader(topic, range.begin);
  ChainCheck check(topic);
  for (bool at_end = false; !at_end;) {
    const std::uint64_t before = check.position();
    Batch batch;
    for (std::size_t bytes = 0; bytes < kBytesPerWrite && !at_end;) {
      const Fetched fetched = co_await Try(reader->Next());
      for (const StoredRecord& stored : fetched.records) {
        co_await Try(check.Add(stored));
        batch.Put(ColumnFamily::kLog, keys::Log(partition, check.position()), stored.record.value);
        bytes += stored.record.value.size();
      }
      at_end = fetched.at_end;
    }
    if (!batch.empty()) co_await Try(store.Write(std::move(batch), Durability::kBuffered));
    progress(check.position() - before);
  }
  if (check.position() < ends_[partition]) {
    co_return DataLoss("%s/%d ends at position %d, where %d was a moment ago; %s", topic.topic, partition,
                       check.position(), ends_[partition], kWayOut);
  }
  ends_[partition] = check.position();
  co_return OkStatus();
}

Task<Status> MoveBackCheckpoints(Store& store, const std::map<std::string, LogEnds>& ends) {
  Batch batch;
  for (const auto& [source, positions] : ends) {
    for (std::uint32_t i = 0; i < positions.size(); ++i) {
      co_await Try(Consumer::MoveBackCheckpoint(store, source, i, positions[i], batch));
    }
  }
  if (batch.empty()) co_return OkStatus();
  co_return co_await store.Write(std::move(batch), Durability::kSynced);
}

}  // namespace souk
