// Publishes the log of one partition to a Kafka topic, each event exactly once as a reader
// of committed records sees it, by fence, read back, skip:
//
//   fence      take the transactional id: whoever had it publishes nothing more, and what
//              it left open is decided
//   read back  the last committed record of the topic partition says how far publication is
//   skip       go on after that; on any error make a new writer and begin again
//
// Transactions alone are not enough: after an error nobody knows whether one took effect.
// Commands never wait for a publisher; a broker that is away makes it lag.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/kafka/broker.h"
#include "libs/messaging/cloud_event.h"
#include "libs/messaging/topic_owner.h"
#include "libs/runtime/pauses.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"

namespace souk {

// The record for a log entry; nothing when it is not published.
using RecordMapping = std::function<std::optional<kafka::Record>(
    const event::v1::EventRecord& entry, std::string_view stored, const TopicLink& link)>;
// The mapping of EventsTopic, and that of LogTopic. `engine` must outlive the mapping.
RecordMapping PublicRecords(const Engine& engine);
RecordMapping LogRecords(const Engine& engine);

// Log entries behind it are not to be published yet. Whoever raises it calls LookAgain.
struct PublicationLimit {
  std::function<std::uint64_t()> position;
  // True when nobody will raise it, or not before what holds him up is over.
  std::function<bool()> is_final;
};

struct PublisherOptions {
  kafka::TopicPartition target;
  // Names this run of the process, as a UUID: the one that started last is the one to publish.
  std::string process_id;
  // At most so much in a transaction.
  std::uint64_t entries_per_transaction_max = 2000;
  std::size_t bytes_per_transaction_max = std::size_t{1} << 20;
  // Whether to publish everything again should the topic be empty, though it was not.
  bool republish = false;
  // While a transaction would not be full, they begin at least so far apart.
  absl::Duration transaction_interval = absl::Milliseconds(5);
  // How often a publisher with nothing to do looks whether it is to stop.
  absl::Duration look_again = absl::Milliseconds(200);
  // Without one all of the log may be published.
  std::optional<PublicationLimit> limit;
  // Called when it has got on.
  std::function<void()> on_progress = nullptr;
};

class TopicPublisher {
 public:
  // Publishes what `partition` has announced; remembers how far in `store`. All references
  // must outlive the publisher.
  TopicPublisher(PublisherOptions options, Partition& partition, RecordMapping mapping, kafka::Broker& broker,
                 Scheduler& scheduler, const Clock& clock, Store& store);

  // OK when what the topic holds is in the log. Otherwise the log was restored to an older
  // state, or is another one, and must not be continued: FAILED_PRECONDITION with reason
  // LOG_BEHIND_TOPIC or LOG_DIVERGED, and what to do. UNAVAILABLE when the broker cannot be
  // asked.
  Task<Status> CheckLog();

  void Start();
  // Publishes what the log has and ends. Wait for Drained, but not for ever.
  void Stop();
  // After Stop: true when everything is published, or cannot be at present.
  bool Drained() const;
  // See TopicOwner::idle.
  bool idle() const { return owner_.idle(); }
  const TopicOwner& owner() const { return owner_; }
  // The limit was raised.
  void LookAgain() { limit_pauses_.Interrupt(); }

  // OK, or why this process must end: what CheckLog finds, or SUPERSEDED, which says that a
  // process that started later publishes this partition.
  const Status& health() const { return owner_.health(); }
  // The end of the log, and how much of it is published.
  std::uint64_t head() const { return partition_.head(); }
  std::uint64_t position() const { return cursor_.scanned; }

  struct Progress {
    std::uint64_t position = 0;  // Everything in the log up to it is published.
    std::uint64_t lag = 0;       // Log entries that are not.
    absl::Duration lag_time;     // The age of the oldest of them.
    std::uint64_t records = 0;   // Since the start.
    std::uint64_t transactions = 0;
    std::uint64_t failures = 0;  // How often it had to begin again.
    Status problem;              // Why it does not get on; OK when it does.
  };
  Progress progress() const;
  // The position of the last record on the topic when it holds all that it should; nothing
  // while it does not.
  std::optional<std::uint64_t> settled_position() const;
  const kafka::TopicPartition& target() const { return options_.target; }

 private:
  // How far publication is.
  struct Cursor {
    std::uint64_t scanned = 0;    // Everything in the log up to it is published or not for publication.
    std::uint64_t published = 0;  // The position of the last record on the topic.
  };
  // What the next transaction holds.
  struct Staged {
    Cursor then;
    std::vector<kafka::Record> records;
    std::size_t bytes = 0;
  };

  // See TopicOwner::Publish.
  Task<Status> Publish(kafka::TopicWriter& writer);
  Task<StatusOr<Cursor>> ReadBack();
  Status CheckWitness(const TopicLink& last) const;
  // Up to where it may publish now.
  std::uint64_t End() const;
  bool IsDone() const { return owner_.stopping() && partition_.head() <= cursor_.scanned; }
  Task<Status> AwaitWork(kafka::TopicWriter& writer);
  Task<StatusOr<Staged>> Stage();
  StatusOr<Cursor> LoadCursor() const;
  Task<Status> SaveCursor();

  const PublisherOptions options_;
  Partition& partition_;
  const RecordMapping mapping_;
  kafka::Broker& broker_;
  Scheduler& scheduler_;
  const Clock& clock_;
  Store& store_;

  Cursor cursor_;
  absl::Time last_began_ = absl::InfinitePast();
  Progress counts_;
  Pauses limit_pauses_;
  TopicOwner owner_;
};

}  // namespace souk
