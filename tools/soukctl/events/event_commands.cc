#include "tools/soukctl/events/event_commands.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "souk/eventlog/v1/event_log_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "tools/soukctl/events/analyst_commands.h"
#include "tools/soukctl/events/journey_table.h"
#include "tools/soukctl/schema/event_schema.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

using event::v1::EventRecord;
using namespace eventlog::v1;  // NOLINT: requests and responses of one service.

namespace {

using Run = std::function<Status(Session&)>;

constexpr char kOperator[] = "operator/soukctl";

struct EventsOptions {
  std::string service;  // Empty: all that are served, one after the other.
  std::string type;     // Empty: all.
  std::string aggregate;
  std::string aggregate_id;
  std::uint64_t after = 0;
  bool stored = false;  // As stored instead of public.
  bool follow = false;  // Goes on as events happen; needs one service.
};

void PrintEvent(const std::string& service, const EventRecord& event, bool json) {
  if (json) {
    const nlohmann::ordered_json line = {{"service", service},
                                         {"partition", event.partition()},
                                         {"position", event.position()},
                                         {"time", TimeText(event.record_time())},
                                         {"event_id", event.event_id()},
                                         {"type", event.type()},
                                         {"aggregate", event.aggregate()},
                                         {"aggregate_id", event.aggregate_id()},
                                         {"revision", event.revision()},
                                         {"actor", event.actor()},
                                         {"correlation_id", event.correlation_id()},
                                         {"causation_id", event.causation_id()}};
    std::puts(line.dump().c_str());
  } else {
    std::printf("%s  %-12s %8llu  %-44s %s/%s  by %s\n", TimeText(event.record_time()).c_str(),
                service.c_str(), static_cast<unsigned long long>(event.position()), event.type().c_str(),
                event.aggregate().c_str(), event.aggregate_id().c_str(), event.actor().c_str());
  }
  std::fflush(stdout);
}

Status ListPartition(Session& session, const EventsOptions& options, const PartitionStatus& partition) {
  ReadEventsRequest request;
  request.set_service(partition.service());
  request.set_partition(partition.partition());
  request.set_after_position(options.after);
  request.set_view(options.stored ? ReadEventsRequest::VIEW_STORED : ReadEventsRequest::VIEW_PUBLIC);
  if (!options.type.empty()) request.add_types(options.type);
  request.set_aggregate(options.aggregate);
  request.set_aggregate_id(options.aggregate_id);
  request.set_live(options.follow);
  return session.ReadEvents(request, [&](const ReadEventsResponse& page) {
    for (const EventRecord& event : page.events()) PrintEvent(partition.service(), event, session.json());
    return std::ferror(stdout) == 0;
  });
}

Status ListEvents(Session& session, EventsOptions options) {
  if (!options.type.empty()) {
    ASSIGN_OR_RETURN(options.type, EventSchema::OfThisRelease().TypeOrSuggest(options.type, options.stored));
  }
  GetStatusRequest request;
  request.set_service(options.service);
  ASSIGN_OR_RETURN(const auto status, session.Call<GetStatusResponse>(kOperator, request));
  if (options.follow && status.partitions_size() > 1) {
    return InvalidArgument("--follow needs one log: say --service NAME");
  }
  for (const PartitionStatus& partition : status.partitions()) {
    RETURN_IF_ERROR(ListPartition(session, options, partition));
  }
  return OkStatus();
}

Status ShowStream(Session& session, const ReadStreamRequest& request) {
  ASSIGN_OR_RETURN(const auto response, session.Call<ReadStreamResponse>(kOperator, request));
  for (const EventRecord& event : response.events()) PrintEvent(request.service(), event, session.json());
  return OkStatus();
}

Status ShowJourney(Session& session, const std::string& order_id) {
  order::v1::GetOrderJourneyRequest request;
  request.set_order_id(order_id);
  ASSIGN_OR_RETURN(const auto response, session.Call<order::v1::GetOrderJourneyResponse>(kOperator, request));
  PrintJourney(response.journey(), session.json());
  return OkStatus();
}

void AddTail(CLI::App& events, Run& run) {
  CLI::App* const tail = events.add_subcommand("tail", "List events in order, one line each");
  auto options = std::make_shared<EventsOptions>();
  tail->add_option("--service", options->service, "Only this service's log, such as order")
      ->type_name("SERVICE");
  tail->add_option("--type", options->type,
                   "Only events of this type, such as OrderPlaced; events schema lists them");
  tail->add_option("--aggregate", options->aggregate, "Only of this kind of thing, such as order");
  tail->add_option("--id", options->aggregate_id, "Only of the thing of this id");
  tail->add_option("--after", options->after, "Only after this position")->check(cli::Count());
  tail->add_flag("--stored", options->stored, "As stored, instead of as public events");
  tail->add_flag("--follow", options->follow, "Go on as events happen; needs --service");
  tail->callback(
      [options, &run] { run = [options](Session& session) { return ListEvents(session, *options); }; });
}

void AddStream(CLI::App& events, Run& run) {
  CLI::App* const stream = events.add_subcommand("stream", "Show the whole history of one thing");
  auto request = std::make_shared<ReadStreamRequest>();
  const auto add = [&](const char* name, std::string* value, const char* help) {
    return stream->add_option(name, *value, help)->required();
  };
  add("service", request->mutable_service(), "Such as order")->type_name("SERVICE");
  add("aggregate", request->mutable_aggregate(), "Such as order");
  add("id", request->mutable_aggregate_id(), "Which one");
  stream->callback(
      [request, &run] { run = [request](Session& session) { return ShowStream(session, *request); }; });
}

void AddJourney(CLI::App& app, Run& run) {
  CLI::App* const journey = app.add_subcommand("journey", "Tell the story of an order");
  auto order_id = std::make_shared<std::string>();
  journey->add_option("order", *order_id, "Its id")->required();
  journey->callback(
      [order_id, &run] { run = [order_id](Session& session) { return ShowJourney(session, *order_id); }; });
}

}  // namespace

void AddEventCommands(CLI::App& app, Run& run) {
  CLI::App* const events = app.add_subcommand("events", "Read event logs")->require_subcommand(1);
  AddTail(*events, run);
  AddStream(*events, run);
  AddJourney(app, run);
  AddAnalystCommands(app, *events, run);
}

}  // namespace souk::ctl
