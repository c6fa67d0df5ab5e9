#include "libs/kafka/kafka_broker.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "libs/kafka/topic_admin.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/runtime/strand.h"
#include "libs/testing/broker_contract.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/real_broker.h"
#include "libs/testing/run_to_end.h"

namespace souk::kafka {
namespace {

using testing::RealBroker;

std::string NewTopicName() {
  static int count = 0;
  return "test." + std::to_string(++count);
}

class RealWorld final : public testing::BrokerWorld {
 public:
  RealWorld() : broker_(KafkaBroker::Open(RealBroker::Shared().settings(), home_)) { REQUIRE(broker_.ok()); }

  Broker& broker() override { return **broker_; }
  std::string MakeTopic(std::uint32_t partitions) override {
    return RealBroker::Shared().MakeTopic(NewTopicName(), partitions);
  }
  void Run(Task<> task) override { SyncWait(OnHome(home_, std::move(task))); }

 private:
  static Task<bool> OnHome(Scheduler& home, Task<> task) {
    co_await Yield(home);
    co_await std::move(task);
    co_return true;
  }

  Strand home_;
  StatusOr<std::unique_ptr<KafkaBroker>> broker_;
};

class ModelWorld final : public testing::BrokerWorld {
 public:
  Broker& broker() override { return *broker_; }
  std::string MakeTopic(std::uint32_t partitions) override {
    const std::string name = NewTopicName();
    kafka_.MakeTopic(name, partitions);
    return name;
  }
  void Run(Task<> task) override { testing::RunToEnd(world_, std::move(task)); }

 private:
  SimScheduler world_{3};
  SimProcess home_{world_};
  testing::ModelKafka kafka_{world_};
  const std::unique_ptr<Broker> broker_ = kafka_.Connect(home_);
};

TEST_CASE("the model of Kafka is a broker") {
  ModelWorld world;
  CheckBrokerContract(world);
}

TEST_CASE("a real Kafka is a broker") {
  RealWorld world;
  CheckBrokerContract(world);
}

TEST_CASE("a setting that librdkafka does not know is refused by name") {
  Strand home;
  const Status status =
      KafkaBroker::Open({{"bootstrap.servers", "127.0.0.1:1"}, {"no.such.setting", "1"}}, home).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(status.message().find("no.such.setting") != absl::string_view::npos);
}

TEST_CASE("topics are made, described, changed and deleted") {
  auto admin = *TopicAdmin::Open(RealBroker::Shared().settings());
  const std::string topic = NewTopicName();
  CHECK_FALSE(admin->Describe(topic)->has_value());
  REQUIRE(admin->Create(topic, {.partitions = 1, .replicas = 1, .settings = {{"retention.ms", "-1"}}}).ok());
  CHECK(absl::IsUnavailable(admin->Create(topic, {.partitions = 1, .replicas = 1, .settings = {}})));
  REQUIRE(admin->SetPartitions(topic, 3).ok());
  REQUIRE(admin->SetSettings(topic, {{"cleanup.policy", "compact"}}).ok());
  const auto state = *admin->Describe(topic);
  REQUIRE(state.has_value());
  CHECK(state->partitions == 3);
  CHECK(state->replicas == 1);
  CHECK(state->settings == std::map<std::string, std::string>{{"cleanup.policy", "compact"}});
  REQUIRE(admin->Delete(topic).ok());
  CHECK_FALSE(admin->Describe(topic)->has_value());
}

}  // namespace
}  // namespace souk::kafka
