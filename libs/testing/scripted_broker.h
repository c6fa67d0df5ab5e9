// A broker whose writers do what a test says at the steps where things go wrong.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/kafka/broker.h"

namespace souk::testing {

// What a publisher does without, to show that a test notices.
enum class Without {
  kNothing,
  kFence,     // No writer fences another one.
  kReadBack,  // Topics look as if retention had emptied them.
};

class ScriptedBroker final : public kafka::Broker {
 public:
  using Writer = std::shared_ptr<kafka::TopicWriter>;

  explicit ScriptedBroker(kafka::Broker& broker, Without without = Without::kNothing)
      : broker_(broker), without_(without) {}

  // Called instead of the real step; empty: the real one.
  std::function<Task<Status>(Writer, std::vector<kafka::Record>)> on_send;
  std::function<Task<Status>(Writer)> on_commit;

  int writers_made() const { return writers_made_; }

  std::unique_ptr<kafka::TopicWriter> NewWriter(kafka::WriterOptions options) override;
  std::unique_ptr<kafka::TopicReader> NewReader(kafka::TopicPartition from, std::int64_t offset) override {
    return broker_.NewReader(std::move(from), offset);
  }
  Task<StatusOr<std::uint32_t>> Partitions(std::string topic) override { return broker_.Partitions(topic); }
  Task<StatusOr<kafka::OffsetRange>> Offsets(kafka::TopicPartition of) override {
    return OffsetsOf(this, std::move(of));
  }

 private:
  static Task<StatusOr<kafka::OffsetRange>> OffsetsOf(ScriptedBroker* self, kafka::TopicPartition of);

  kafka::Broker& broker_;
  const Without without_;
  int writers_made_ = 0;
};

}  // namespace souk::testing
