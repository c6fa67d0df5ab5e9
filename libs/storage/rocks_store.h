// The real store: RocksDB, one column family for each of ours, one write-ahead log for all.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/storage/store.h"

namespace souk {

class RocksStore final : public Store {
 public:
  struct Options {
    rocksdb::Env* env = nullptr;  // Another file system, for tests. Must outlive the store.
    std::size_t write_buffer_bytes = std::size_t{16} << 20;
  };

  // Opens or makes the store in the folder `path`. DATA_LOSS, with the file, when it is
  // damaged anywhere but in the torn end of the last write-ahead log.
  static StatusOr<std::unique_ptr<RocksStore>> Open(const std::string& path, Options options);
  ~RocksStore() override;

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override;
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override;
  // Blocks until it is done. After the first error every later write is UNAVAILABLE: nobody
  // knows what the disk has, and a sync is never tried again.
  Task<Status> Write(Batch batch, Durability durability) override;

 private:
  RocksStore() = default;

  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, std::size(kColumnFamilies)> families_{};
  std::atomic<bool> failed_ = false;
};

}  // namespace souk
