// What a process does with Kafka, as its settings say. That each event is published once and
// in order whatever happens, publisher_contract.h shows.
#include "libs/module/kafka_link.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/module/kafka_link_fixture.h"

namespace souk {
namespace {

using testing::CounterService;

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
  const auto link = KafkaLink::Open(LinkWorld::SettingsWith({}), scheduler, clock, "p-1");
  REQUIRE(link.ok());
  CHECK(*link == nullptr);
}

TEST_CASE("feeds over Kafka without brokers are refused with the setting that is missing") {
  SimScheduler scheduler(1);
  const SystemClock clock;
  const Status status =
      KafkaLink::Open(LinkWorld::SettingsWith({{"messaging.feed", "kafka"}}), scheduler, clock, "p-1")
          .status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains("kafka.brokers"));
}

TEST_CASE("a feed is local or over Kafka, and nothing else") {
  CHECK(config::Settings::Load(KafkaSettings(), {.overrides = {{"messaging.feed", "local"}}}).ok());
  CHECK_FALSE(config::Settings::Load(KafkaSettings(), {.overrides = {{"messaging.feed", "kafak"}}}).ok());
}

TEST_CASE("settings of librdkafka are handed on by its names, and refused by it") {
  const config::Settings settings =
      LinkWorld::SettingsWith({{"kafka.brokers", "k1:9092,k2:9092"}, {"kafka.client.client.id", "souk"}});
  const kafka::ClientSettings client = KafkaClientSettings(settings);
  CHECK(std::map<std::string, std::string>(client.begin(), client.end()) ==
        std::map<std::string, std::string>{{"bootstrap.servers", "k1:9092,k2:9092"}, {"client.id", "souk"}});

  SimScheduler scheduler(1);
  const SystemClock clock;
  const Status status =
      KafkaLink::Open(
          LinkWorld::SettingsWith({{"kafka.brokers", "127.0.0.1:1"}, {"kafka.client.sasl.user", "x"}}),
          scheduler, clock, "p-1")
          .status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains("kafka.client.sasl.user"));
}

TEST_CASE("a link publishes the events of a service once it was started") {
  LinkWorld world;
  world.Do(world.service.Count(3, 2));
  world.Do(world.link->Publish(world.service.engine()));
  world.For(absl::Seconds(10));
  CHECK(world.kafka.Committed(CounterEvents()).empty());
  CHECK_FALSE(world.IsPublished());
  world.link->Start();
  world.Until([&world] { return world.IsPublished(); });
  world.Do(world.service.Count(3, 1));
  world.Until([&world] { return world.IsPublished(); });
  CHECK(Positions(world.kafka.Committed(CounterEvents())) == Positions(world.service.PublicEvents()));
  CHECK(world.kafka.Committed(CounterLog()).empty());
}

TEST_CASE("every partition has its publisher") {
  LinkWorld world({}, /*partitions=*/3);
  world.Do(world.service.Count(12, 1));
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  for (std::uint32_t i = 0; i < 3; ++i) {
    world.Until([&world, i] { return world.link->SettledPosition("counter", i).has_value(); });
    const auto events = world.service.PublicEvents(i);
    REQUIRE_FALSE(events.empty());
    CHECK(Positions(world.kafka.Committed(CounterEvents(i))) == Positions(events));
    CHECK(world.link->SettledPosition("counter", i) == events.back().position());
  }
}

TEST_CASE("the log as it is stored is published when the settings say so") {
  LinkWorld world({{"kafka.log_topic", "true"}});
  world.Do(world.service.Count(3, 1));
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  const std::uint64_t head = world.service.engine().partition(0).head();
  world.Until(
      [&world, head] { return world.IsPublished() && world.kafka.Committed(CounterLog()).size() == head; });
  CHECK(world.kafka.Committed(CounterEvents()).size() == world.service.PublicEvents().size());
}

TEST_CASE("what consumers must have seen is known only while nothing waits to be published") {
  LinkWorld world;
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
  LinkWorld world;
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
  CHECK(Positions(world.kafka.Committed(CounterEvents())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a link that is stopped first publishes what there is") {
  LinkWorld world;
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(1, 1));
  world.Until([&world] { return world.IsPublished(); });
  world.Do(world.service.Count(5, 3));
  CHECK_FALSE(world.link->Drained());
  world.link->Stop();
  world.Until([&world] { return world.link->Drained(); });
  CHECK(Positions(world.kafka.Committed(CounterEvents())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a link that is stopped before it has reached the broker publishes what there is, too") {
  for (const char* const log_topic : {"false", "true"}) {
    LinkWorld world({{"kafka.log_topic", log_topic}});
    world.Do(world.service.Count(5, 3));
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.link->Stop();
    CHECK_FALSE(world.link->Drained());
    world.Until([&world] { return world.link->Drained(); });
    CHECK(world.link->lag() == 0);
    CHECK(Positions(world.kafka.Committed(CounterEvents())) == Positions(world.service.PublicEvents()));
  }
}

TEST_CASE("a link that is stopped while the broker is away does not wait for it") {
  for (const char* const log_topic : {"false", "true"}) {
    LinkWorld world({{"kafka.log_topic", log_topic}});
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
  LinkWorld world;
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
  LinkWorld lost;
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
  LinkWorld world;
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
  CHECK(Positions(world.kafka.Committed(CounterEvents())) == Positions(world.service.PublicEvents()));
}

TEST_CASE("a topic that was emptied is filled again only when the settings say so") {
  for (const bool republish : {false, true}) {
    LinkWorld world({{"kafka.republish", republish ? "true" : "false"}});
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.Do(world.service.Count(2, 1));
    world.Until([&world] { return world.IsPublished(); });
    world.link->Stop();
    world.Until([&world] { return world.link->Drained(); });
    world.kafka.DeleteTopic(EventsTopic("counter"));
    world.kafka.MakeTopic(EventsTopic("counter"), 1);
    world.Do(world.Abort(CounterEvents()));  // As the broker does with a transaction that was open.
    world.Connect();
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.For(absl::Minutes(1));
    CHECK(world.kafka.Committed(CounterEvents()).size() ==
          (republish ? world.service.PublicEvents().size() : 0));
    CHECK(world.IsPublished() == republish);
  }
}

TEST_CASE("events of others come from Kafka when the settings say so") {
  CHECK_FALSE(LinkWorld().link->feeds());
  LinkWorld world({{"messaging.feed", "kafka"}});
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

}  // namespace
}  // namespace souk
