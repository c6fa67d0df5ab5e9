#include "libs/messaging/topic_publisher.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "libs/kafka/kafka_broker.h"
#include "libs/testing/home_thread.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/publisher_contract.h"
#include "libs/testing/real_broker.h"

namespace souk {
namespace {

using testing::HomeThread;
using testing::ModelKafka;
using testing::PublisherWorld;
using testing::RealBroker;

std::string NewServiceName() {
  static int count = 0;
  return "shop" + std::to_string(++count);
}

class ModelWorld final : public PublisherWorld {
 public:
  Scheduler& scheduler() override { return world_; }
  kafka::Broker& broker() override { return *broker_; }
  void MakeTopic(std::string name) override { kafka_.MakeTopic(name, 1); }
  std::string NewService() override { return NewServiceName(); }
  void Run(Task<> task) override {
    TaskScope scope;
    scope.Spawn(std::move(task));
    while (scope.running() > 0 && world_.Step()) {
    }
    REQUIRE(scope.running() == 0);
  }

 private:
  SimScheduler world_{11};
  ModelKafka kafka_{world_};
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
  std::string NewService() override { return NewServiceName(); }
  void Run(Task<> task) override { home_.Run(std::move(task)); }

 private:
  HomeThread home_;
  StatusOr<std::unique_ptr<kafka::KafkaBroker>> broker_;
};

TEST_CASE("events are published once and in order to the model of Kafka") {
  ModelWorld world;
  CheckPublisherContract(world);
}

TEST_CASE("events are published once and in order to a real Kafka") {
  RealWorld world;
  CheckPublisherContract(world);
}

}  // namespace
}  // namespace souk
