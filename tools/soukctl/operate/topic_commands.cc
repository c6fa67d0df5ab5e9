#include "tools/soukctl/operate/topic_commands.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "libs/cli/completion.h"
#include "libs/kafka/topic_admin.h"
#include "tools/soukctl/operate/kafka_options.h"
#include "tools/soukctl/operate/topic_plan.h"
#include "tools/soukctl/table.h"

namespace souk::ctl {
namespace {

struct TopicOptions : KafkaOptions {
  std::string manifest;  // A file; empty: the one of this release.
  TopicChoice choice;
  std::uint32_t partitions = 0;  // 0: as the manifest says.
  bool alter = false;
  bool create = false;
};

StatusOr<std::string> ManifestText(const TopicOptions& options) {
  if (options.manifest.empty()) return std::string(EmbeddedTopicManifest());
  std::ifstream file(options.manifest);
  if (!file) return InvalidArgument("cannot read %s", options.manifest);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Does what a step needs, as far as it was asked for. Returns what was done, for people.
StatusOr<std::string> Apply(kafka::TopicAdmin& admin, const TopicOptions& options, const TopicStep& step) {
  if (step.missing) {
    if (!options.create) return "to be made";
    RETURN_IF_ERROR(admin.Create(step.topic, step.wanted));
    return "made";
  }
  if (step.differences.empty()) return "as wanted";
  if (!options.create || !options.alter) return "differs";
  if (step.partitions.has_value()) RETURN_IF_ERROR(admin.SetPartitions(step.topic, *step.partitions));
  if (step.settings.has_value()) RETURN_IF_ERROR(admin.SetSettings(step.topic, *step.settings));
  return step.obstacles.empty() ? "changed" : "differs: " + absl::StrJoin(step.obstacles, "; ");
}

Status RunTopics(const TopicOptions& options, bool as_json) {
  ASSIGN_OR_RETURN(const kafka::ClientSettings settings, ClientSettingsOf(options));
  ASSIGN_OR_RETURN(const std::string text, ManifestText(options));
  TopicChoice choice = options.choice;
  if (options.partitions > 0) choice.partitions = options.partitions;
  ASSIGN_OR_RETURN(const auto topics, ReadTopicManifest(text, choice));
  ASSIGN_OR_RETURN(const std::unique_ptr<kafka::TopicAdmin> admin, kafka::TopicAdmin::Open(settings));
  Table table({"TOPIC", "PARTITIONS", "REPLICAS", "RESULT", "DIFFERENCES"});
  nlohmann::ordered_json list = nlohmann::json::array();
  bool differs = false;
  for (const auto& [topic, wanted] : topics) {
    ASSIGN_OR_RETURN(const auto found, admin->Describe(topic));
    const TopicStep step = PlanTopic(topic, wanted, found);
    ASSIGN_OR_RETURN(const std::string result, Apply(*admin, options, step));
    differs = differs || result.starts_with("differs");
    table.Add({topic, std::to_string(wanted.partitions), std::to_string(wanted.replicas), result,
               absl::StrJoin(step.differences, "; ")});
    list.push_back({{"topic", topic}, {"result", result}, {"differences", step.differences}});
  }
  as_json ? static_cast<void>(std::puts(list.dump(2).c_str())) : table.Print();
  if (!options.create || !differs) return OkStatus();
  return FailedPrecondition("some topics differ from the manifest; --alter changes what can be changed");
}

}  // namespace

void AddTopicCommands(CLI::App& app, std::function<Status(Session&)>& run) {
  auto options = std::make_shared<TopicOptions>();
  CLI::App* const topics =
      app.add_subcommand("topics", "Make Kafka's topics as the manifest says")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, bool create) {
    CLI::App* const command = topics->add_subcommand(name, help);
    AddKafkaOptions(*command, *options);
    command->add_option("--manifest", options->manifest, "Another manifest than this release's")
        ->type_name(cli::kFile);
    command->add_flag("--log-topics", options->choice.log_topics, "Those of setting kafka.log_topic too");
    command->add_flag("--single-node", options->choice.single_node, "One replica of everything");
    command
        ->add_option("--partitions", options->partitions, "As engine.partitions, instead of the manifest's")
        ->check(cli::Count());
    if (create) command->add_flag("--alter", options->alter, "Change topics that are there but differ");
    command->callback([options, create, &run] {
      options->create = create;
      run = [options](Session& session) {
        return ExplainBroker(RunTopics(*options, session.json()), *options);
      };
    });
  };
  add("create", "Make the topics that are missing, and say how the others differ", true);
  add("plan", "Say what create would do", false);
}

}  // namespace souk::ctl
