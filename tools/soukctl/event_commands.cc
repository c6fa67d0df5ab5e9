#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "libs/base/proto_time.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "tools/soukctl/commands.h"
#include "tools/soukctl/journey_table.h"
#include "tools/soukctl/table.h"

namespace souk::ctl {

using event::v1::EventRecord;
using namespace eventlog::v1;  // NOLINT: requests and responses of one service.

namespace {

constexpr char kOperator[] = "operator/soukctl";

std::string FormatTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(time), absl::UTCTimeZone());
}

void PrintEvent(const std::string& service, const EventRecord& event, bool json) {
  if (json) {
    const nlohmann::ordered_json line = {{"service", service},
                                         {"partition", event.partition()},
                                         {"position", event.position()},
                                         {"time", FormatTime(event.record_time())},
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
    std::printf("%s  %-12s %8llu  %-44s %s/%s  by %s\n", FormatTime(event.record_time()).c_str(),
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
    return true;
  });
}

}  // namespace

Status ShowStatus(Session& session) {
  ASSIGN_OR_RETURN(const auto response, session.Call<GetStatusResponse>(kOperator, GetStatusRequest()));
  nlohmann::ordered_json list = nlohmann::json::array();
  Table table({"SERVICE", "PARTITION", "EVENTS", "LAST EVENT", "PENDING EFFECTS", "COMMANDS", "FEEDS"});
  for (const PartitionStatus& partition : response.partitions()) {
    std::string feeds;
    nlohmann::ordered_json feed_list = nlohmann::json::array();
    for (const FeedStatus& feed : partition.feeds()) {
      feeds += (feeds.empty() ? "" : ", ") + feed.source() + " at " + std::to_string(feed.checkpoint());
      if (feed.dead_letters() > 0) feeds += " (" + std::to_string(feed.dead_letters()) + " dead letters)";
      feed_list.push_back({{"source", feed.source()},
                           {"checkpoint", feed.checkpoint()},
                           {"dead_letters", feed.dead_letters()}});
    }
    list.push_back({{"service", partition.service()},
                    {"partition", partition.partition()},
                    {"events", partition.head()},
                    {"pending_effects", partition.pending_effects()},
                    {"commands", partition.commands()},
                    {"feeds", std::move(feed_list)}});
    table.Add({partition.service(), std::to_string(partition.partition()), std::to_string(partition.head()),
               partition.has_record_time() ? FormatTime(partition.record_time()) : "-",
               std::to_string(partition.pending_effects()), std::to_string(partition.commands()), feeds});
  }
  session.json() ? static_cast<void>(std::puts(list.dump(2).c_str())) : table.Print();
  return OkStatus();
}

Status ListEvents(Session& session, const EventsOptions& options) {
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

Status ShowStream(Session& session, const std::string& service, const std::string& aggregate,
                  const std::string& id) {
  ReadStreamRequest request;
  request.set_service(service);
  request.set_aggregate(aggregate);
  request.set_aggregate_id(id);
  ASSIGN_OR_RETURN(const auto response, session.Call<ReadStreamResponse>(kOperator, request));
  for (const EventRecord& event : response.events()) PrintEvent(service, event, session.json());
  return OkStatus();
}

Status ShowJourney(Session& session, const std::string& order_id) {
  order::v1::GetOrderJourneyRequest request;
  request.set_order_id(order_id);
  ASSIGN_OR_RETURN(const auto response, session.Call<order::v1::GetOrderJourneyResponse>(kOperator, request));
  PrintJourney(response.journey(), session.json());
  return OkStatus();
}

}  // namespace souk::ctl
