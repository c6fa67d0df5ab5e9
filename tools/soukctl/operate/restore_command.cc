#include "tools/soukctl/operate/restore_command.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "libs/backup/backup_folder.h"
#include "libs/base/uuid.h"
#include "libs/cli/completion.h"
#include "libs/kafka/kafka_broker.h"
#include "libs/messaging/log_restore.h"
#include "libs/rpc/event_loop.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/rocks_store.h"
#include "tools/soukctl/operate/backup_commands.h"
#include "tools/soukctl/operate/kafka_options.h"
#include "tools/soukctl/progress.h"

namespace souk::ctl {
namespace {

struct RestoreOptions : KafkaOptions {
  bool from_kafka = false;
  std::string from_backup;  // A folder.
  std::uint32_t backup = 0;
  std::string data_dir;
  std::vector<std::string> services = {"cart", "catalog", "notification", "order", "payment", "shipping"};
  std::string master_key;
  std::string files_from;  // A folder of backups.
};

// One service while it is made again.
struct Restored {
  std::unique_ptr<LogRestore> restore;
  std::unique_ptr<RocksStore> store;
};

class KafkaRestorer {
 public:
  explicit KafkaRestorer(const RestoreOptions& options) : options_(options) {}

  Status Run() {
    ASSIGN_OR_RETURN(const kafka::ClientSettings settings, ClientSettingsOf(options_));
    ASSIGN_OR_RETURN(broker_, kafka::KafkaBroker::Open(settings, loop_));
    // Everything that can be wrong with the topics from afar, before the folder is made.
    for (const std::string& service : options_.services) {
      Restored& one = services_[service];
      one.restore = std::make_unique<LogRestore>(service, RandomIds().NewId(), *broker_);
      RETURN_IF_ERROR(loop_.Wait(one.restore->Begin()));
      for (const std::uint64_t end : one.restore->ends()) entries_ += end;
    }
    ASSIGN_OR_RETURN(const auto folder, DataFolder::OpenToRestore(options_.data_dir, "a restoration"));
    RETURN_IF_ERROR(FillStores());
    RETURN_IF_ERROR(BringFiles());
    services_.clear();  // Closes the stores.
    return folder->EndRestore();
  }

  std::uint64_t entries() const { return entries_; }

 private:
  Status FillStores() {
    Progress progress("restore", "events", static_cast<std::int64_t>(entries_));
    std::int64_t done = 0;
    std::map<std::string, LogEnds> ends;
    for (auto& [service, one] : services_) {
      const std::string place = options_.data_dir + "/" + service;
      std::error_code error;
      std::filesystem::create_directories(place, error);
      if (error) return FailedPrecondition("cannot make %s: %s", place, error.message());
      ASSIGN_OR_RETURN(one.store, RocksStore::Open(place + "/store", {}));
      const auto tell = [&, name = service](std::uint64_t entries) {
        done += static_cast<std::int64_t>(entries);
        progress.Update(done, name);
      };
      RETURN_IF_ERROR(loop_.Wait(one.restore->Fill(*one.store, tell)));
      ends[service] = one.restore->ends();
    }
    for (auto& [service, one] : services_) {
      RETURN_IF_ERROR(loop_.Wait(MoveBackCheckpoints(*one.store, ends)));
    }
    return OkStatus();
  }

  Status BringFiles() {
    if (options_.files_from.empty()) return OkStatus();
    ASSIGN_OR_RETURN(const auto backups, BackupFolder::OpenToRead(options_.files_from));
    ASSIGN_OR_RETURN(const admin::v1::BackupSet set, backups->Find(options_.backup));
    BackupProgress progress;
    return backups->RestoreFiles(set, options_.data_dir, progress);
  }

  const RestoreOptions& options_;
  rpc::EventLoop loop_;
  std::unique_ptr<kafka::KafkaBroker> broker_;
  std::map<std::string, Restored> services_;
  std::uint64_t entries_ = 0;
};

Status RestoreFromKafka(const RestoreOptions& options, bool json) {
  KafkaRestorer restorer(options);
  RETURN_IF_ERROR(ExplainBroker(restorer.Run(), options));
  const std::string services = absl::StrJoin(options.services, ",");
  if (json) {
    const nlohmann::ordered_json line = {{"data", options.data_dir}, {"events", restorer.entries()}};
    std::puts(line.dump().c_str());
  } else {
    std::printf("Restored %s from Kafka into %s: %llu events, all verified.\n", services.c_str(),
                options.data_dir.c_str(), static_cast<unsigned long long>(restorer.entries()));
    if (options.files_from.empty()) {
      std::puts("Photos and mails in files are in no topic: --files-from brings those of a backup.");
    }
  }
  return PlaceMasterKey(options.master_key, options.data_dir, json);
}

Status RestoreFromBackup(const RestoreOptions& options, bool json) {
  return RestoreBackup({.folder = options.from_backup,
                        .backup = options.backup,
                        .data_dir = options.data_dir,
                        .master_key = options.master_key},
                       json);
}

}  // namespace

void AddRestoreCommand(CLI::App& app, std::function<Status(Session&)>& run) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* const command =
      app.add_subcommand("restore", "Make a lost data folder again, from Kafka or from a backup");
  command->add_option("--data", options->data_dir, "The data folder to make; empty, or missing")
      ->type_name(cli::kFolder)
      ->required();
  CLI::Option_group* const from = command->add_option_group("Where from");
  CLI::Option* const kafka = from->add_flag("--from-kafka", options->from_kafka,
                                            "From the topics of a store that ran with kafka.log_topic");
  from->add_option("--from-backup", options->from_backup, "From the last backup in this folder")
      ->type_name(cli::kFolder);
  from->require_option(1);
  command->add_option("--backup", options->backup, "The number of another backup than the last")
      ->check(cli::Count());
  command
      ->add_option("--service", options->services,
                   "Only this service, whose process has a folder of its own; several are fine")
      ->type_name("SERVICE")
      ->needs(kafka)
      ->default_str("all");
  AddKafkaOptions(*command, *options);
  command
      ->add_option("--files-from", options->files_from,
                   "Bring files, such as photos, of the last backup here")
      ->type_name(cli::kFolder)
      ->needs(kafka);
  command->add_option("--master-key", options->master_key, "The master.key file to put into the folder")
      ->type_name(cli::kFile);
  command->callback([options, &run] {
    run = [options](Session& session) {
      return options->from_kafka ? RestoreFromKafka(*options, session.json())
                                 : RestoreFromBackup(*options, session.json());
    };
  });
}

}  // namespace souk::ctl
