// Backups of one store in a folder of their own. Each is whole; tables that several have are
// kept once (RocksDB's incremental backup engine). Blocks; not for the thread that serves.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "libs/base/status.h"
#include "libs/storage/rocks_store.h"

namespace souk {

struct StoreBackup {
  std::uint32_t id = 0;
  std::uint64_t bytes = 0;
  std::uint32_t files = 0;
};

// Adds a backup to `folder`, which is made when it is missing. `progress` is called after
// every 4 MiB. One at a time.
StatusOr<StoreBackup> CreateStoreBackup(const RocksStore& store, const std::string& folder,
                                        std::function<void()> progress);

// Deletes a backup, and what no other has.
Status DeleteStoreBackup(const std::string& folder, std::uint32_t id);

// Reads all files of a backup and compares their checksums. DATA_LOSS, with the file, when
// one is damaged or missing; NOT_FOUND when there is no such backup.
Status VerifyStoreBackup(const std::string& folder, std::uint32_t id);

// Makes a store in `target` from a backup; `target` must not exist, or be empty.
Status RestoreStoreBackup(const std::string& folder, std::uint32_t id, const std::string& target);

}  // namespace souk
