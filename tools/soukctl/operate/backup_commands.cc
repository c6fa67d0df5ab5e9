#include "tools/soukctl/operate/backup_commands.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/backup/backup_folder.h"
#include "libs/backup/files.h"
#include "libs/base/uuid.h"
#include "libs/cli/completion.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

using admin::v1::BackupSet;
using admin::v1::BackupStore;
using admin::v1::CreateBackupRequest;
using admin::v1::CreateBackupResponse;

namespace {

namespace fs = std::filesystem;

using Run = std::function<Status(Session&)>;

constexpr absl::Duration kRedrawEvery = absl::Milliseconds(100);

std::string Size(std::uint64_t bytes) {
  if (bytes < 10'000) return absl::StrFormat("%d B", bytes);
  if (bytes < 10'000'000) return absl::StrFormat("%.1f kB", static_cast<double>(bytes) / 1e3);
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

std::string ServicesOf(const BackupSet& set) {
  std::string services;
  for (const BackupStore& store : set.stores()) services += (services.empty() ? "" : ",") + store.service();
  return services;
}

std::uint64_t EventsIn(const BackupSet& set) {
  std::uint64_t events = 0;
  for (const BackupStore& store : set.stores()) {
    for (const std::uint64_t head : store.heads()) events += head;
  }
  return events;
}

std::string ToJson(const BackupSet& set) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  return google::protobuf::util::MessageToJsonString(set, &json, options).ok() ? json : "{}\n";
}

void PrintJson(const BackupSet& set) { std::fputs(ToJson(set).c_str(), stdout); }

// Says on standard error what is being done: on a terminal in one line that changes,
// elsewhere in a line for each thing.
class Ticker {
 public:
  explicit Ticker(std::string task) : task_(std::move(task)), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Ticker() {
    if (terminal_ && !doing_.empty()) std::fputs("\n", stderr);
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  void Show(const std::string& doing, std::uint64_t bytes) {
    if (terminal_ && !doing.empty()) {
      std::fprintf(stderr, "\r\033[K%s: %s, %s", task_.c_str(), doing.c_str(), Size(bytes).c_str());
    } else if (doing != doing_) {
      std::fprintf(stderr, "%s: %s\n", task_.c_str(), doing.c_str());
    }
    doing_ = doing;
  }

 private:
  const std::string task_;
  const bool terminal_;
  std::string doing_;
};

// Runs `work` on a thread and shows how far it is.
Status WithTicker(const std::string& task, const std::function<Status(BackupProgress&)>& work) {
  BackupProgress progress;
  std::atomic<bool> done = false;
  Status result;
  std::thread worker([&] {
    result = work(progress);
    done = true;
  });
  {
    Ticker ticker(task);
    while (!done) {
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(kRedrawEvery));
      ticker.Show(progress.doing(), progress.bytes());
    }
  }
  worker.join();
  return result;
}

// Has the store at the session's address take a backup.
Status CreateBackup(Session& session, const BackupOptions& options) {
  if (session.has_several()) {
    return FailedPrecondition(
        "a backup is of one process, at one moment; take one of each: give the --address of one service at a "
        "time");
  }
  CreateBackupRequest request;
  request.set_folder(fs::absolute(options.folder).lexically_normal().string());
  request.set_keep(options.keep);
  request.set_request_id(RandomIds().NewId());
  auto stream = session.ClientFor(request).OpenStream<CreateBackupResponse>(
      request, session.OptionsFor("operator/soukctl"));
  BackupSet set;
  {
    Ticker ticker("backup");
    for (;;) {
      ASSIGN_OR_RETURN(const std::optional<CreateBackupResponse> response, stream.Read());
      if (!response.has_value()) break;
      if (response->has_backup()) set = response->backup();
      if (!response->has_backup()) ticker.Show(response->doing(), response->bytes());
    }
  }
  if (set.id() == 0) return Internal("the store made no backup");
  if (session.json()) {
    PrintJson(set);
    return OkStatus();
  }
  const absl::Duration pause = absl::Seconds(set.pause().seconds()) + absl::Nanoseconds(set.pause().nanos());
  std::printf(
      "Backup %d in %s: %s, %d events of %s; commands waited %s for it.\n"
      "It is without master.key: keep that file elsewhere, it is needed to restore.\n",
      set.id(), request.folder().c_str(), Size(set.bytes()).c_str(), static_cast<int>(EventsIn(set)),
      ServicesOf(set).c_str(), absl::FormatDuration(absl::Trunc(pause, absl::Microseconds(100))).c_str());
  return OkStatus();
}

// Needs no store, nor do those below: they read the folder.
Status ListBackups(const BackupOptions& options, bool json) {
  ASSIGN_OR_RETURN(const auto folder, BackupFolder::OpenToRead(options.folder));
  ASSIGN_OR_RETURN(const std::vector<BackupSet> sets, folder->List());
  Table table({"BACKUP", "TIME (UTC)", "EVENTS", "FILES", "SIZE", "SERVICES"});
  std::vector<std::string> list;
  for (const BackupSet& set : sets) {
    list.push_back(ToJson(set));
    table.Add({std::to_string(set.id()), TimeText(set.create_time()), std::to_string(EventsIn(set)),
               std::to_string(set.files_size()), Size(set.bytes()), ServicesOf(set)});
  }
  json ? static_cast<void>(std::printf("[%s]\n", absl::StrJoin(list, ",").c_str())) : table.Print();
  return OkStatus();
}

Status VerifyBackup(const BackupOptions& options, bool json) {
  ASSIGN_OR_RETURN(const auto folder, BackupFolder::OpenToRead(options.folder));
  ASSIGN_OR_RETURN(const BackupSet set, folder->Find(options.backup));
  RETURN_IF_ERROR(
      WithTicker("verify", [&](BackupProgress& progress) { return folder->Verify(set, progress); }));
  if (json) PrintJson(set);
  if (!json)
    std::printf("Backup %d of %s is whole: %s.\n", set.id(), TimeText(set.create_time()).c_str(),
                Size(set.bytes()).c_str());
  return OkStatus();
}

}  // namespace

void AddBackupCommands(CLI::App& app, Run& run) {
  auto options = std::make_shared<BackupOptions>();
  CLI::App* const backup =
      app.add_subcommand("backup", "Back up a running store, and restore")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* const command = backup->add_subcommand(name, help);
    command->add_option("folder", options->folder, "The folder of the backups")
        ->type_name(cli::kFolder)
        ->required();
    return command;
  };
  const auto choose = [&](CLI::App* command) {
    command->add_option("--backup", options->backup, "Its number; the last by default")->check(cli::Count());
  };
  CLI::App* const create = add("create", "Take a backup while the store serves; the store writes the folder");
  create->add_option("--keep", options->keep, "Delete the oldest but this many; keeps all by default")
      ->check(cli::Count());
  create->callback(
      [options, &run] { run = [options](Session& session) { return CreateBackup(session, *options); }; });
  add("list", "List the backups of a folder")->callback([options, &run] {
    run = [options](Session& session) { return ListBackups(*options, session.json()); };
  });
  CLI::App* const verify = add("verify", "Read all of a backup and compare it with its checksums");
  choose(verify);
  verify->callback([options, &run] {
    run = [options](Session& session) { return VerifyBackup(*options, session.json()); };
  });
  CLI::App* const restore = add("restore", "Make a data folder from a backup; no store needs to run");
  choose(restore);
  restore->add_option("--data", options->data_dir, "The data folder to make; empty, or missing")
      ->type_name(cli::kFolder)
      ->required();
  restore->add_option("--master-key", options->master_key, "The master.key file to put into it")
      ->type_name(cli::kFile);
  restore->callback([options, &run] {
    run = [options](Session& session) { return RestoreBackup(*options, session.json()); };
  });
}

Status RestoreBackup(const BackupOptions& options, bool json) {
  ASSIGN_OR_RETURN(const auto folder, BackupFolder::OpenToRead(options.folder));
  ASSIGN_OR_RETURN(const BackupSet set, folder->Find(options.backup));
  RandomIds ids;
  const std::string incarnation = ids.NewId();
  RETURN_IF_ERROR(WithTicker("restore", [&](BackupProgress& progress) {
    return folder->Restore(set, options.data_dir, incarnation, progress);
  }));
  if (json) PrintJson(set);
  if (!json) {
    std::printf("Restored backup %d of %s into %s: %d events, all verified.\n", set.id(),
                TimeText(set.create_time()).c_str(), options.data_dir.c_str(),
                static_cast<int>(EventsIn(set)));
  }
  return PlaceMasterKey(options.master_key, options.data_dir, json);
}

Status PlaceMasterKey(const std::string& file, const std::string& data_dir, bool json) {
  const std::string place = data_dir + "/master.key";
  if (!file.empty()) {
    ASSIGN_OR_RETURN(const FileDigest digest, DigestOf(file));
    RETURN_IF_ERROR(CopyFile(file, place, digest));
    fs::permissions(place, fs::perms::owner_read | fs::perms::owner_write);
    return OkStatus();
  }
  if (!json && !fs::exists(place)) {
    std::printf(
        "Copy master.key from where you keep it to %s before you start the store:\n"
        "it is in no backup and no topic, and without it personal data cannot be read.\n",
        place.c_str());
  }
  return OkStatus();
}

}  // namespace souk::ctl
