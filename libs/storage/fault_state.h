// What a FaultDisk knows of its files: how far each is synced, and which changes of folders
// are not. Changes are made to the real files at once and undone when the power fails.
#pragma once

#include <rocksdb/io_status.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "libs/base/mutex.h"
#include "libs/storage/fault_fs.h"

namespace souk {

class FaultState {
 public:
  // A file, wherever it is now.
  struct File {
    std::string path;
    std::uint64_t written = 0;      // Bytes.
    std::uint64_t synced = 0;       // Of these.
    std::uint64_t size_synced = 0;  // Of the file, with room for more.
  };
  using FilePtr = std::shared_ptr<File>;

  // `root` is an existing folder.
  FaultState(const std::string& root, std::uint64_t seed);
  ~FaultState();

  // False for what lies outside, and for RocksDB's log for humans.
  bool Covers(const std::string& path) const;

  // Counts an operation; the error is what it must end with.
  enum class Needs { kNothing, kSpace };
  rocksdb::IOStatus Step(Needs needs = Needs::kNothing);
  // The error of anything that is not counted.
  rocksdb::IOStatus Power() const;

  // The file that is about to be made at `path`; makes room for it.
  FilePtr Create(const std::string& path);
  // The file that is there, or is about to be made.
  FilePtr Reopen(const std::string& path);
  rocksdb::IOStatus Rename(const std::string& from, const std::string& to);
  rocksdb::IOStatus Delete(const std::string& path);
  void Appended(const FilePtr& file, std::uint64_t bytes);
  void Truncated(const FilePtr& file, std::uint64_t size);
  std::uint64_t Written(const FilePtr& file) const;
  rocksdb::IOStatus Sync(const FilePtr& file);
  rocksdb::IOStatus SyncFolder(const std::string& path);

  void FailAt(std::uint64_t point, FaultDisk::Fault fault);
  std::uint64_t points() const;
  bool struck() const;
  void FailSyncs(bool fail);
  void Crash(FaultDisk::Keep keep);

 private:
  // A change of a folder that was not synced. `from` empty: a creation; `to` empty: a
  // removal. `buried` is what lay at `to`, or was removed; null when nothing was.
  struct Change {
    std::string from;
    std::string to;
    FilePtr buried;
  };

  FilePtr Find(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FilePtr Bury(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Move(const FilePtr& file, const std::string& to) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoseBytes(const File& file, FaultDisk::Keep keep) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Undo(const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t Random(std::uint64_t n) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return random_() % n; }

  const std::string root_;
  const std::string graveyard_;  // Where removed files wait until their folder is synced.

  mutable Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t points_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t fail_at_ ABSL_GUARDED_BY(mutex_) = 0;
  FaultDisk::Fault fault_ ABSL_GUARDED_BY(mutex_) = FaultDisk::Fault::kPowerOff;
  bool off_ ABSL_GUARDED_BY(mutex_) = false;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  bool fail_syncs_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, FilePtr> files_ ABSL_GUARDED_BY(mutex_);  // By path.
  std::vector<Change> changes_ ABSL_GUARDED_BY(mutex_);           // Oldest first.
  std::uint64_t graves_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace souk
