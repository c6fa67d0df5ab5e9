#include "libs/messaging/rows_publisher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/big_endian.h"
#include "libs/kafka/topic_scan.h"

namespace souk {
namespace {

// The last sequence number that is published; there is none before all keys are.
std::string SequenceKey(const kafka::TopicPartition& target) {
  return absl::StrFormat("publication/%s/%d", target.topic, target.partition);
}

}  // namespace

RowsPublisher::RowsPublisher(RowsPublisherOptions options, kafka::Broker& broker, Scheduler& scheduler,
                             Store& store)
    : options_(std::move(options)),
      broker_(broker),
      scheduler_(scheduler),
      store_(store),
      owner_(options_.target, options_.process_id, broker, scheduler) {}

void RowsPublisher::Start() {
  owner_.Start([this](kafka::TopicWriter& writer) { return Publish(writer); });
}

std::uint64_t RowsPublisher::LimitOf(std::size_t partition) {
  limits_.resize(std::max(limits_.size(), partition + 1));
  if (!are_keys_whole_) return limits_[partition];
  // First the head: the keys of what is behind it were there before.
  const std::uint64_t head = logs_[partition]->head();
  if (head == limits_[partition]) return head;
  const auto changes = ReadKeyChanges(store_, published_change_, 1);
  if (changes.ok() && changes->empty()) {
    limits_[partition] = head;
  } else {
    owner_.Wake();
  }
  return limits_[partition];
}

bool RowsPublisher::Drained() const {
  if (owner_.idle()) return true;
  if (!owner_.stopping() || !staged_.has_value()) return false;
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    if (logs_[i]->position() < staged_->heads[i] && logs_[i]->idle()) return true;  // It waits in vain.
  }
  return false;
}

Task<Status> RowsPublisher::Publish(kafka::TopicWriter& writer) {
  are_keys_whole_ = co_await Try(HasAllKeys());
  epoch_ = absl::StrFormat("%s/%d", options_.process_id, owner_.failures());
  published_.reset();
  staged_.reset();
  next_look_ = absl::InfinitePast();
  owner_.GetsOn();
  if (!are_keys_whole_) co_await Try(PublishAllKeys(writer));
  are_keys_whole_ = true;
  WakeLogs();
  for (bool is_last = false;;) {
    const std::vector<KeyChange> changes =
        co_await Try(ReadKeyChanges(store_, published_change_, options_.records_per_transaction_max));
    if (!changes.empty()) {
      co_await Try(PublishKeys(writer, changes));
      WakeLogs();
      continue;
    }
    if (!staged_.has_value() && (owner_.stopping() || scheduler_.Now() >= next_look_)) {
      is_last = owner_.stopping();
      co_await Try(Stage());
    }
    if (staged_.has_value() && LogsHaveReached(*staged_)) {
      co_await Try(PublishStaged(writer));
      if (is_last) co_return OkStatus();
      continue;
    }
    co_await Try(owner_.CheckTopic(writer));
    co_await owner_.Pause(staged_.has_value() ? options_.look_every : next_look_ - scheduler_.Now());
  }
}

Task<StatusOr<bool>> RowsPublisher::HasAllKeys() {
  const std::optional<std::string> known =
      co_await Try(store_.Get(ColumnFamily::kMeta, SequenceKey(options_.target)));
  const std::optional<kafka::StoredRecord> last = co_await Try(kafka::ReadLast(broker_, options_.target));
  if (!last.has_value()) co_return false;
  const RowPlace place = co_await Try(ReadRowPlace(last->record));
  sequence_ = std::max(sequence_, place.sequence);
  co_return known.has_value() && place.sequence >= ReadBigEndian<std::uint64_t>(*known);
}

Task<Status> RowsPublisher::PublishAllKeys(kafka::TopicWriter& writer) {
  KeyRange range;
  for (bool more = true; more;) {
    std::vector<kafka::Record> records;
    co_await Try(store_.Scan(
        ColumnFamily::kKeys, range, Direction::kForward, [&](std::string_view subject, std::string_view key) {
          records.push_back(ToRowRecord(KeyRowName(subject), std::string(key), NextPlace()));
          range.start = subject;
          return records.size() < options_.records_per_transaction_max;
        }));
    range.start.push_back('\0');
    more = records.size() == options_.records_per_transaction_max;
    if (!records.empty()) co_await Try(Send(writer, std::move(records)));
    co_await Yield(scheduler_);
  }
  co_return co_await SaveSequence({});
}

Task<Status> RowsPublisher::PublishKeys(kafka::TopicWriter& writer, const std::vector<KeyChange>& changes) {
  std::vector<kafka::Record> records;
  Batch forgotten;
  for (const KeyChange& change : changes) {
    const std::optional<std::string> key = co_await Try(store_.Get(ColumnFamily::kKeys, change.subject));
    records.push_back(ToRowRecord(KeyRowName(change.subject), key.value_or(""), NextPlace()));
    ForgetKeyChange(change.number, forgotten);
  }
  co_await Try(Send(writer, std::move(records)));
  published_change_ = changes.back().number;
  co_return co_await SaveSequence(std::move(forgotten));
}

// First the rows, then the ends of the logs: what the rows tell of is in front of these.
Status RowsPublisher::Stage() {
  next_look_ = scheduler_.Now() + options_.look_every;
  ASSIGN_OR_RETURN(StoreRows rows, ReadMetaRows(store_));
  if (published_ == rows && !owner_.stopping()) return OkStatus();
  staged_ = {.rows = std::move(rows), .heads = {}};
  for (const TopicPublisher* const log : logs_) staged_->heads.push_back(log->head());
  return OkStatus();
}

bool RowsPublisher::LogsHaveReached(const Staged& staged) const {
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    if (logs_[i]->position() < staged.heads[i]) return false;
  }
  return true;
}

Task<Status> RowsPublisher::PublishStaged(kafka::TopicWriter& writer) {
  StoreRows rows = std::move(staged_->rows);
  staged_.reset();
  std::vector<kafka::Record> records;
  if (!published_.has_value()) records.push_back(ToEpochRecord(NextPlace()));
  const StoreRows before = published_.value_or(StoreRows());
  for (const auto& [name, value] : rows) {
    const auto known = before.find(name);
    if (known != before.end() && known->second == value) continue;
    records.push_back(ToRowRecord(name, value, NextPlace()));
  }
  for (const auto& [name, value] : before) {
    if (!rows.contains(name)) records.push_back(ToRowRecord(name, "", NextPlace()));
  }
  if (records.empty()) co_return OkStatus();
  co_await Try(Send(writer, std::move(records)));
  published_ = std::move(rows);
  co_return co_await SaveSequence({});
}

Task<Status> RowsPublisher::Send(kafka::TopicWriter& writer, std::vector<kafka::Record> records) {
  co_await Try(writer.Send(std::move(records)));
  co_await Try(writer.Commit());
  owner_.Committed();
  co_return OkStatus();
}

// Buffered: what a crash takes is read back from the topic.
Task<Status> RowsPublisher::SaveSequence(Batch batch) {
  std::string value;
  AppendBigEndian(value, sequence_);
  batch.Put(ColumnFamily::kMeta, SequenceKey(options_.target), value);
  return store_.Write(std::move(batch), Durability::kBuffered);
}

Task<Status> RowsPublisher::Forget(Store& store, kafka::TopicPartition target) {
  const std::string key = SequenceKey(target);
  const std::optional<std::string> known = co_await Try(store.Get(ColumnFamily::kMeta, key));
  if (!known.has_value()) co_return OkStatus();
  Batch batch;
  batch.Delete(ColumnFamily::kMeta, key);
  co_return co_await store.Write(std::move(batch), Durability::kSynced);
}

}  // namespace souk
