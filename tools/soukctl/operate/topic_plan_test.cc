#include "tools/soukctl/operate/topic_plan.h"

#include <catch2/catch.hpp>

namespace souk::ctl {
namespace {

using kafka::TopicState;
using Strings = std::vector<std::string>;

TEST_CASE(
    "the manifest of this release has the public topics of all services, and log topics when asked for") {
  const auto topics = ReadTopicManifest(EmbeddedTopicManifest(), {});
  REQUIRE(topics.ok());
  for (const char* service : {"catalog", "cart", "order", "payment", "shipping", "notification"}) {
    const auto topic = topics->find("souk." + std::string(service) + ".events.v1");
    REQUIRE(topic != topics->end());
    CHECK(topic->second.replicas == 3);
    CHECK(topic->second.settings.at("min.insync.replicas") == "2");
    CHECK(topic->second.settings.at("retention.ms") == "-1");
  }
  CHECK(topics->size() == 6);
  CHECK(ReadTopicManifest(EmbeddedTopicManifest(), {.log_topics = true})->size() == 18);
}

TEST_CASE("on a single node everything has one replica, and as many partitions as asked for") {
  const auto topics = ReadTopicManifest(EmbeddedTopicManifest(), {.single_node = true, .partitions = 4});
  REQUIRE(topics.ok());
  for (const auto& [name, topic] : *topics) {
    CHECK(topic.replicas == 1);
    CHECK(topic.partitions == 4);
    CHECK(topic.settings.at("min.insync.replicas") == "1");
  }
}

TEST_CASE("a wrong manifest is refused with what is wrong") {
  const auto message = [](std::string_view manifest) {
    return std::string(ReadTopicManifest(manifest, {}).status().message());
  };
  CHECK(message("{") == "topic manifest: is no JSON object with \"topics\"");
  CHECK(message(R"({"topics": {"a": {"partitions": 0}}})") ==
        "topic manifest: a: partitions must be a number from 1 on");
  CHECK(message(R"({"topics": {"a": {"settings": {"retention.ms": 5}}}})") ==
        "topic manifest: a: retention.ms must be a text, in quotes");
  CHECK(message(R"({"topics": {}, "partition": 3})") == "topic manifest: partition is not known");
}

TEST_CASE("what is missing is made, what differs is named, and what cannot be changed is said to be so") {
  const TopicState wanted{.partitions = 3, .replicas = 3, .settings = {{"retention.ms", "-1"}}};
  CHECK(PlanTopic("t", wanted, std::nullopt).missing);
  CHECK(PlanTopic("t", wanted, wanted).differences.empty());

  const TopicStep grows =
      PlanTopic("t", wanted, TopicState{.partitions = 1, .replicas = 3, .settings = {{"a", "b"}}});
  CHECK(grows.differences == Strings{"partitions 1, wanted 3", "retention.ms not set, wanted -1"});
  CHECK(grows.partitions == 3U);
  CHECK(grows.settings == std::map<std::string, std::string>{{"a", "b"}, {"retention.ms", "-1"}});
  CHECK(grows.obstacles.empty());

  const TopicStep shrinks =
      PlanTopic("t", wanted, TopicState{.partitions = 5, .replicas = 1, .settings = wanted.settings});
  CHECK(shrinks.differences == Strings{"partitions 5, wanted 3", "replicas 1, wanted 3"});
  CHECK_FALSE(shrinks.partitions.has_value());
  CHECK(shrinks.obstacles.size() == 2);
}

}  // namespace
}  // namespace souk::ctl
