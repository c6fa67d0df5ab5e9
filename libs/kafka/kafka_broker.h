// A real Kafka, through librdkafka.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "libs/kafka/broker.h"
#include "libs/kafka/client.h"
#include "libs/kafka/kafka_reader.h"
#include "libs/runtime/scheduler.h"
#include "libs/runtime/strand.h"

namespace souk::kafka {

class KafkaBroker final : public Broker {
 public:
  // `settings` are librdkafka's, by name: "bootstrap.servers" at least, and TLS, SASL and
  // what else. Wrong ones are found by Open. `scheduler` must outlive the broker.
  static StatusOr<std::unique_ptr<KafkaBroker>> Open(ClientSettings settings, Scheduler& scheduler);

  ~KafkaBroker() override { closing_ = true; }

  std::unique_ptr<TopicWriter> NewWriter(WriterOptions options) override;
  std::unique_ptr<TopicReader> NewReader(TopicPartition from, std::int64_t offset) override;
  Task<StatusOr<std::uint32_t>> Partitions(std::string topic) override;
  Task<StatusOr<OffsetRange>> Offsets(TopicPartition of) override;

 private:
  KafkaBroker(ClientSettings settings, Scheduler& scheduler)
      : settings_(settings), scheduler_(scheduler), clients_(std::move(settings)) {}

  const ClientSettings settings_;
  Scheduler& scheduler_;
  ReadClients clients_;
  std::atomic<bool> closing_ = false;
  Strand reading_;  // Opens, closes and asks. Ends before the clients do.
  // A writer's calls block, so each has a thread: one for each transactional id, where what
  // a former writer left is cleared away before the next begins.
  std::map<std::string, std::unique_ptr<Strand>> writing_;
};

}  // namespace souk::kafka
