// Readers of a real Kafka. All readers of a broker share one client, so that many partitions
// need few threads and connections; librdkafka lets a client read a partition only once, so
// a second reader of the same partition gets another client.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "libs/kafka/broker.h"
#include "libs/kafka/client.h"
#include "libs/runtime/scheduler.h"

namespace souk::kafka {

// A client for reading, and which partitions it reads. Used on one thread.
struct ReadClient {
  std::unique_ptr<Client> client;
  std::set<TopicPartition> reads;
};

// The clients of one broker. Used on one thread, but for making it.
class ReadClients {
 public:
  explicit ReadClients(ClientSettings settings) : settings_(std::move(settings)) {}

  // One that does not read `partition` yet.
  StatusOr<ReadClient*> For(const TopicPartition& partition);
  // Any.
  StatusOr<Client*> Any();

 private:
  StatusOr<ReadClient*> Add();

  const ClientSettings settings_;
  std::vector<std::unique_ptr<ReadClient>> clients_;
};

// `clients` is used on `thread`; the caller continues on `home`. All must outlive what the
// reader leaves behind, which is gone when `thread` has ended.
std::unique_ptr<TopicReader> MakeKafkaReader(ReadClients& clients, TopicPartition from, std::int64_t offset,
                                             Scheduler& home, Scheduler& thread);

}  // namespace souk::kafka
