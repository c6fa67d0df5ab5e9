#include "libs/messaging/topic_publisher.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "libs/kafka/kafka_broker.h"
#include "libs/kafka/topic_admin.h"
#include "libs/testing/home_thread.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/publisher_contract.h"
#include "libs/testing/real_broker.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using testing::HomeThread;
using testing::KafkaFaults;
using testing::ModelKafka;
using testing::PublisherWorld;
using testing::RealBroker;
using testing::RunToEnd;
using testing::Without;

Task<> Keep(Task<Status> task, Status& result) { result = co_await std::move(task); }

std::string NewServiceName() {
  static int count = 0;
  return "shop" + std::to_string(++count);
}

class ModelWorld final : public PublisherWorld {
 public:
  explicit ModelWorld(std::uint64_t seed = 11, KafkaFaults faults = {})
      : world_(seed), kafka_(world_, faults) {}

  Scheduler& scheduler() override { return world_; }
  kafka::Broker& broker() override { return *broker_; }
  void MakeTopic(std::string name) override { kafka_.MakeTopic(name, 1); }
  void DeleteTopic(std::string name) override { kafka_.DeleteTopic(name); }
  void MarkEnd(std::string topic) override { mark_ = kafka_.Committed({.topic = topic}).size(); }
  void LoseWhatFollowed(std::string topic) override { kafka_.LoseTail({.topic = topic}, mark_); }
  std::string NewService() override { return NewServiceName(); }
  void Run(Task<> task) override { RunToEnd(world_, std::move(task)); }

 private:
  SimScheduler world_;
  ModelKafka kafka_;
  std::size_t mark_ = 0;
  const std::unique_ptr<kafka::Broker> broker_ = kafka_.Connect(world_);
};

class RealWorld final : public PublisherWorld {
 public:
  RealWorld() : broker_(kafka::KafkaBroker::Open(RealBroker::Shared().settings(), home_.scheduler())) {
    REQUIRE(broker_.ok());
  }
  Scheduler& scheduler() override { return home_.scheduler(); }
  kafka::Broker& broker() override { return **broker_; }
  void MakeTopic(std::string name) override { RealBroker::Shared().MakeTopic(std::move(name), 1); }
  void DeleteTopic(std::string name) override {
    const auto admin = *kafka::TopicAdmin::Open(RealBroker::Shared().settings());
    REQUIRE(admin->Delete(name).ok());
  }
  void MarkEnd(std::string topic) override {
    mark_ = std::filesystem::file_size(RealBroker::Shared().LogFile(topic));
  }
  void LoseWhatFollowed(std::string topic) override {
    RealBroker::Shared().Kill();
    REQUIRE(std::filesystem::file_size(RealBroker::Shared().LogFile(topic)) > mark_);
    std::filesystem::resize_file(RealBroker::Shared().LogFile(topic), mark_);
    RealBroker::Shared().Restart();
  }
  std::string NewService() override { return NewServiceName(); }
  void Run(Task<> task) override { home_.Run(std::move(task)); }

 private:
  HomeThread home_;
  std::uintmax_t mark_ = 0;
  StatusOr<std::unique_ptr<kafka::KafkaBroker>> broker_;
};

TEST_CASE("events are published once and in order to the model of Kafka") {
  ModelWorld world;
  CheckPublisherContract(world);
}

TEST_CASE("events are published once and in order whatever requests, answers and processes are lost") {
  constexpr std::uint64_t kSeeds = 100;
  const KafkaFaults faults{.lost_request = 0.05, .late_request = 0.1, .lost_answer = 0.05};
  const auto wrong = [&](Without without) {
    std::uint64_t count = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      ModelWorld world(seed, faults);
      Status status;
      world.Run(Keep(PublishRestlessly(world, without), status));
      INFO("seed " << seed << ": " << status.ToString());
      if (without == Without::kNothing) CHECK(status.ok());
      if (!status.ok()) ++count;
    }
    return count;
  };
  CHECK(wrong(Without::kNothing) == 0);
  // Chance finds what is missing, too.
  CHECK(wrong(Without::kFence) > 0);
  CHECK(wrong(Without::kReadBack) > 0);
}

TEST_CASE("events are published once and in order to a real Kafka") {
  RealWorld world;
  CheckPublisherContract(world);
}

}  // namespace
}  // namespace souk
