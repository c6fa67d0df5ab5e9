#include "tools/soukctl/story/story_log.h"

#include <filesystem>
#include <optional>
#include <vector>

#include "absl/strings/str_format.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk::ctl {

using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;

namespace {

constexpr char kOperator[] = "operator/soukctl";

// More events of one service than this are counted by type.
constexpr std::size_t kListedMax = 6;

}  // namespace

void StoryLog::PrintList(const std::string& service,
                         const std::vector<std::pair<std::string, std::string>>& events) {
  std::map<std::string, int> counts;
  for (const auto& [type, id] : events) {
    ++counts[type];
    if (events.size() <= kListedMax) out_ << absl::StrFormat("      > %-12s %-28s %s\n", service, type, id);
  }
  if (events.size() <= kListedMax) return;
  for (const auto& [type, count] : counts) {
    out_ << absl::StrFormat("      > %-12s %-28s %d times\n", service, type, count);
  }
}

Status StoryLog::Begin() {
  ASSIGN_OR_RETURN(const auto status, store_.Call<GetStatusResponse>(kOperator, GetStatusRequest()));
  for (const auto& partition : status.partitions()) {
    positions_[{partition.service(), partition.partition()}] = partition.head();
  }
  return OkStatus();
}

void StoryLog::Chapter(std::string_view title) { out_ << '\n' << ++chapter_ << ". " << title << '\n'; }

void StoryLog::Say(const std::string& text) { out_ << "   " << text << '\n'; }

Status StoryLog::PrintEvents() {
  RETURN_IF_ERROR(store_.Call<admin::v1::SettleResponse>(kOperator, admin::v1::SettleRequest()).status());
  for (auto& [log, position] : positions_) {
    std::vector<std::pair<std::string, std::string>> events;  // Types and what they are about.
    ReadEventsRequest request;
    request.set_service(log.first);
    request.set_partition(log.second);
    request.set_after_position(position);
    RETURN_IF_ERROR(store_.ReadEvents(request, [&](const ReadEventsResponse& page) {
      position = page.checkpoint();
      for (const auto& event : page.events()) {
        events.emplace_back(event.type().substr(event.type().rfind('.') + 1), event.aggregate_id());
      }
      return true;
    }));
    PrintList(log.first, events);
  }
  PrintMails();
  out_.flush();
  return OkStatus();
}

void StoryLog::PrintMails() {
  std::error_code error;
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(mail_dir_, error)) {
    if (entry.path().extension() == ".eml") found.insert(entry.path().string());
  }
  for (const std::string& mail : found) {
    if (mails_.insert(mail).second) out_ << "      @ mail " << mail << '\n';
  }
}

}  // namespace souk::ctl
