// What a process does with Kafka, as its settings say. That each event is published once and
// in order whatever happens, publisher_contract.h shows.
#include "libs/module/kafka_link.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/cloud_event.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/telemetry/metrics.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using testing::CounterService;
using testing::ModelKafka;
using Given = std::vector<std::pair<std::string, std::string>>;

config::Settings SettingsWith(Given overrides) {
  return *config::Settings::Load(KafkaSettings(), {.file = "", .environment = {}, .overrides = overrides});
}

kafka::TopicPartition Events(std::uint32_t partition = 0) {
  return {.topic = EventsTopic("counter"), .partition = partition};
}
kafka::TopicPartition Log() { return {.topic = LogTopic("counter"), .partition = 0}; }

// A service with counters in a world with a model of Kafka, and the link of its process.
class World {
 public:
  explicit World(Given overrides = {}, std::uint32_t partitions = 1)
      : settings_(SettingsWith(std::move(overrides))),
        service("counter", scheduler_, clock_, store_, partitions) {
    kafka.MakeTopic(EventsTopic("counter"), partitions);
    kafka.MakeTopic(LogTopic("counter"), partitions);
    kafka.MakeTopic(RowsTopic("counter"), 1);
    Connect();
    Do(service.Start());
  }

  // As a process that was started anew.
  void Connect() {
    link = KafkaLink::On(kafka.Connect(scheduler_), settings_, scheduler_, clock_,
                         "p-" + std::to_string(++processes_), absl::Milliseconds(200));
  }
  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }
  void Do(Task<Status> task) {
    const Status status = Run(std::move(task));
    INFO(status.ToString());
    REQUIRE(status.ok());
  }
  void Until(const std::function<bool()>& done) {
    for (int steps = 0; !done(); ++steps) {
      REQUIRE(steps < 1'000'000);
      REQUIRE(scheduler_.Step());
    }
  }
  void For(absl::Duration duration) {
    const absl::Time end = scheduler_.Now() + duration;
    bool over = false;
    scheduler_.PostAt(end, [&over] { over = true; });
    Until([&over] { return over; });
  }
  Task<Status> Abort(kafka::TopicPartition target) {
    const std::unique_ptr<kafka::Broker> broker = kafka.Connect(scheduler_);
    const auto writer = broker->NewWriter({.transactional_id = "other", .target = std::move(target)});
    co_await Try(writer->Fence());
    co_await Try(writer->Send({{.key = "k", .value = "v", .headers = {}}}));
    co_return co_await writer->Abort();
  }
  bool IsPublished() const { return link->SettledPosition("counter", 0).has_value(); }
  Scheduler& scheduler() { return scheduler_; }

 private:
  const config::Settings settings_;
  SimScheduler scheduler_{7};
  ManualClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  MemoryStore store_;
  int processes_ = 0;

 public:
  ModelKafka kafka{scheduler_};
  CounterService service;
  std::unique_ptr<KafkaLink> link;
};

std::vector<std::string> Positions(const std::vector<kafka::StoredRecord>& records) {
  std::vector<std::string> positions;
  for (const kafka::StoredRecord& stored : records) {
    positions.emplace_back(kafka::FindHeader(stored.record, "souk_position").value_or(""));
  }
  return positions;
}

std::vector<std::string> Positions(const std::vector<event::v1::EventRecord>& events) {
  std::vector<std::string> positions;
  for (const event::v1::EventRecord& event : events) positions.push_back(std::to_string(event.position()));
  return positions;
}

TEST_CASE("without brokers there is no link") {
  SimScheduler scheduler(1);
  const SystemClock clock;
  const auto link = KafkaLink::Open(SettingsWith({}), scheduler, clock, "p-1");
  REQUIRE(link.ok());
  CHECK(*link == nullptr);
}

TEST_CASE("feeds over Kafka without brokers are refused with the setting that is missing") {
  SimScheduler scheduler(1);
  const SystemClock clock;
  const Status status =
      KafkaLink::Open(SettingsWith({{"messaging.feed", "kafka"}}), scheduler, clock, "p-1").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains("kafka.brokers"));
}

TEST_CASE("a feed is local or over Kafka, and nothing else") {
  CHECK(config::Settings::Load(KafkaSettings(), {.overrides = {{"messaging.feed", "local"}}}).ok());
  CHECK_FALSE(config::Settings::Load(KafkaSettings(), {.overrides = {{"messaging.feed", "kafak"}}}).ok());
}

TEST_CASE("settings of librdkafka are handed on by its names, and refused by it") {
  const config::Settings settings =
      SettingsWith({{"kafka.brokers", "k1:9092,k2:9092"}, {"kafka.client.client.id", "souk"}});
  const kafka::ClientSettings client = KafkaClientSettings(settings);
  CHECK(std::map<std::string, std::string>(client.begin(), client.end()) ==
        std::map<std::string, std::string>{{"bootstrap.servers", "k1:9092,k2:9092"}, {"client.id", "souk"}});

  SimScheduler scheduler(1);
  const SystemClock clock;
  const Status status =
      KafkaLink::Open(SettingsWith({{"kafka.brokers", "127.0.0.1:1"}, {"kafka.client.sasl.user", "x"}}),
                      scheduler, clock, "p-1")
          .status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains("kafka.client.sasl.user"));
}

TEST_CASE("a link publishes the events of a service once it was started") {
  World world;
  world.Do(world.service.Count(3, 2));
  world.Do(world.link->Publish(world.service.engine()));
  world.For(absl::Seconds(10));
  CHECK(world.kafka.Committed(Events()).empty());
  CHECK_FALSE(world.IsPublished());
  world.link->Start();
  world.Until([&world] { return world.IsPublished(); });
  world.Do(world.service.Count(3, 1));
  world.Until([&world] { return world.IsPublished(); });
  CHECK(Positions(world.kafka.Committed(Events())) == Positions(world.service.PublicEvents()));
  CHECK(world.kafka.Committed(Log()).empty());
}

TEST_CASE("every partition has its publisher") {
  World world({}, /*partitions=*/3);
  world.Do(world.service.Count(12, 1));
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  for (std::uint32_t i = 0; i < 3; ++i) {
    world.Until([&world, i] { return world.link->SettledPosition("counter", i).has_value(); });
    const auto events = world.service.PublicEvents(i);
    REQUIRE_FALSE(events.empty());
    CHECK(Positions(world.kafka.Committed(Events(i))) == Positions(events));
    CHECK(world.link->SettledPosition("counter", i) == events.back().position());
  }
}

TEST_CASE("the log as it is stored is published when the settings say so") {
  World world({{"kafka.log_topic", "true"}});
  world.Do(world.service.Count(3, 1));
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  const std::uint64_t head = world.service.engine().partition(0).head();
  world.Until([&world, head] { return world.IsPublished() && world.kafka.Committed(Log()).size() == head; });
  CHECK(world.kafka.Committed(Events()).size() == world.service.PublicEvents().size());
}

TEST_CASE("what consumers must have seen is known only while nothing waits to be published") {
  World world;
  CHECK(world.link->SettledPosition("counter", 0) == std::nullopt);
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(2, 1));
  CHECK(world.link->SettledPosition("counter", 0) == std::nullopt);
  world.Until([&world] { return world.IsPublished(); });
  CHECK(world.link->SettledPosition("counter", 0) == world.service.PublicEvents().back().position());
  CHECK(world.link->SettledPosition("counter", 1) == std::nullopt);
  CHECK(world.link->SettledPosition("order", 0) == std::nullopt);
}

TEST_CASE("a broker that is away stops neither the start nor commands, and gets everything later") {
  World world;
  world.kafka.SetDown(true);
  world.Do(world.service.Count(3, 1));
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(3, 1));
  world.For(absl::Minutes(1));
  CHECK(world.link->Health().ok());
  CHECK_FALSE(world.IsPublished());
  world.kafka.SetDown(false);
  world.Until([&world] { return world.IsPublished(); });
  CHECK(Positions(world.kafka.Committed(Events())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a link that is stopped first publishes what there is") {
  World world;
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(1, 1));
  world.Until([&world] { return world.IsPublished(); });
  world.Do(world.service.Count(5, 3));
  CHECK_FALSE(world.link->Drained());
  world.link->Stop();
  world.Until([&world] { return world.link->Drained(); });
  CHECK(Positions(world.kafka.Committed(Events())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a link that is stopped before it has reached the broker publishes what there is, too") {
  for (const char* const log_topic : {"false", "true"}) {
    World world({{"kafka.log_topic", log_topic}});
    world.Do(world.service.Count(5, 3));
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.link->Stop();
    CHECK_FALSE(world.link->Drained());
    world.Until([&world] { return world.link->Drained(); });
    CHECK(world.link->lag() == 0);
    CHECK(Positions(world.kafka.Committed(Events())) == Positions(world.service.PublicEvents()));
  }
}

TEST_CASE("a link that is stopped while the broker is away does not wait for it") {
  for (const char* const log_topic : {"false", "true"}) {
    World world({{"kafka.log_topic", log_topic}});
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.kafka.SetDown(true);
    world.Do(world.service.Count(5, 3));
    world.link->Stop();
    world.Until([&world] { return world.link->Drained(); });
    CHECK(world.link->lag() > 0);
  }
}

TEST_CASE("a topic that is lost is missed although there is nothing to publish") {
  World world;
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(2, 1));
  world.Until([&world] { return world.IsPublished(); });
  world.kafka.DeleteTopic(EventsTopic("counter"));
  world.Until([&world] { return !world.IsPublished(); });
  world.kafka.MakeTopic(EventsTopic("counter"), 1);
  world.For(absl::Minutes(1));
  CHECK_FALSE(world.IsPublished());
}

TEST_CASE("a log that is behind its topic is refused before anything is served") {
  World lost;
  lost.Do(lost.service.Count(5, 2));
  lost.Do(lost.link->Publish(lost.service.engine()));
  lost.link->Start();
  lost.Until([&lost] { return lost.IsPublished(); });

  ManualClock clock(absl::FromUnixSeconds(1'500'000'000));
  MemoryStore empty;
  CounterService restored("counter", lost.scheduler(), clock, empty);
  lost.Do(restored.Start());
  lost.Do(restored.Count(1, 1));
  lost.Connect();
  CHECK(Reason(lost.Run(lost.link->Publish(restored.engine()))) == "LOG_BEHIND_TOPIC");
}

TEST_CASE("a process that was replaced by a later one learns that it must end") {
  World world;
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(2, 1));
  world.Until([&world] { return world.IsPublished(); });
  const std::unique_ptr<KafkaLink> former = std::exchange(world.link, nullptr);
  world.Connect();
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  for (int i = 0; former->Health().ok() && i < 20; ++i) {
    world.Do(world.service.Count(2, 1));
    world.For(absl::Seconds(5));
  }
  CHECK(Reason(former->Health()) == "SUPERSEDED");
  CHECK(world.link->Health().ok());
  world.Until([&world] { return world.IsPublished(); });
  CHECK(Positions(world.kafka.Committed(Events())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a topic that was emptied is filled again only when the settings say so") {
  for (const bool republish : {false, true}) {
    World world({{"kafka.republish", republish ? "true" : "false"}});
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.Do(world.service.Count(2, 1));
    world.Until([&world] { return world.IsPublished(); });
    world.link->Stop();
    world.Until([&world] { return world.link->Drained(); });
    world.kafka.DeleteTopic(EventsTopic("counter"));
    world.kafka.MakeTopic(EventsTopic("counter"), 1);
    world.Do(world.Abort(Events()));  // As the broker does with a transaction that was open.
    world.Connect();
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.For(absl::Minutes(1));
    CHECK(world.kafka.Committed(Events()).size() == (republish ? world.service.PublicEvents().size() : 0));
    CHECK(world.IsPublished() == republish);
  }
}

TEST_CASE("events of others come from Kafka when the settings say so") {
  CHECK_FALSE(World().link->feeds());
  World world({{"messaging.feed", "kafka"}});
  CHECK(world.link->feeds());
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(3, 2));
  world.Until([&world] { return world.IsPublished(); });
  const std::unique_ptr<FeedSource> source = world.link->FeedOf("counter");
  CHECK(world.Run(source->Partitions()).value() == 1);
  const std::unique_ptr<EventFeed> feed = source->Open(0, {}, {});
  std::vector<event::v1::EventRecord> read;
  while (read.size() < world.service.PublicEvents().size()) {
    const auto batch = world.Run(feed->Next());
    REQUIRE(batch.ok());
    read.insert(read.end(), batch->events.begin(), batch->events.end());
  }
  CHECK(Positions(read) == Positions(world.service.PublicEvents()));
}

TEST_CASE("metrics tell how far publication is behind, and whether it is held up") {
  World world;
  world.Do(world.link->Publish(world.service.engine()));
  world.Do(world.service.Count(2, 1));
  const auto gauge = [&world](const char* name) {
    world.link->Measure();
    return telemetry::ProcessMetrics()
        .GaugeFor(name, "", {{"topic", EventsTopic("counter")}, {"partition", "0"}})
        .value();
  };
  const auto head = static_cast<double>(world.service.engine().partition(0).head());
  CHECK(gauge("souk_publication_lag") == head);
  CHECK(gauge("souk_publication_position") == 0);
  world.link->Start();
  world.Until([&world] { return world.IsPublished(); });
  CHECK(gauge("souk_publication_lag") == 0);
  CHECK(gauge("souk_publication_position") == head);
  CHECK(gauge("souk_publication_records") == static_cast<double>(world.service.PublicEvents().size()));
  CHECK(gauge("souk_publication_transactions") > 0);
  CHECK(gauge("souk_publication_held_up") == 0);
  world.kafka.DeleteTopic(EventsTopic("counter"));
  world.Do(world.service.Count(2, 1));
  world.For(absl::Minutes(1));
  CHECK(gauge("souk_publication_held_up") == 1);
  CHECK(gauge("souk_publication_failures") > 0);
  CHECK(gauge("souk_publication_lag") > 0);
}

}  // namespace
}  // namespace souk
