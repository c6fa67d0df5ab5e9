// What operators are told of publication, by metrics and by GetStatus.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/module/kafka_link_fixture.h"
#include "libs/telemetry/metrics.h"

namespace souk {
namespace {

using Catch::Matchers::Contains;
using eventlog::v1::PublicationStatus;

TEST_CASE("metrics tell how far publication is behind, and whether it is held up") {
  LinkWorld world;
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

TEST_CASE("the status tells how far publication is behind, and since when it stands still") {
  LinkWorld world;
  const auto status = [&world] {
    const std::vector<PublicationStatus> topics = world.link->PublicationsOf("counter", 0);
    REQUIRE(topics.size() == 1);
    return topics[0];
  };
  world.Do(world.link->Publish(world.service.engine()));
  world.Do(world.service.Count(2, 1));
  CHECK(status().topic() == EventsTopic("counter"));
  CHECK(status().position() == 0);
  world.link->Start();
  world.Until([&world] { return world.IsPublished(); });
  const std::uint64_t head = world.service.engine().partition(0).head();
  CHECK(status().position() == head);
  CHECK_FALSE(status().has_held_up_time());
  CHECK(status().problem().empty());

  world.kafka.SetDown(true);
  const absl::Time down = world.scheduler().Now();
  world.Do(world.service.Count(2, 1));
  world.Until([&status] { return status().has_held_up_time(); });
  const absl::Time held_up = FromProto(status().held_up_time());
  CHECK(held_up >= down);
  CHECK(held_up <= world.scheduler().Now());
  world.For(absl::Minutes(5));
  CHECK(FromProto(status().held_up_time()) == held_up);  // However often it was tried since.
  CHECK_FALSE(status().problem().empty());
  CHECK(status().position() == head);

  world.kafka.SetDown(false);
  world.Until([&world] { return world.IsPublished(); });
  CHECK_FALSE(status().has_held_up_time());
  CHECK(status().position() == world.service.engine().partition(0).head());
}

TEST_CASE("a topic that waits for one that is held up is held up, too") {
  const std::vector<std::string> order = {RowsTopic("counter"), LogTopic("counter"), EventsTopic("counter")};
  for (std::size_t lost = 0; lost < order.size(); ++lost) {
    INFO(order[lost]);
    LinkWorld world({{"kafka.log_topic", "true"}});
    world.Do(world.link->Publish(world.service.engine()));
    world.link->Start();
    world.Do(world.service.Count(2, 1));
    world.Until([&world] { return world.IsPublished(); });
    world.kafka.DeleteTopic(order[lost]);
    world.Do(world.service.Count(2, 1));
    world.For(absl::Minutes(1));
    const std::vector<PublicationStatus> topics = world.link->PublicationsOf("counter", 0);
    REQUIRE(topics.size() == 2);
    for (std::size_t i = 0; i < topics.size(); ++i) {
      CHECK(topics[i].topic() == order[i + 1]);
      const bool waits = i + 1 >= lost;
      CHECK(topics[i].has_held_up_time() == waits);
      if (waits) CHECK_THAT(topics[i].problem(), Contains(order[lost]));
    }
  }
}

TEST_CASE("each partition has its own status, and what is not published has none") {
  LinkWorld world({}, /*partitions=*/2);
  CHECK(world.link->PublicationsOf("counter", 0).empty());
  world.Do(world.link->Publish(world.service.engine()));
  world.link->Start();
  world.Do(world.service.Count(8, 1));
  for (std::uint32_t i = 0; i < 2; ++i) {
    world.Until([&world, i] { return world.link->SettledPosition("counter", i).has_value(); });
    REQUIRE(world.link->PublicationsOf("counter", i).size() == 1);
    CHECK(world.link->PublicationsOf("counter", i)[0].position() ==
          world.service.engine().partition(i).head());
  }
  CHECK(world.link->PublicationsOf("counter", 2).empty());
  CHECK(world.link->PublicationsOf("order", 0).empty());
}

}  // namespace
}  // namespace souk
