// A model of Kafka for worlds with a virtual clock: topics, transactions, fences and notes as
// the real one has them, which broker_contract.h holds it to. Requests and answers take a
// while, and get lost as a test wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/kafka/broker.h"
#include "libs/runtime/pauses.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::testing {

// What goes wrong with the requests of writers, each time with this probability. The writer
// is told the same in all cases: UNAVAILABLE, after a while.
struct KafkaFaults {
  double lost_request = 0;  // It never arrives.
  double late_request = 0;  // It arrives when nobody waits any more.
  double lost_answer = 0;   // It takes effect.
  absl::Duration delay_max = absl::Milliseconds(3);
  absl::Duration time_out = absl::Seconds(2);
};

class ModelKafka {
 public:
  explicit ModelKafka(SimScheduler& world, KafkaFaults faults = {}) : world_(world), faults_(faults) {}

  void MakeTopic(const std::string& name, std::uint32_t partitions);
  void DeleteTopic(const std::string& name) { topics_.erase(name); }
  // Cuts a partition down to its first `records` committed records, as when a broker loses
  // what it had not yet written to its disk.
  void LoseTail(const kafka::TopicPartition& of, std::size_t records);
  // Nobody gets an answer while it is down, and it does nothing.
  void SetDown(bool down);
  void SetFaults(KafkaFaults faults) { faults_ = faults; }

  // Everything that a reader of committed records can see.
  std::vector<kafka::StoredRecord> Committed(const kafka::TopicPartition& of) const;

  // A connection for code that runs on `home`.
  std::unique_ptr<kafka::Broker> Connect(Scheduler& home);

 private:
  class Connection;
  class Writer;
  class Reader;

  // One offset of a partition.
  struct Entry {
    enum class State { kOpen, kCommitted, kAborted, kMarker };
    State state;
    std::string transactional_id;
    int epoch;
    absl::Time time;
    kafka::Record record;
  };
  using Log = std::vector<Entry>;
  struct Holder {
    int epoch = 0;
    std::string note;
    int transactions = 0;
    std::map<kafka::TopicPartition, std::size_t> sent;  // Records of this epoch.
    std::set<kafka::TopicPartition> open;               // Where its transaction has records.
  };

  StatusOr<Log*> Find(const kafka::TopicPartition& of);
  static std::int64_t StableEnd(const Log& log);
  Status Append(const std::string& transactional_id, const kafka::TopicPartition& to,
                const std::vector<kafka::Record>& records);
  // Ends the transaction of a holder, if it has one.
  void End(const std::string& transactional_id, Entry::State outcome);
  absl::Duration RandomDelay(absl::Duration max);
  // Wakes readers.
  void Changed();
  Task<> AwaitChange(Scheduler& home);

  SimScheduler& world_;
  KafkaFaults faults_;
  bool down_ = false;
  std::map<std::string, std::vector<Log>> topics_;
  std::map<std::string, Holder> holders_;
  struct Waiter {
    std::weak_ptr<Completion<bool>> change;
    Scheduler* home;
  };
  std::vector<Waiter> waiters_;
};

}  // namespace souk::testing
