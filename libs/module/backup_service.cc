#include "libs/module/backup_service.h"

#include <filesystem>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <system_error>

#include "libs/runtime/run_on.h"
#include "libs/telemetry/log.h"

namespace souk {

using admin::v1::BackupSet;
using admin::v1::CreateBackupRequest;
using admin::v1::CreateBackupResponse;

namespace {

constexpr absl::Duration kReportEvery = absl::Milliseconds(200);

// What a backup needs on its own thread, should the caller go away meanwhile.
struct BackupWork {
  std::string folder;
  std::uint32_t keep = 0;
  BackupSource source;
  BackupProgress progress;
};

StatusOr<BackupSet> Perform(BackupWork& work) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BackupFolder> folder, BackupFolder::OpenToWrite(work.folder));
  ASSIGN_OR_RETURN(BackupSet set, folder->Create(work.source, work.progress));
  if (work.keep > 0) RETURN_IF_ERROR(folder->Prune(work.keep));
  return set;
}

Task<> RunBackup(Strand& copier, Scheduler& loop, std::shared_ptr<BackupWork> work,
                 std::optional<StatusOr<BackupSet>>& result) {
  StatusOr<BackupSet> performed = co_await RunOn(copier, loop, [work] { return Perform(*work); });
  result.emplace(std::move(performed));
}

// Sets a flag while it lives.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  ~Flag() { flag_ = false; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
};

}  // namespace

BackupService::BackupService(std::string data_dir, Scheduler& loop, const Clock& clock)
    : data_dir_(std::move(data_dir)), loop_(loop), clock_(clock) {}

std::string BackupService::CopyFolder(const std::string& service) const {
  return data_dir_ + "/" + service + "/backup_copy";
}

void BackupService::Add(const std::string& service, const RocksStore& store) {
  sources_.push_back({service, &store});
  std::error_code error;
  std::filesystem::remove_all(CopyFolder(service), error);
}

void BackupService::AddTo(rpc::Router& router) {
  router.Add<&BackupService::CreateBackup>(*this, rpc::kOperators);
}

StatusOr<BackupSource> BackupService::CopyStores() const {
  BackupSource source{.data_dir = data_dir_, .time = clock_.Now()};
  const absl::Time start = absl::Now();
  std::vector<std::unique_lock<std::shared_mutex>> pauses;
  for (const Source& one : sources_) pauses.push_back(one.store->PauseWrites());
  for (const Source& one : sources_) {
    RETURN_IF_ERROR(one.store->CopyTo(CopyFolder(one.service)));
    source.stores.push_back({.service = one.service, .folder = CopyFolder(one.service)});
    source.file_folders.push_back(one.service + "/files");
  }
  source.pause = absl::Now() - start;
  return source;
}

void BackupService::RemoveCopies() const {
  std::error_code error;
  for (const Source& one : sources_) std::filesystem::remove_all(CopyFolder(one.service), error);
}

Task<Status> BackupService::CreateBackup(rpc::CallContext, CreateBackupRequest request,
                                         rpc::Writer<CreateBackupResponse> out) {
  if (request.request_id().empty()) co_return InvalidField("request_id", "is required");
  if (!request.folder().starts_with("/")) co_return InvalidField("folder", "must be an absolute path");
  if ((request.folder() + "/").starts_with(data_dir_ + "/")) {
    co_return InvalidField("folder", "must not be in the data folder");
  }
  if (running_) co_return FailedPrecondition("a backup is under way; wait for it");
  const Flag running(running_);
  RemoveCopies();  // Of a backup that failed.
  StatusOr<BackupSource> source = CopyStores();
  const auto work = std::make_shared<BackupWork>();
  work->folder = request.folder();
  work->keep = request.keep();
  std::optional<StatusOr<BackupSet>> result;
  TaskScope scope;
  if (source.ok()) {
    work->source = *std::move(source);
    work->source.request_id = request.request_id();
    scope.Spawn(RunBackup(copier_, loop_, work, result));
  } else {
    result.emplace(source.status());
  }
  while (!result.has_value()) {
    co_await Sleep(loop_, kReportEvery);
    CreateBackupResponse response;
    response.set_doing(work->progress.doing());
    response.set_bytes(work->progress.bytes());
    // Whether or not somebody still listens: what is begun is brought to its end.
    if (!out.cancelled() && !result.has_value()) static_cast<void>(co_await out.Write(std::move(response)));
  }
  RemoveCopies();
  const BackupSet set = co_await Try(*std::move(result));
  telemetry::Log(telemetry::Level::kInfo, "backup taken",
                 {{"folder", request.folder()},
                  {"backup", std::to_string(set.id())},
                  {"bytes", std::to_string(set.bytes())},
                  {"pause", absl::FormatDuration(work->source.pause)}});
  CreateBackupResponse response;
  *response.mutable_backup() = set;
  co_return co_await out.Write(std::move(response));
}

}  // namespace souk
