#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "libs/base/proto_time.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/rocks_store.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "tools/soukctl/commands.h"
#include "tools/soukctl/data_dir.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

using namespace admin::v1;     // NOLINT: requests and responses of one service.
using namespace eventlog::v1;  // NOLINT

namespace {

constexpr char kOperator[] = "operator/soukctl";

// Prints what was found; DATA_LOSS when there was a problem.
Status Report(const std::vector<LogVerification>& verifications, bool json) {
  nlohmann::ordered_json list = nlohmann::json::array();
  Table table({"SERVICE", "PARTITION", "ENTRIES", "RESULT"});
  std::string problem;
  for (const LogVerification& one : verifications) {
    if (!one.problem().empty()) problem = one.service() + ": " + one.problem();
    table.Add({one.service(), std::to_string(one.partition()), std::to_string(one.entries()),
               one.problem().empty() ? "ok" : one.problem()});
    list.push_back({{"service", one.service()},
                    {"partition", one.partition()},
                    {"entries", one.entries()},
                    {"problem", one.problem()}});
  }
  json ? static_cast<void>(std::puts(list.dump(2).c_str())) : table.Print();
  return problem.empty() ? OkStatus() : DataLoss("%s; restore the folder from a backup", problem);
}

StatusOr<std::vector<LogVerification>> VerifyService(const std::string& data_dir,
                                                     const std::string& service) {
  std::vector<LogVerification> verifications;
  const StatusOr<std::unique_ptr<RocksStore>> store =
      RocksStore::Open(data_dir + "/" + service + "/store", {});
  if (!store.ok()) {
    LogVerification& verification = verifications.emplace_back();
    verification.set_service(service);
    verification.set_problem(std::string(store.status().message()));
    return verifications;
  }
  ASSIGN_OR_RETURN(const std::uint32_t partitions, PartitionsOf(service, **store));
  for (std::uint32_t i = 0; i < partitions; ++i) {
    LogVerification& verification = verifications.emplace_back();
    verification.set_service(service);
    verification.set_partition(i);
    const StatusOr<std::uint64_t> checked = EventLog(**store, i).Verify();
    if (checked.ok()) verification.set_entries(*checked);
    if (!checked.ok()) verification.set_problem(std::string(checked.status().message()));
  }
  return verifications;
}

StatusOr<std::string> HashOf(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesIn(data_dir));
  std::string hashes;
  for (const std::string& service : services) {
    ASSIGN_OR_RETURN(const auto store, RocksStore::Open(data_dir + "/" + service + "/store", {}));
    ASSIGN_OR_RETURN(const std::string hash, StateHash(*store));
    hashes += service + " " + hash + "\n";
  }
  return hashes;
}

// The soukd that lies beside this program.
StatusOr<std::string> FindSoukd() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path soukd = self.parent_path() / "soukd";
  if (error || !std::filesystem::exists(soukd)) return NotFound("there is no soukd beside soukctl");
  return soukd.string();
}

StatusOr<absl::Duration> ParseForward(const std::string& text) {
  // absl knows hours and less.
  std::int64_t days = 0;
  absl::Duration duration;
  if (text.ends_with('d') && absl::SimpleAtoi(text.substr(0, text.size() - 1), &days))
    return absl::Hours(24) * days;
  if (absl::ParseDuration(text, &duration) && duration >= absl::ZeroDuration()) return duration;
  return InvalidArgument("\"+%s\" is no duration: say +3d, +2h30m or +45s", text);
}

}  // namespace

Status Verify(Session& session) {
  ASSIGN_OR_RETURN(const auto response, session.Call<VerifyLogResponse>(kOperator, VerifyLogRequest()));
  return Report({response.verifications().begin(), response.verifications().end()}, session.json());
}

Status VerifyFolder(const std::string& data_dir, bool json) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesIn(data_dir));
  ASSIGN_OR_RETURN(const auto folder, DataFolder::Open(data_dir, "soukctl verify"));
  std::vector<LogVerification> verifications;
  for (const std::string& service : services) {
    ASSIGN_OR_RETURN(const std::vector<LogVerification> found, VerifyService(data_dir, service));
    verifications.insert(verifications.end(), found.begin(), found.end());
  }
  return Report(verifications, json);
}

Status ShowStateHash(Session& session) {
  ASSIGN_OR_RETURN(const auto response, session.Call<GetStateHashResponse>(kOperator, GetStateHashRequest()));
  for (const ServiceStateHash& hash : response.hashes()) {
    std::printf("%-12s %s\n", hash.service().c_str(), hash.sha256().c_str());
  }
  return OkStatus();
}

Status RebuildFolder(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::string soukd, FindSoukd());
  ASSIGN_OR_RETURN(const std::string before, HashOf(data_dir));
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return Internal("cannot start %s", soukd);
  if (child == 0) {
    execl(soukd.c_str(), soukd.c_str(), "--rebuild", "--data", data_dir.c_str(), nullptr);
    _exit(127);
  }
  int result = 0;
  waitpid(child, &result, 0);
  if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
    return Internal("%s --rebuild failed; see above", soukd);
  ASSIGN_OR_RETURN(const std::string after, HashOf(data_dir));
  std::fputs(after.c_str(), stdout);
  if (before != after) return DataLoss("the rebuilt state differs from what was there:\n%s", before);
  std::puts("the same as before");
  return OkStatus();
}

Status ShowTime(Session& session) {
  ASSIGN_OR_RETURN(const auto now, session.Call<GetTimeResponse>(kOperator, GetTimeRequest()));
  const std::string due =
      now.has_next_due_time() ? absl::FormatTime(FromProto(now.next_due_time()), absl::UTCTimeZone()) : "";
  const std::string time = absl::FormatTime(FromProto(now.time()), absl::UTCTimeZone());
  if (session.json()) {
    const nlohmann::ordered_json line = {{"time", time}, {"manual", now.manual()}, {"next_due_time", due}};
    std::puts(line.dump().c_str());
  } else {
    std::printf("%s (%s clock)\nnext timer: %s\n", time.c_str(), now.manual() ? "manual" : "system",
                due.empty() ? "none" : due.c_str());
  }
  return OkStatus();
}

Status AdvanceTime(Session& session, const std::string& target) {
  AdvanceTimeRequest request;
  if (target == "idle") {
    request.set_until_idle(true);
  } else if (target.starts_with('+')) {
    ASSIGN_OR_RETURN(const absl::Duration forward, ParseForward(target.substr(1)));
    request.set_seconds(absl::ToInt64Seconds(forward));
  } else {
    ASSIGN_OR_RETURN(const absl::Time time,
                     ParseTimeText(target, "+3d, +2h30m, 2017-02-01, 2017-02-01T12:00:00Z or idle"));
    *request.mutable_time() = ToProto(time);
  }
  ASSIGN_OR_RETURN(const auto response, session.Call<AdvanceTimeResponse>(kOperator, request));
  std::printf("%s, %llu timers fired\n",
              absl::FormatTime(FromProto(response.time()), absl::UTCTimeZone()).c_str(),
              static_cast<unsigned long long>(response.timers_fired()));
  return OkStatus();
}

}  // namespace souk::ctl
