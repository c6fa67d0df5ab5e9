#include "tools/soukctl/operate/status_command.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "libs/base/proto_time.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {
namespace {

using eventlog::v1::FeedStatus;
using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::PartitionStatus;
using eventlog::v1::PublicationStatus;
using Json = nlohmann::ordered_json;

constexpr char kOperator[] = "operator/soukctl";

// Log entries that are still to be published.
std::uint64_t BehindOf(const PartitionStatus& partition, const PublicationStatus& publication) {
  return partition.head() - std::min(partition.head(), publication.position());
}

// Of the topic that is furthest behind; "-" when there is none.
std::string PublicationText(const PartitionStatus& partition) {
  if (partition.publications().empty()) return "-";
  std::uint64_t behind = 0;
  absl::Time held_up = absl::InfiniteFuture();
  for (const PublicationStatus& publication : partition.publications()) {
    behind = std::max(behind, BehindOf(partition, publication));
    if (publication.has_held_up_time()) held_up = std::min(held_up, FromProto(publication.held_up_time()));
  }
  const std::string text = behind == 0 ? "up to date" : absl::StrFormat("%d behind", behind);
  return held_up == absl::InfiniteFuture() ? text : text + ", held up since " + TimeText(ToProto(held_up));
}

Json PublicationJson(const PartitionStatus& partition) {
  Json list = Json::array();
  for (const PublicationStatus& publication : partition.publications()) {
    list.push_back(
        {{"topic", publication.topic()},
         {"position", publication.position()},
         {"behind", BehindOf(partition, publication)},
         {"held_up_since", publication.has_held_up_time()
                               ? absl::FormatTime(FromProto(publication.held_up_time()), absl::UTCTimeZone())
                               : ""},
         {"problem", publication.problem()}});
  }
  return list;
}

std::string FeedsText(const PartitionStatus& partition) {
  std::string feeds;
  for (const FeedStatus& feed : partition.feeds()) {
    feeds += (feeds.empty() ? "" : ", ") + feed.source() + " at " + std::to_string(feed.checkpoint());
    if (feed.dead_letters() > 0) feeds += " (" + std::to_string(feed.dead_letters()) + " dead letters)";
  }
  return feeds;
}

Json FeedsJson(const PartitionStatus& partition) {
  Json list = Json::array();
  for (const FeedStatus& feed : partition.feeds()) {
    list.push_back({{"source", feed.source()},
                    {"checkpoint", feed.checkpoint()},
                    {"dead_letters", feed.dead_letters()}});
  }
  return list;
}

void PrintTable(const GetStatusResponse& status) {
  Table table({"SERVICE", "PARTITION", "EVENTS", "LAST EVENT", "PENDING EFFECTS", "COMMANDS", "PUBLICATION",
               "FEEDS"});
  for (const PartitionStatus& partition : status.partitions()) {
    table.Add({partition.service(), std::to_string(partition.partition()), std::to_string(partition.head()),
               partition.has_record_time() ? TimeText(partition.record_time()) : "-",
               std::to_string(partition.pending_effects()), std::to_string(partition.commands()),
               PublicationText(partition), FeedsText(partition)});
  }
  table.Print();
}

void PrintJson(const GetStatusResponse& status) {
  Json list = Json::array();
  for (const PartitionStatus& partition : status.partitions()) {
    list.push_back({{"service", partition.service()},
                    {"partition", partition.partition()},
                    {"events", partition.head()},
                    {"pending_effects", partition.pending_effects()},
                    {"commands", partition.commands()},
                    {"publication", PublicationJson(partition)},
                    {"feeds", FeedsJson(partition)}});
  }
  std::puts(list.dump(2).c_str());
}

}  // namespace

Status ShowStatus(Session& session) {
  ASSIGN_OR_RETURN(const auto status, session.Call<GetStatusResponse>(kOperator, GetStatusRequest()));
  session.json() ? PrintJson(status) : PrintTable(status);
  return OkStatus();
}

}  // namespace souk::ctl
