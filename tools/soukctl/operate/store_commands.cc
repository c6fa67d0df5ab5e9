#include "tools/soukctl/operate/store_commands.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "libs/cli/completion.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/rocks_store.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "souk/eventlog/v1/personal_data_service.pb.h"
#include "tools/soukctl/data_dir.h"
#include "tools/soukctl/operate/status_command.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

using namespace admin::v1;     // NOLINT: requests and responses of one service.
using namespace eventlog::v1;  // NOLINT

namespace {

using Run = std::function<Status(Session&)>;

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

// Walks the hash chains of all logs of the running store. DATA_LOSS when something is wrong.
Status Verify(Session& session) {
  ASSIGN_OR_RETURN(const auto response, session.Call<VerifyLogResponse>(kOperator, VerifyLogRequest()));
  return Report({response.verifications().begin(), response.verifications().end()}, session.json());
}

// The same in a data folder that no process holds.
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

// The digests of all that is derived from the logs.
Status ShowStateHash(Session& session) {
  ASSIGN_OR_RETURN(const auto response, session.Call<GetStateHashResponse>(kOperator, GetStateHashRequest()));
  nlohmann::ordered_json hashes = nlohmann::json::object();
  for (const ServiceStateHash& hash : response.hashes()) {
    hashes[hash.service()] = hash.sha256();
    if (!session.json()) std::printf("%-12s %s\n", hash.service().c_str(), hash.sha256().c_str());
  }
  if (session.json()) std::puts(hashes.dump().c_str());
  return OkStatus();
}

// Makes everything in a data folder anew from the logs, by soukd --rebuild, and compares.
Status RebuildFolder(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::string soukd, FindSoukd());
  std::string before;
  {
    ASSIGN_OR_RETURN(const auto folder, DataFolder::Open(data_dir, "soukctl rebuild"));
    ASSIGN_OR_RETURN(before, HashOf(data_dir));
  }
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

Status Erase(Session& session, EraseSubjectRequest request) {
  request.set_request_id(RandomIds().NewId());
  ASSIGN_OR_RETURN(const auto response, session.Call<EraseSubjectResponse>(kOperator, request));
  if (session.json()) {
    const nlohmann::ordered_json line = {
        {"subject", request.subject()},
        {"services", std::vector<std::string>(response.services().begin(), response.services().end())}};
    std::puts(line.dump().c_str());
    return OkStatus();
  }
  std::printf("%s is erased in %s.\nBackups from before still have the keys: delete them.\n",
              request.subject().c_str(), absl::StrJoin(response.services(), ", ").c_str());
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

// `target`: "+3d", "2017-02-01", "2017-02-01T12:00:00Z" or "idle".
Status AdvanceTime(Session& session, const std::string& target) {
  absl::Time wanted = absl::InfinitePast();
  AdvanceTimeRequest request;
  if (target == "idle") {
    request.set_until_idle(true);
  } else if (target.starts_with('+')) {
    ASSIGN_OR_RETURN(const absl::Duration forward, ParseForward(target.substr(1)));
    request.set_seconds(absl::ToInt64Seconds(forward));
  } else {
    ASSIGN_OR_RETURN(wanted, ParseTimeText(target, "+3d, +2h30m, 2017-02-01, 2017-02-01T12:00:00Z or idle"));
    *request.mutable_time() = ToProto(wanted);
  }
  ASSIGN_OR_RETURN(const auto response, session.Call<AdvanceTimeResponse>(kOperator, request));
  const absl::Time reached = FromProto(response.time());
  if (request.has_time() && wanted < reached) {
    return FailedPrecondition("it is %s already; time does not go back",
                              absl::FormatTime(reached, absl::UTCTimeZone()));
  }
  const std::string time = absl::FormatTime(reached, absl::UTCTimeZone());
  if (session.json()) {
    const nlohmann::ordered_json line = {{"time", time}, {"timers_fired", response.timers_fired()}};
    std::puts(line.dump().c_str());
  } else {
    std::printf("%s, %llu timers fired\n", time.c_str(),
                static_cast<unsigned long long>(response.timers_fired()));
  }
  return OkStatus();
}

void AddVerify(CLI::App& app, Run& run) {
  CLI::App* const verify = app.add_subcommand("verify", "Walk the hash chains of all logs");
  auto data_dir = std::make_shared<std::string>();
  verify->add_option("--data", *data_dir, "A data folder that no process holds, instead of the running store")
      ->type_name(cli::kFolder);
  verify->callback([data_dir, &run] {
    run = [data_dir](Session& session) {
      return data_dir->empty() ? Verify(session) : VerifyFolder(*data_dir, session.json());
    };
  });
}

void AddRebuild(CLI::App& app, Run& run) {
  CLI::App* const rebuild = app.add_subcommand("rebuild", "Make everything anew from the logs, and compare");
  auto data_dir = std::make_shared<std::string>();
  rebuild->add_option("--data", *data_dir, "The data folder; no process may hold it")
      ->type_name(cli::kFolder)
      ->required();
  rebuild->callback([data_dir, &run] { run = [data_dir](Session&) { return RebuildFolder(*data_dir); }; });
}

void AddErase(CLI::App& app, Run& run) {
  CLI::App* const erase =
      app.add_subcommand("erase", "Make what is recorded of a person unreadable, for ever");
  auto request = std::make_shared<EraseSubjectRequest>();
  erase->add_option("subject", *request->mutable_subject(), "buyer/ID, seller/ID or guest/TOKEN")->required();
  erase->callback(
      [request, &run] { run = [request](Session& session) { return Erase(session, *request); }; });
}

void AddTime(CLI::App& app, Run& run) {
  CLI::App* const time = app.add_subcommand("time", "Show or move the store's clock")->require_subcommand(1);
  time->add_subcommand("show", "Show the time and the next timer")->callback([&run] { run = ShowTime; });
  CLI::App* const advance =
      time->add_subcommand("advance", "Move a manual clock forward, firing timers on the way");
  auto target = std::make_shared<std::string>();
  advance->add_option("to", *target, "+3d, +2h, 2017-02-01, 2017-02-01T12:00:00Z, or idle: to the last timer")
      ->required();
  advance->callback(
      [target, &run] { run = [target](Session& session) { return AdvanceTime(session, *target); }; });
}

}  // namespace

void AddStoreCommands(CLI::App& app, Run& run) {
  app.add_subcommand("status", "Show logs, publication, feeds and pending effects of every service")
      ->callback([&run] { run = ShowStatus; });
  AddVerify(app, run);
  app.add_subcommand("hash", "Print a digest of all that is derived from the logs")->callback([&run] {
    run = ShowStateHash;
  });
  AddRebuild(app, run);
  AddErase(app, run);
  AddTime(app, run);
}

}  // namespace souk::ctl
