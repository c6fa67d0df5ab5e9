// A folder of backups. Each is a *set*: the stores of all services of a process at one
// moment, and the files beside them. Sets share what they have in common.
//
//   sets/000007.json      one set; written last, so that what is listed is whole
//   stores/order/         backups of the store of a service; see libs/storage/store_backup.h
//   blobs/ab/abcd...      files, by the SHA-256 of their content
//
// The master key of the data folder is in no backup: with it in the same place personal
// data would be readable by whoever has the backup. Keep it elsewhere.
//
// Everything here blocks; not for the thread that serves.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/mutex.h"
#include "libs/base/status.h"
#include "libs/storage/data_folder.h"
#include "souk/admin/v1/backup_service.pb.h"

namespace souk {

// How far a backup or a restoration is. Thread-safe.
class BackupProgress {
 public:
  void Begin(std::string doing) {
    const MutexLock lock(mutex_);
    doing_ = std::move(doing);
  }
  void Add(std::uint64_t bytes) { bytes_ += bytes; }

  std::string doing() const {
    const MutexLock lock(mutex_);
    return doing_;
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  mutable Mutex mutex_;
  std::string doing_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> bytes_ = 0;
};

// What to back up.
struct BackupSource {
  // A copy of a store (RocksStore::CopyTo), which belongs to the backup from now on.
  struct StoreCopy {
    std::string service;
    std::string folder;
  };
  std::vector<StoreCopy> stores;
  std::string data_dir;                   // Where the files are,
  std::vector<std::string> file_folders;  // in these folders, such as "catalog/files".
  absl::Time time;
  absl::Duration pause;
  std::string request_id;  // Of which there is one backup at most; "": any number.
};

class BackupFolder {
 public:
  // For Create: makes the folder when it is missing. FAILED_PRECONDITION when it has other
  // content, or somebody else writes into it.
  static StatusOr<std::unique_ptr<BackupFolder>> OpenToWrite(const std::string& path);
  // For the rest. NOT_FOUND when there are no backups.
  static StatusOr<std::unique_ptr<BackupFolder>> OpenToRead(const std::string& path);

  // The backup that was made for the same request before, or a new one.
  StatusOr<admin::v1::BackupSet> Create(const BackupSource& source, BackupProgress& progress);
  // Deletes the oldest sets but `keep`.
  Status Prune(std::uint32_t keep);

  // All sets, oldest first.
  StatusOr<std::vector<admin::v1::BackupSet>> List() const;
  // The set of that number; the last when `id` is 0.
  StatusOr<admin::v1::BackupSet> Find(std::uint32_t id) const;

  // Reads everything that a set has and compares it with its checksums. DATA_LOSS, with the
  // file, when something is damaged.
  Status Verify(const admin::v1::BackupSet& set, BackupProgress& progress) const;

  // Makes the data folder `target` of a set, and verifies its logs. FAILED_PRECONDITION when
  // there is something in `target` but a master key. The logs begin a new incarnation: what
  // happened after the backup was made has not happened.
  Status Restore(const admin::v1::BackupSet& set, const std::string& target, const std::string& incarnation,
                 BackupProgress& progress) const;
  // Only the files that are beside the stores, into a data folder whose stores come from elsewhere.
  Status RestoreFiles(const admin::v1::BackupSet& set, const std::string& target,
                      BackupProgress& progress) const;

 private:
  BackupFolder(std::string path, std::unique_ptr<DataFolder> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string StoreFolder(const std::string& service) const { return path_ + "/stores/" + service; }
  std::string BlobPath(const std::string& sha256) const;
  std::string SetPath(std::uint32_t id) const;
  StatusOr<admin::v1::BackupStore> AddStore(const BackupSource::StoreCopy& copy, BackupProgress& progress,
                                            std::uint64_t& bytes);
  Status AddFiles(const BackupSource& source, const std::string& folder, BackupProgress& progress,
                  admin::v1::BackupSet& set);
  Status WriteSet(const admin::v1::BackupSet& set) const;

  const std::string path_;
  const std::unique_ptr<DataFolder> lock_;  // Null when it is only read.
};

}  // namespace souk
