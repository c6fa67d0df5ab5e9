#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/kafka/kafka_broker.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/kafka_feed.h"
#include "libs/messaging/local_feed.h"
#include "libs/messaging/topic_publisher.h"
#include "libs/rpc/sim_network.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/event_feed_contract.h"
#include "libs/testing/home_thread.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/real_broker.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using testing::CounterService;
using testing::FeedWorld;
using testing::HomeThread;
using testing::RealBroker;
using testing::RunToEnd;

// The service and its reader are two processes of a simulated world, whose network breaks
// streams by itself.
class LocalWorld final : public FeedWorld {
 public:
  LocalWorld() {
    event_logs_.Add(service_.engine());
    event_logs_.AddTo(router_);
    server_.emplace(router_, server_process_);
    network_.Listen("counter", &*server_);
    Run(Start());
  }

  CounterService& service() override { return service_; }
  FeedSource& source() override { return source_; }
  Task<> Disturb() override { return Cut(this); }
  void Run(Task<> task) override { RunToEnd(world_, std::move(task)); }

 private:
  static Task<> Cut(LocalWorld* self) {
    co_await Yield(self->world_);  // Not within what the server is doing.
    self->network_.Listen("counter", nullptr);
    self->server_.emplace(self->router_, self->server_process_);
    self->network_.Listen("counter", &*self->server_);
  }
  Task<> Start() {
    const Status started = co_await service_.Start();
    REQUIRE(started.ok());
  }

  SimScheduler world_{7};
  SimProcess server_process_{world_};
  SimProcess client_process_{world_};
  SystemClock clock_;
  MemoryStore store_;
  CounterService service_{"counter", server_process_, clock_, store_, 2};
  EventLogService event_logs_;
  rpc::Router router_;
  rpc::SimNetwork network_{world_, {.loss = 0, .broken_stream = 0.1}};
  std::optional<rpc::SimServer> server_;
  rpc::SimChannel channel_{network_, "reader", "counter", client_process_};
  LocalFeedSource source_{"counter", "reader", channel_};
};

// The service publishes to a real Kafka, and the reader reads from there.
class KafkaWorld final : public FeedWorld {
 public:
  KafkaWorld() {
    static int count = 0;
    name_ = "feed" + std::to_string(++count);
    RealBroker::Shared().MakeTopic(EventsTopic(name_), 2);
    home_.Run(Start());
  }
  ~KafkaWorld() override {
    home_.Call([this] {
      publishers_.clear();
      source_.reset();
      service_.reset();
      return true;
    });
    broker_.reset();
  }

  CounterService& service() override { return *service_; }
  FeedSource& source() override { return *source_; }
  Task<> Disturb() override { return Kill(this); }
  void Run(Task<> task) override { home_.Run(std::move(task)); }

 private:
  static Task<> Kill(KafkaWorld*) {
    RealBroker::Shared().Kill();
    RealBroker::Shared().Restart();
    co_return;
  }
  Task<> Start() {
    broker_ = *kafka::KafkaBroker::Open(RealBroker::Shared().settings(), home_.scheduler());
    source_.emplace(name_, *broker_);
    service_.emplace(name_, home_.scheduler(), clock_, store_, 2);
    const Status started = co_await service_->Start();
    REQUIRE(started.ok());
    for (std::uint32_t i = 0; i < 2; ++i) {
      publishers_.push_back(std::make_unique<TopicPublisher>(
          PublisherOptions{.target = {.topic = EventsTopic(name_), .partition = i}, .process_id = "p-1"},
          service_->engine().partition(i), PublicRecords(service_->engine()), *broker_, home_.scheduler(),
          clock_, store_));
      publishers_.back()->Start();
    }
  }

  HomeThread home_;
  std::string name_;
  SystemClock clock_;
  MemoryStore store_;
  std::unique_ptr<kafka::Broker> broker_;
  std::optional<KafkaFeedSource> source_;
  std::optional<CounterService> service_;
  std::vector<std::unique_ptr<TopicPublisher>> publishers_;
};

TEST_CASE("the local feed is an event feed") {
  LocalWorld world;
  CheckEventFeedContract(world);
}

// The same with a model of Kafka that loses requests, answers, and the ends of topics.
class ModelKafkaWorld final : public FeedWorld {
 public:
  ModelKafkaWorld() {
    kafka_.MakeTopic(EventsTopic("counter"), 2);
    Run(Start());
  }

  CounterService& service() override { return service_; }
  FeedSource& source() override { return source_; }
  Task<> Disturb() override { return Lose(this); }
  void Run(Task<> task) override { RunToEnd(world_, std::move(task)); }

 private:
  static Task<> Lose(ModelKafkaWorld* self) {
    co_await Sleep(self->world_, absl::Seconds(1));
    self->kafka_.SetDown(true);
    co_await Sleep(self->world_, absl::Seconds(5));
    const kafka::TopicPartition first{.topic = EventsTopic("counter")};
    self->kafka_.LoseTail(first, self->kafka_.Committed(first).size() / 2);
    self->kafka_.SetDown(false);
  }
  Task<> Start() {
    const Status started = co_await service_.Start();
    REQUIRE(started.ok());
    for (std::uint32_t i = 0; i < 2; ++i) {
      publishers_.push_back(std::make_unique<TopicPublisher>(
          PublisherOptions{.target = {.topic = EventsTopic("counter"), .partition = i}, .process_id = "p-1"},
          service_.engine().partition(i), PublicRecords(service_.engine()), *broker_, world_, clock_,
          store_));
      publishers_.back()->Start();
    }
  }

  SimScheduler world_{9};
  testing::ModelKafka kafka_{world_, {.lost_request = 0.03, .late_request = 0.03, .lost_answer = 0.03}};
  const std::unique_ptr<kafka::Broker> broker_ = kafka_.Connect(world_);
  SystemClock clock_;
  MemoryStore store_;
  CounterService service_{"counter", world_, clock_, store_, 2};
  KafkaFeedSource source_{"counter", *broker_};
  std::vector<std::unique_ptr<TopicPublisher>> publishers_;
};

TEST_CASE("the Kafka feed is an event feed, whatever a model of Kafka loses") {
  ModelKafkaWorld world;
  CheckEventFeedContract(world);
}

TEST_CASE("the Kafka feed is an event feed") {
  KafkaWorld world;
  CheckEventFeedContract(world);
}

}  // namespace
}  // namespace souk
