// The broker as the process of one service sees it, watched: nothing is published before it
// is durable. Mutants publish without the fence or the read back; see mutation.h.
#pragma once

#include <memory>
#include <string>

#include "libs/kafka/broker.h"
#include "libs/testing/scripted_broker.h"
#include "tests/simulation/log_witness.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class AuditedBroker final : public kafka::Broker {
 public:
  // `witness` is that of the service that publishes.
  AuditedBroker(Stage& stage, LogWitness& witness, Scheduler& home);

  std::unique_ptr<kafka::TopicWriter> NewWriter(kafka::WriterOptions options) override {
    return script_.NewWriter(std::move(options));
  }
  std::unique_ptr<kafka::TopicReader> NewReader(kafka::TopicPartition from, std::int64_t offset) override {
    return script_.NewReader(std::move(from), offset);
  }
  Task<StatusOr<std::uint32_t>> Partitions(std::string topic) override {
    return script_.Partitions(std::move(topic));
  }
  Task<StatusOr<kafka::OffsetRange>> Offsets(kafka::TopicPartition of) override {
    return script_.Offsets(std::move(of));
  }

 private:
  static Task<Status> Send(AuditedBroker* self, testing::ScriptedBroker::Writer writer,
                           std::vector<kafka::Record> records);
  void Witness(const kafka::Record& record);

  Stage& stage_;
  LogWitness& witness_;
  const std::unique_ptr<kafka::Broker> broker_;
  testing::ScriptedBroker script_;
};

}  // namespace souk::simulation
