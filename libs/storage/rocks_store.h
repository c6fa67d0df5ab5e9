// The real store: RocksDB, one column family for each of ours, one write-ahead log for all.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/storage/store.h"
#include "libs/storage/wal_guard.h"

namespace souk {

class RocksStore final : public Store {
 public:
  struct Options {
    rocksdb::Env* env = nullptr;  // Another file system, for tests. Must outlive the store.
    std::shared_ptr<rocksdb::Cache> block_cache = nullptr;   // By default one for all stores of the process.
    std::size_t write_buffer_bytes = std::size_t{16} << 20;  // Of each column family.
    std::uint64_t wal_bytes_max = std::uint64_t{64} << 20;   // Bounds what a start replays.
    bool compact = true;                                     // Tidies up in the background.
  };

  // Opens or makes the store in the folder `path`. DATA_LOSS, with the file, when it is
  // damaged: only writes that nobody was told of may be missing. FAILED_PRECONDITION when
  // somebody else has it open.
  static StatusOr<std::unique_ptr<RocksStore>> Open(const std::string& path, Options options);
  // Opens a store that nobody writes, such as a backup: not a byte of its folder is changed,
  // and Write is FAILED_PRECONDITION. Writes that the power cut short are left out; other
  // damage of the write-ahead logs is not looked for. NOT_FOUND when there is no store.
  static StatusOr<std::unique_ptr<RocksStore>> OpenReadOnly(const std::string& path);
  ~RocksStore() override;

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override;
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override;
  // Blocks until it is done. After the first error every later write is UNAVAILABLE: nobody
  // knows what the disk has, and a sync is never tried again.
  Task<Status> Write(Batch batch, Durability durability) override;
  Status Health() const override;

  // Holds back the writes of all threads while the result lives.
  [[nodiscard]] std::unique_lock<std::shared_mutex> PauseWrites() const { return std::unique_lock(writes_); }
  // Makes a store with the present content in `folder`, which must not exist and be on the
  // same file system. Quick: tables are linked, only the logs are copied.
  Status CopyTo(const std::string& folder) const;
  // For store_backup.h.
  rocksdb::DB& database() const { return *db_; }

  // What opening cut off the write-ahead logs, for the log of the process; "" when nothing.
  const std::string& repair() const { return guard_->repair(); }

 private:
  class Failure;
  RocksStore(rocksdb::Env& env, std::shared_ptr<WalGuard> guard);
  // The database, opened, and the handles of RocksDB's own column family and ours.
  void Take(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles);

  mutable std::shared_mutex writes_;  // Shared by writes.
  const std::shared_ptr<WalGuard> guard_;
  const std::unique_ptr<rocksdb::Env> env_;  // The guard as RocksDB wants it.
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, std::size(kColumnFamilies)> families_{};
  bool read_only_ = false;
  const std::shared_ptr<Failure> failure_;  // Shared with RocksDB's threads.
  std::atomic<std::uint64_t> durable_ = 0;  // All sequence numbers up to it are on the disk.
};

}  // namespace souk
