#include "libs/backup/backup_folder.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "libs/backup/files.h"
#include "libs/base/proto_time.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/store_backup.h"

namespace souk {

using admin::v1::BackupFile;
using admin::v1::BackupSet;
using admin::v1::BackupStore;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kStoreProgressBytes = std::uint64_t{4} << 20;  // As store_backup.h tells.

StatusOr<std::uint32_t> PartitionsOf(const Store& store, const std::string& service) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store.Get(ColumnFamily::kMeta, "partitions"));
  std::uint32_t partitions = 0;
  if (!stored.has_value() || !absl::SimpleAtoi(*stored, &partitions)) {
    return DataLoss("the store of %s does not say how many partitions it has", service);
  }
  return partitions;
}

// The logs are whole and end where the set says.
Status CheckLogs(const Store& store, const BackupStore& expected) {
  for (int i = 0; i < expected.heads_size(); ++i) {
    ASSIGN_OR_RETURN(const std::uint64_t entries, EventLog(store, static_cast<std::uint32_t>(i)).Verify());
    if (entries != expected.heads(i)) {
      return DataLoss("the log of %s, partition %d, has %d entries instead of %d", expected.service(), i,
                      entries, expected.heads(i));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<BackupFolder>> BackupFolder::OpenToWrite(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<DataFolder> lock, DataFolder::Open(path, "a backup"));
  for (const char* const folder : {"/sets", "/stores", "/blobs"}) {
    std::error_code error;
    fs::create_directories(path + folder, error);
    if (error) return FailedPrecondition("cannot make %s%s: %s", path, folder, error.message());
  }
  return std::unique_ptr<BackupFolder>(new BackupFolder(path, std::move(lock)));
}

StatusOr<std::unique_ptr<BackupFolder>> BackupFolder::OpenToRead(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path + "/sets", error)) {
    return NotFound("%s has no backups; make one with soukctl backup create", path);
  }
  return std::unique_ptr<BackupFolder>(new BackupFolder(path, nullptr));
}

std::string BackupFolder::BlobPath(const std::string& sha256) const {
  return path_ + "/blobs/" + sha256.substr(0, 2) + "/" + sha256;
}

std::string BackupFolder::SetPath(std::uint32_t id) const {
  return absl::StrFormat("%s/sets/%06d.json", path_, id);
}

StatusOr<BackupSet> BackupFolder::Create(const BackupSource& source, BackupProgress& progress) {
  ASSIGN_OR_RETURN(const std::vector<BackupSet> earlier, List());
  for (const BackupSet& one : earlier) {
    if (!source.request_id.empty() && one.request_id() == source.request_id) return one;
  }
  BackupSet set;
  set.set_request_id(source.request_id);
  set.set_id(earlier.empty() ? 1 : earlier.back().id() + 1);
  *set.mutable_create_time() = ToProto(source.time);
  set.mutable_pause()->set_seconds(absl::ToInt64Seconds(source.pause));
  set.mutable_pause()->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(source.pause % absl::Seconds(1))));
  set.set_souk_version(SOUK_VERSION);
  std::uint64_t bytes = 0;
  for (const BackupSource::StoreCopy& copy : source.stores) {
    progress.Begin(copy.service);
    ASSIGN_OR_RETURN(*set.add_stores(), AddStore(copy, progress, bytes));
  }
  // After the stores: whatever they name is there.
  for (const std::string& folder : source.file_folders) {
    progress.Begin(folder);
    RETURN_IF_ERROR(AddFiles(source, folder, progress, set));
  }
  for (const BackupFile& file : set.files()) bytes += file.bytes();
  set.set_bytes(bytes);
  RETURN_IF_ERROR(WriteSet(set));
  return set;
}

StatusOr<BackupStore> BackupFolder::AddStore(const BackupSource::StoreCopy& copy, BackupProgress& progress,
                                             std::uint64_t& bytes) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RocksStore> store,
                   RocksStore::Open(copy.folder, {.compact = false}));
  BackupStore result;
  result.set_service(copy.service);
  ASSIGN_OR_RETURN(const std::uint32_t partitions, PartitionsOf(*store, copy.service));
  for (std::uint32_t i = 0; i < partitions; ++i) {
    ASSIGN_OR_RETURN(const EventLog::Head head, EventLog(*store, i).ReadHead());
    result.add_heads(head.position);
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> incarnation,
                   store->Get(ColumnFamily::kMeta, "incarnation"));
  result.set_incarnation(incarnation.value_or(""));
  ASSIGN_OR_RETURN(const StoreBackup backup, CreateStoreBackup(*store, StoreFolder(copy.service),
                                                               [&] { progress.Add(kStoreProgressBytes); }));
  result.set_store_backup(backup.id);
  bytes += backup.bytes;
  return result;
}

Status BackupFolder::AddFiles(const BackupSource& source, const std::string& folder, BackupProgress& progress,
                              BackupSet& set) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(source.data_dir + "/" + folder, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file(error)) paths.push_back(it->path().string().substr(source.data_dir.size() + 1));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Internal("cannot list %s/%s: %s", source.data_dir, folder, error.message());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    const std::string from = source.data_dir + "/" + path;
    StatusOr<FileDigest> digest = DigestOf(from);
    if (absl::IsNotFound(digest.status())) continue;  // Removed since it was listed.
    RETURN_IF_ERROR(digest.status());
    const std::string blob = BlobPath(digest->sha256);
    if (!fs::exists(blob, error)) {
      const Status copied = CopyFile(from, blob, *digest);
      if (absl::IsNotFound(copied)) continue;  // Likewise.
      RETURN_IF_ERROR(copied);
    }
    BackupFile& file = *set.add_files();
    file.set_path(path);
    file.set_sha256(digest->sha256);
    file.set_bytes(digest->bytes);
    progress.Add(digest->bytes);
  }
  return OkStatus();
}

Status BackupFolder::WriteSet(const BackupSet& set) const {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  if (const auto written = google::protobuf::util::MessageToJsonString(set, &json, options); !written.ok()) {
    return Internal("cannot write a set: %s", written.ToString());
  }
  return WriteFile(SetPath(set.id()), json);
}

StatusOr<std::vector<BackupSet>> BackupFolder::List() const {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ + "/sets", error)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  }
  if (error) return Internal("cannot list %s/sets: %s", path_, error.message());
  std::sort(paths.begin(), paths.end());
  std::vector<BackupSet> sets;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::string json, ReadFile(path));
    if (!google::protobuf::util::JsonStringToMessage(json, &sets.emplace_back()).ok()) {
      return DataLoss("%s is damaged", path);
    }
  }
  return sets;
}

StatusOr<BackupSet> BackupFolder::Find(std::uint32_t id) const {
  ASSIGN_OR_RETURN(const std::vector<BackupSet> sets, List());
  if (id == 0 && !sets.empty()) return sets.back();
  for (const BackupSet& set : sets) {
    if (set.id() == id) return set;
  }
  if (sets.empty()) return NotFound("%s has no backup that is whole", path_);
  return NotFound("%s has no backup %d; it has %d to %d", path_, id, sets.front().id(), sets.back().id());
}

Status BackupFolder::Verify(const BackupSet& set, BackupProgress& progress) const {
  for (const BackupStore& store : set.stores()) {
    progress.Begin(store.service());
    RETURN_IF_ERROR(VerifyStoreBackup(StoreFolder(store.service()), store.store_backup()));
  }
  progress.Begin("files");
  for (const BackupFile& file : set.files()) {
    const StatusOr<FileDigest> digest = DigestOf(BlobPath(file.sha256()));
    if (!digest.ok()) return DataLoss("%s is missing: %s", file.path(), digest.status().message());
    if (digest->sha256 != file.sha256())
      return DataLoss("%s, kept as %s, is damaged", file.path(), file.sha256());
    progress.Add(digest->bytes);
  }
  return OkStatus();
}

Status BackupFolder::Restore(const BackupSet& set, const std::string& target, const std::string& incarnation,
                             BackupProgress& progress) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<DataFolder> folder,
                   DataFolder::OpenToRestore(target, "a restoration"));
  for (const BackupStore& store : set.stores()) {
    progress.Begin(store.service());
    const std::string path = target + "/" + store.service() + "/store";
    RETURN_IF_ERROR(RestoreStoreBackup(StoreFolder(store.service()), store.store_backup(), path));
    ASSIGN_OR_RETURN(const std::unique_ptr<RocksStore> restored, RocksStore::Open(path, {}));
    RETURN_IF_ERROR(CheckLogs(*restored, store));
    Batch batch;
    batch.Put(ColumnFamily::kMeta, "incarnation", incarnation);
    RETURN_IF_ERROR(SyncWait(restored->Write(std::move(batch), Durability::kSynced)));
  }
  RETURN_IF_ERROR(RestoreFiles(set, target, progress));
  return folder->EndRestore();
}

Status BackupFolder::RestoreFiles(const BackupSet& set, const std::string& target,
                                  BackupProgress& progress) const {
  progress.Begin("files");
  for (const BackupFile& file : set.files()) {
    const FileDigest digest{.sha256 = file.sha256(), .bytes = file.bytes()};
    RETURN_IF_ERROR(CopyFile(BlobPath(file.sha256()), target + "/" + file.path(), digest));
    progress.Add(file.bytes());
  }
  return OkStatus();
}

Status BackupFolder::Prune(std::uint32_t keep) {
  ASSIGN_OR_RETURN(std::vector<BackupSet> sets, List());
  const std::size_t surplus = sets.size() - std::min<std::size_t>(sets.size(), keep);
  std::set<std::string> needed;
  for (std::size_t i = surplus; i < sets.size(); ++i) {
    for (const BackupFile& file : sets[i].files()) needed.insert(file.sha256());
  }
  std::error_code error;
  for (std::size_t i = 0; i < surplus; ++i) {
    fs::remove(SetPath(sets[i].id()), error);  // First: what is listed is whole.
    for (const BackupStore& store : sets[i].stores()) {
      RETURN_IF_ERROR(DeleteStoreBackup(StoreFolder(store.service()), store.store_backup()));
    }
    for (const BackupFile& file : sets[i].files()) {
      if (!needed.contains(file.sha256())) fs::remove(BlobPath(file.sha256()), error);
    }
  }
  return OkStatus();
}

}  // namespace souk
