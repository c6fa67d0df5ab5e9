#include "tools/soukctl/operate/topic_plan.h"

#include <nlohmann/json.hpp>

#include "tools/soukctl/operate/embedded_topics.h"

namespace souk::ctl {
namespace {

using nlohmann::json;

// Reads the members of an object; the first that is wrong is the error.
class Members {
 public:
  Members(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  void Number(const char* name, std::uint32_t& value) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if (!found->is_number_unsigned() || *found == 0) return Refuse(name, "must be a number from 1 on");
    value = found->get<std::uint32_t>();
  }
  void Boolean(const char* name, bool& value) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if (!found->is_boolean()) return Refuse(name, "must be true or false");
    value = found->get<bool>();
  }
  void Texts(const char* name, std::map<std::string, std::string>& values) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if (!found->is_object()) return Refuse(name, "must be an object of texts");
    for (const auto& [key, value] : found->items()) {
      if (!value.is_string()) return Refuse(key, "must be a text, in quotes");
      values[key] = value.get<std::string>();
    }
  }
  void Only(const std::vector<std::string>& names) {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(names.begin(), names.end(), key) == names.end()) Refuse(key, "is not known");
    }
  }
  Status status() const { return status_; }

 private:
  void Refuse(const std::string& name, const char* problem) {
    if (status_.ok()) status_ = InvalidArgument("topic manifest: %s%s %s", where_, name, problem);
  }

  const json& object_;
  const std::string where_;
  Status status_;
};

}  // namespace

std::string_view EmbeddedTopicManifest() { return EmbeddedTopics(); }

StatusOr<std::map<std::string, kafka::TopicState>> ReadTopicManifest(std::string_view manifest,
                                                                     const TopicChoice& choice) {
  const json root = json::parse(manifest, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!root.is_object() || !root.contains("topics") || !root["topics"].is_object()) {
    return InvalidArgument("topic manifest: is no JSON object with \"topics\"");
  }
  kafka::TopicState common{.partitions = 1, .replicas = 1, .settings = {}};
  Members members(root, "");
  members.Only({"partitions", "replicas", "settings", "topics"});
  members.Number("partitions", common.partitions);
  members.Number("replicas", common.replicas);
  members.Texts("settings", common.settings);
  RETURN_IF_ERROR(members.status());
  std::map<std::string, kafka::TopicState> topics;
  for (const auto& [name, entry] : root["topics"].items()) {
    kafka::TopicState topic = common;
    bool optional = false;
    Members own(entry, name + ": ");
    own.Only({"partitions", "replicas", "settings", "optional"});
    own.Number("partitions", topic.partitions);
    own.Number("replicas", topic.replicas);
    own.Texts("settings", topic.settings);
    own.Boolean("optional", optional);
    RETURN_IF_ERROR(own.status());
    if (optional && !choice.log_topics) continue;
    if (!entry.contains("partitions")) topic.partitions = choice.partitions.value_or(topic.partitions);
    if (choice.single_node) {
      topic.replicas = 1;
      topic.settings["min.insync.replicas"] = "1";
    }
    topics[name] = std::move(topic);
  }
  return topics;
}

TopicStep PlanTopic(const std::string& topic, const kafka::TopicState& wanted,
                    const std::optional<kafka::TopicState>& found) {
  TopicStep step{.topic = topic, .wanted = wanted, .missing = !found.has_value()};
  if (step.missing) return step;
  if (found->partitions != wanted.partitions) {
    step.differences.push_back(
        absl::StrFormat("partitions %d, wanted %d", found->partitions, wanted.partitions));
    if (found->partitions < wanted.partitions) {
      step.partitions = wanted.partitions;
    } else {
      step.obstacles.push_back("partitions cannot be taken away");
    }
  }
  if (found->replicas != wanted.replicas) {
    step.differences.push_back(absl::StrFormat("replicas %d, wanted %d", found->replicas, wanted.replicas));
    step.obstacles.push_back("replicas are moved with Kafka's own kafka-reassign-partitions");
  }
  std::map<std::string, std::string> settings = found->settings;  // Others' are left alone.
  for (const auto& [name, value] : wanted.settings) {
    const auto has = found->settings.find(name);
    if (has != found->settings.end() && has->second == value) continue;
    step.differences.push_back(absl::StrFormat(
        "%s %s, wanted %s", name, has == found->settings.end() ? "not set" : has->second, value));
    settings[name] = value;
  }
  if (settings != found->settings) step.settings = std::move(settings);
  return step;
}

}  // namespace souk::ctl
