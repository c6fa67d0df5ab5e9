#include "tools/soukctl/operate/dead_letter_commands.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "souk/eventlog/v1/dead_letter_service.pb.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "tools/soukctl/schema/event_schema.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

using namespace eventlog::v1;  // NOLINT: requests and responses of two services.
using Json = nlohmann::ordered_json;

namespace {

constexpr char kOperator[] = "operator/soukctl";
constexpr std::int32_t kPageSize = 200;

struct DeadLetterOptions {
  std::string service, source, name;
  bool all = false;
};

std::string NameOf(const DeadLetter& letter) {
  return absl::StrFormat("%s/%s/%d/%d", letter.service(), letter.source(), letter.event().partition(),
                         letter.event().position());
}

// "notification/order/0/17"
StatusOr<DeadLetterName> ParseName(const std::string& text) {
  const std::vector<std::string> words = absl::StrSplit(text, '/');
  DeadLetterName name;
  std::uint32_t partition = 0;
  std::uint64_t position = 0;
  if (words.size() != 4 || !absl::SimpleAtoi(words[2], &partition) ||
      !absl::SimpleAtoi(words[3], &position)) {
    return InvalidArgument(
        "\"%s\" names no dead letter: say SERVICE/SOURCE/PARTITION/POSITION as soukctl dead-letters list "
        "does, such as "
        "notification/order/0/17",
        text);
  }
  name.set_service(words[0]);
  name.set_source(words[1]);
  name.set_partition(partition);
  name.set_position(position);
  return name;
}

Json ToJson(const DeadLetter& letter) {
  const event::v1::EventRecord& event = letter.event();
  return {{"name", NameOf(letter)},         {"service", letter.service()},
          {"source", letter.source()},      {"partition", event.partition()},
          {"position", event.position()},   {"type", event.type()},
          {"aggregate", event.aggregate()}, {"aggregate_id", event.aggregate_id()},
          {"event_id", event.event_id()},   {"correlation_id", event.correlation_id()},
          {"reason", letter.reason()},      {"cause", letter.cause()},
          {"attempts", letter.attempts()},  {"set_aside_time", TimeText(letter.set_aside_time())}};
}

// The public message in the event, if this release knows it; null otherwise.
Json PayloadOf(const event::v1::EventRecord& event) {
  const google::protobuf::Descriptor* const type = EventSchema::OfThisRelease().FindPublic(event.type());
  if (type == nullptr) return nullptr;
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<google::protobuf::Message> message(factory.GetPrototype(type)->New());
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!message->ParseFromString(event.payload()) ||
      !google::protobuf::util::MessageToJsonString(*message, &text, options).ok())
    return nullptr;
  return Json::parse(text);
}

// The services whose dead letters are meant.
StatusOr<std::set<std::string>> Services(Session& session, const DeadLetterOptions& options) {
  GetStatusRequest request;
  request.set_service(options.service);
  ASSIGN_OR_RETURN(const auto status, session.Call<GetStatusResponse>(kOperator, request));
  std::set<std::string> services;
  for (const PartitionStatus& partition : status.partitions()) services.insert(partition.service());
  return services;
}

StatusOr<std::vector<DeadLetter>> ReadAll(Session& session, const DeadLetterOptions& options) {
  ASSIGN_OR_RETURN(const std::set<std::string> services, Services(session, options));
  std::vector<DeadLetter> letters;
  for (const std::string& service : services) {
    ListDeadLettersRequest request;
    request.set_service(service);
    request.set_source(options.source);
    request.set_page_size(kPageSize);
    do {
      ASSIGN_OR_RETURN(const auto page, session.Call<ListDeadLettersResponse>(kOperator, request));
      letters.insert(letters.end(), page.dead_letters().begin(), page.dead_letters().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  return letters;
}

Status List(Session& session, const DeadLetterOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<DeadLetter> letters, ReadAll(session, options));
  if (session.json()) {
    Json list = Json::array();
    for (const DeadLetter& letter : letters) list.push_back(ToJson(letter));
    std::puts(list.dump(2).c_str());
    return OkStatus();
  }
  if (letters.empty()) {
    std::puts("no dead letters");
    return OkStatus();
  }
  Table table({"NAME", "EVENT", "AGGREGATE", "SET ASIDE", "ATTEMPTS", "REASON"});
  for (const DeadLetter& letter : letters) {
    const std::string& type = letter.event().type();
    table.Add({NameOf(letter), type.substr(type.rfind('.') + 1),
               letter.event().aggregate() + "/" + letter.event().aggregate_id(),
               TimeText(letter.set_aside_time()), std::to_string(letter.attempts()), letter.reason()});
  }
  table.Print();
  return OkStatus();
}

Status Show(Session& session, const DeadLetterOptions& options) {
  GetDeadLetterRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ParseName(options.name));
  request.set_service(request.name().service());
  ASSIGN_OR_RETURN(const auto found, session.Call<GetDeadLetterResponse>(kOperator, request));
  Json shown = ToJson(found.dead_letter());
  shown["waiting_behind_it"] = found.waiting();
  shown["payload"] = PayloadOf(found.dead_letter().event());
  if (session.json()) {
    std::puts(shown.dump(2).c_str());
    return OkStatus();
  }
  for (const auto& [key, value] : shown.items()) {
    std::printf("%-18s %s\n", key.c_str(),
                value.is_string() ? value.get<std::string>().c_str() : value.dump(2).c_str());
  }
  return OkStatus();
}

// Tries the aggregate of a dead letter again; adds what happened to `report`.
Status RetryOne(Session& session, const DeadLetterName& name, Json& report) {
  RetryDeadLettersRequest request;
  request.set_service(name.service());
  *request.mutable_name() = name;
  ASSIGN_OR_RETURN(const auto outcome, session.Call<RetryDeadLettersResponse>(kOperator, request));
  Json entry = {{"service", name.service()},
                {"source", name.source()},
                {"handled", outcome.handled()},
                {"left", outcome.left()}};
  if (outcome.has_failed()) entry["failed"] = ToJson(outcome.failed());
  report.push_back(std::move(entry));
  return OkStatus();
}

StatusOr<std::vector<DeadLetterName>> NamesToRetry(Session& session, const DeadLetterOptions& options) {
  if (options.all != options.name.empty()) {
    return InvalidArgument("say which dead letter, or --all");
  }
  if (!options.all) {
    ASSIGN_OR_RETURN(const DeadLetterName name, ParseName(options.name));
    return std::vector<DeadLetterName>{name};
  }
  ASSIGN_OR_RETURN(const std::vector<DeadLetter> letters, ReadAll(session, options));
  std::vector<DeadLetterName> names;
  std::set<std::string> aggregates;  // One of each is enough.
  for (const DeadLetter& letter : letters) {
    const event::v1::EventRecord& event = letter.event();
    if (!aggregates
             .insert(letter.service() + "/" + letter.source() + "/" + event.aggregate() + "/" +
                     event.aggregate_id())
             .second)
      continue;
    ASSIGN_OR_RETURN(names.emplace_back(), ParseName(NameOf(letter)));
  }
  return names;
}

Status Retry(Session& session, const DeadLetterOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<DeadLetterName> names, NamesToRetry(session, options));
  Json report = Json::array();
  for (const DeadLetterName& name : names) RETURN_IF_ERROR(RetryOne(session, name, report));
  std::uint64_t handled = 0, left = 0;
  std::string failures;
  for (const Json& entry : report) {
    handled += entry["handled"].get<std::uint64_t>();
    left += entry["left"].get<std::uint64_t>();
    if (!entry.contains("failed")) continue;
    failures += "\n  " + entry["failed"]["name"].get<std::string>() + ": " +
                entry["failed"]["cause"].get<std::string>();
  }
  if (session.json()) {
    std::puts(report.dump(2).c_str());
  } else {
    std::printf("%llu handled, %llu left\n", static_cast<unsigned long long>(handled),
                static_cast<unsigned long long>(left));
  }
  if (failures.empty()) return OkStatus();
  return FailedPrecondition(
      "some failed again; mend the cause, or drop them with soukctl dead-letters skip:%s", failures);
}

Status Skip(Session& session, const DeadLetterOptions& options) {
  SkipDeadLetterRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ParseName(options.name));
  request.set_service(request.name().service());
  ASSIGN_OR_RETURN(const auto outcome, session.Call<SkipDeadLetterResponse>(kOperator, request));
  if (session.json()) {
    std::puts(Json{{"skipped", options.name}, {"left", outcome.left()}}.dump(2).c_str());
    return OkStatus();
  }
  std::printf("%s is dropped\n", options.name.c_str());
  if (outcome.left() > 0) {
    std::printf(
        "%llu later events of the same aggregate wait; go on with them by soukctl dead-letters retry\n",
        static_cast<unsigned long long>(outcome.left()));
  }
  return OkStatus();
}

}  // namespace

void AddDeadLetterCommands(CLI::App& app, std::function<Status(Session&)>& run) {
  auto options = std::make_shared<DeadLetterOptions>();
  CLI::App* const group =
      app.add_subcommand("dead-letters", "Events that a service could not deal with")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help,
                       Status (*what)(Session&, const DeadLetterOptions&)) {
    CLI::App* const command = group->add_subcommand(name, help);
    command->callback([options, what, &run] {
      run = [options, what](Session& session) { return what(session, *options); };
    });
    return command;
  };
  const auto select = [&](CLI::App* command) {
    command->add_option("--service", options->service, "Only those of this service")->type_name("SERVICE");
    command->add_option("--source", options->source, "Only events of this service")->type_name("SERVICE");
  };
  constexpr char kName[] = "As list shows it, such as notification/order/0/17";
  select(add("list", "List them", List));
  add("show", "Show one, with its event and what went wrong", Show)
      ->add_option("name", options->name, kName)
      ->required();
  CLI::App* const retry =
      add("retry", "Try it again, and then those of the same aggregate that wait behind it", Retry);
  retry->add_option("name", options->name, kName);
  retry->add_flag("--all", options->all, "All there are");
  select(retry);
  add("skip", "Drop one for good: its event never has an effect", Skip)
      ->add_option("name", options->name, kName)
      ->required();
}

}  // namespace souk::ctl
