// Which topics there should be, and what that means for those that are there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/kafka/topic_admin.h"

namespace souk::ctl {

// The manifest deploy/kafka/topics.json of this release.
std::string_view EmbeddedTopicManifest();

struct TopicChoice {
  bool log_topics = false;   // Those that are optional too.
  bool single_node = false;  // One replica of everything, for a cluster of one broker.
  std::optional<std::uint32_t> partitions;
};

// The topics of a manifest by name. INVALID_ARGUMENT that says where the manifest is wrong.
StatusOr<std::map<std::string, kafka::TopicState>> ReadTopicManifest(std::string_view manifest,
                                                                     const TopicChoice& choice);

struct TopicStep {
  std::string topic;
  kafka::TopicState wanted;
  bool missing = false;
  // What differs, for people: "partitions 1, wanted 3".
  std::vector<std::string> differences;
  std::optional<std::uint32_t> partitions;                     // To raise the number to.
  std::optional<std::map<std::string, std::string>> settings;  // To set.
  std::vector<std::string> obstacles;                          // Differences that cannot be changed here.
};

// What to do to `topic`, of which `found` is there.
TopicStep PlanTopic(const std::string& topic, const kafka::TopicState& wanted,
                    const std::optional<kafka::TopicState>& found);

}  // namespace souk::ctl
