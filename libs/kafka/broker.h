// What this project needs of Kafka: writers that publish to one partition in transactions,
// and readers of one partition that see only what was committed. Coroutines continue on the
// scheduler that the broker was made with; nothing is thread-safe.
//
// Implementations: kafka_broker.h talks to a real one; tests and simulations have models.
// broker_contract.h (libs/testing) holds all of them to this text.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"

namespace souk::kafka {

struct TopicPartition {
  std::string topic;
  std::uint32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Record {
  std::string key;
  std::string value;
  Headers headers;  // In the order given.
  friend bool operator==(const Record&, const Record&) = default;
};

// The value of the first header of that name.
inline std::optional<std::string_view> FindHeader(const Record& record, std::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct StoredRecord {
  // Offsets grow, with gaps: markers of transactions and what was aborted take offsets too.
  std::int64_t offset = 0;
  absl::Time time;  // When it was sent.
  Record record;
};

// Publishes to one partition. Calls do not overlap.
//
// Any error ends the writer (but see Fence): destroy it and make another one. Codes:
//   ABORTED, reason FENCED  another writer has taken the transactional id
//   NOT_FOUND               the topic or the partition does not exist
//   INVALID_ARGUMENT        a record is too large
//   PERMISSION_DENIED       the broker does not let us
//   UNAVAILABLE             everything else
// After an error of Send or Commit nobody knows whether the transaction took effect, or
// still will: a commit may arrive late. It is decided when the next writer of the same
// transactional id has fenced, so whoever wants to know looks then.
class TopicWriter {
 public:
  // What is not committed is aborted, if not at once, then by the next Fence or by the
  // broker's time-out.
  virtual ~TopicWriter() = default;

  // Takes the transactional id. From then on whoever had it sends and commits nothing more,
  // and the transaction it had open is committed or aborted, for good. Called first; after
  // UNAVAILABLE it may be called again.
  virtual Task<Status> Fence() = 0;

  // A note that belongs to the transactional id, which only its holder can change; "" when
  // there is none (Kafka forgets those of which nobody heard for a week).
  virtual Task<StatusOr<std::string>> ReadNote() = 0;
  // Outside of a transaction.
  virtual Task<Status> WriteNote(std::string note) = 0;

  // Begins a transaction if none is open. OK when the broker has all the records.
  virtual Task<Status> Send(std::vector<Record> records) = 0;
  // OK when it is certain that readers will see everything that was sent, in a moment.
  virtual Task<Status> Commit() = 0;
  virtual Task<Status> Abort() = 0;

  // Where the topic partition ends now, what is not committed included. For a writer that has
  // nothing to send, and would not notice that the broker or the topic has gone.
  virtual Task<StatusOr<std::int64_t>> End() = 0;
};

struct WriterOptions {
  std::string transactional_id;
  TopicPartition target;
};

// What a reader found.
struct Fetched {
  std::vector<StoredRecord> records;  // In order. May be empty when `at_end`.
  std::int64_t next_offset = 0;       // To read on from here is to miss and repeat nothing.
  bool at_end = false;                // There was nothing more that is committed.
};

// Reads one partition from an offset on. Destroying it closes it, also during a Next.
class TopicReader {
 public:
  virtual ~TopicReader() = default;

  // Waits for more, or until the end is reached. Unread records stay with the broker, but
  // for a bounded number. After an error open another reader. Codes:
  //   OUT_OF_RANGE  the offset is not kept any more, or was never there
  //   NOT_FOUND     the topic or the partition does not exist
  //   UNAVAILABLE   everything else; a broker that is away is waited for and no error
  virtual Task<StatusOr<Fetched>> Next() = 0;
};

struct OffsetRange {
  std::int64_t begin = 0;  // The first that is kept.
  std::int64_t end = 0;    // After the last that readers can see: open transactions come later.
};

class Broker {
 public:
  // Writers and readers must be gone before.
  virtual ~Broker() = default;

  virtual std::unique_ptr<TopicWriter> NewWriter(WriterOptions options) = 0;
  virtual std::unique_ptr<TopicReader> NewReader(TopicPartition from, std::int64_t offset) = 0;

  // NOT_FOUND when there is no such topic; UNAVAILABLE when the broker does not answer.
  virtual Task<StatusOr<std::uint32_t>> Partitions(std::string topic) = 0;
  virtual Task<StatusOr<OffsetRange>> Offsets(TopicPartition of) = 0;
};

}  // namespace souk::kafka
