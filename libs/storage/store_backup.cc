#include "libs/storage/store_backup.h"

#include <rocksdb/utilities/backup_engine.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace souk {
namespace {

constexpr std::uint64_t kProgressBytes = std::uint64_t{4} << 20;

Status ToStatus(const std::string& folder, const rocksdb::Status& status) {
  if (status.ok()) return OkStatus();
  if (status.IsNoSpace()) return Internal("the disk of %s is full (%s)", folder, status.ToString());
  if (status.IsNotFound()) return NotFound("no such backup in %s: %s", folder, status.ToString());
  if (status.IsCorruption()) return DataLoss("the backup in %s is damaged: %s", folder, status.ToString());
  return Internal("%s: %s", folder, status.ToString());
}

rocksdb::BackupEngineOptions Options(const std::string& folder) {
  rocksdb::BackupEngineOptions options(folder);
  options.callback_trigger_interval_size = kProgressBytes;
  return options;
}

StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenEngine(const std::string& folder) {
  rocksdb::BackupEngine* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngine::Open(rocksdb::Env::Default(), Options(folder), &engine);
  if (!opened.ok()) return ToStatus(folder, opened);
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenEngineReadOnly(const std::string& folder) {
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngineReadOnly::Open(rocksdb::Env::Default(), Options(folder), &engine);
  if (!opened.ok()) return ToStatus(folder, opened);
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

}  // namespace

StatusOr<StoreBackup> CreateStoreBackup(const RocksStore& store, const std::string& folder,
                                        std::function<void()> progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngine> engine, OpenEngine(folder));
  rocksdb::CreateBackupOptions options;
  options.progress_callback = std::move(progress);
  rocksdb::BackupID id = 0;
  RETURN_IF_ERROR(ToStatus(folder, engine->CreateNewBackup(options, &store.database(), &id)));
  rocksdb::BackupInfo info;
  RETURN_IF_ERROR(ToStatus(folder, engine->GetBackupInfo(id, &info)));
  return StoreBackup{.id = id, .bytes = info.size, .files = info.number_files};
}

Status DeleteStoreBackup(const std::string& folder, std::uint32_t id) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngine> engine, OpenEngine(folder));
  return ToStatus(folder, engine->DeleteBackup(id));
}

Status VerifyStoreBackup(const std::string& folder, std::uint32_t id) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine, OpenEngineReadOnly(folder));
  return ToStatus(folder, engine->VerifyBackup(id, /*verify_with_checksum=*/true));
}

Status RestoreStoreBackup(const std::string& folder, std::uint32_t id, const std::string& target) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine, OpenEngineReadOnly(folder));
  std::error_code error;
  std::filesystem::create_directories(target, error);
  if (error) return FailedPrecondition("cannot make %s: %s", target, error.message());
  return ToStatus(folder, engine->RestoreDBFromBackup(id, target, target));
}

}  // namespace souk
