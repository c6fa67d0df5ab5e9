// Publishes what a service's store has beside its log (store_row.h), so that log topic and rows
// topic at any moment make a store that can go on:
//
//   keys before the log   no entry is published whose personal data cannot be opened: the
//                         publishers of the log go up to LimitOf only
//   feeds after the log   no checkpoint is published before the log has what it led to
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventstore/key_changes.h"
#include "libs/kafka/broker.h"
#include "libs/messaging/store_row.h"
#include "libs/messaging/topic_owner.h"
#include "libs/messaging/topic_publisher.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"

namespace souk {

struct RowsPublisherOptions {
  kafka::TopicPartition target;
  std::string process_id;  // See PublisherOptions.
  // How often it looks for changes of other rows than keys.
  absl::Duration look_every = absl::Seconds(1);
  std::size_t records_per_transaction_max = 1000;
};

class RowsPublisher {
 public:
  // The references must outlive it.
  RowsPublisher(RowsPublisherOptions options, kafka::Broker& broker, Scheduler& scheduler, Store& store);

  // Before Start: who publishes the log of each partition, in their order. They must outlive it.
  void Follow(TopicPublisher& log) { logs_.push_back(&log); }
  // The log may be published up to here.
  std::uint64_t LimitOf(std::size_t partition);
  // To be called when a log has got on.
  void LogGotOn() {
    if (staged_.has_value()) owner_.Wake();
  }

  void Start();
  void Stop() { owner_.Stop(); }
  // After Stop: true when everything is published, or cannot be at present.
  bool Drained() const;
  const TopicOwner& owner() const { return owner_; }

  // What is published elsewhere is out of date from now on: all keys are published again, should
  // there ever be a publisher again.
  static Task<Status> Forget(Store& store, kafka::TopicPartition target);

 private:
  // Rows as they were when the logs had these ends.
  struct Staged {
    StoreRows rows;
    std::vector<std::uint64_t> heads;
  };

  Task<Status> Publish(kafka::TopicWriter& writer);
  // Reads back how far the topic is. False when it never had all keys, or has lost some.
  Task<StatusOr<bool>> HasAllKeys();
  Task<Status> PublishAllKeys(kafka::TopicWriter& writer);
  Task<Status> PublishKeys(kafka::TopicWriter& writer, const std::vector<KeyChange>& changes);
  // After the limit was raised.
  void WakeLogs() {
    for (TopicPublisher* const log : logs_) log->LookAgain();
  }
  Status Stage();
  bool LogsHaveReached(const Staged& staged) const;
  Task<Status> PublishStaged(kafka::TopicWriter& writer);
  Task<Status> Send(kafka::TopicWriter& writer, std::vector<kafka::Record> records);
  Task<Status> SaveSequence(Batch batch);
  RowPlace NextPlace() { return {.sequence = ++sequence_, .epoch = epoch_}; }

  const RowsPublisherOptions options_;
  kafka::Broker& broker_;
  Scheduler& scheduler_;
  Store& store_;
  std::vector<TopicPublisher*> logs_;
  std::vector<std::uint64_t> limits_;
  bool are_keys_whole_ = false;         // But for changes after the next.
  std::uint64_t published_change_ = 0;  // The last change of a key that is published.
  std::uint64_t sequence_ = 0;
  std::string epoch_;
  std::optional<StoreRows> published_;  // Of meta, in this epoch; nothing before it has begun.
  std::optional<Staged> staged_;
  absl::Time next_look_ = absl::InfinitePast();
  TopicOwner owner_;
};

}  // namespace souk
