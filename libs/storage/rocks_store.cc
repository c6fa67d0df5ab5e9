#include "libs/storage/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

namespace souk {
namespace {

Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return OkStatus();
  if (status.IsCorruption()) return DataLoss("%s", status.ToString());
  return Internal("%s", status.ToString());
}

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Shared by all stores of the process, so that six services need no more than one.
const std::shared_ptr<rocksdb::Cache>& SharedBlockCache() {
  static const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(std::size_t{32} << 20);
  return cache;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksStore::Options& options) {
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // Most look-ups of requests miss.
  table.block_cache = SharedBlockCache();
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.memtable_prefix_bloom_size_ratio = 0.05;
  family.memtable_whole_key_filtering = true;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

rocksdb::DBOptions DatabaseOptions(const RocksStore::Options& options) {
  rocksdb::DBOptions database;
  if (options.env != nullptr) database.env = options.env;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  // Accepts a record that was being written when the power went, at the end of the last
  // log; anything else that is damaged stops the start.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  database.track_and_verify_wals_in_manifest = true;
  database.max_total_wal_size = std::uint64_t{64} << 20;
  database.db_write_buffer_size = std::size_t{32} << 20;
  database.max_background_jobs = 2;
  database.keep_log_file_num = 2;
  database.max_log_file_size = std::size_t{1} << 20;
  database.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  return database;
}

}  // namespace

StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const std::string& path, Options options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()}};
  for (const ColumnFamily family : kColumnFamilies)
    descriptors.emplace_back(NameOf(family), FamilyOptions(options));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(DatabaseOptions(options), path, descriptors, &handles, &db);
  if (!opened.ok()) {
    const Status status = ToStatus(opened);
    return Status(status.code(), "cannot open the store in " + path + ": " + opened.ToString());
  }
  std::unique_ptr<RocksStore> store(new RocksStore());
  store->db_.reset(db);
  db->DestroyColumnFamilyHandle(handles[0]);
  for (std::size_t i = 0; i < std::size(kColumnFamilies); ++i) store->families_[i] = handles[i + 1];
  return store;
}

RocksStore::~RocksStore() {
  for (rocksdb::ColumnFamilyHandle* const family : families_) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

StatusOr<std::optional<std::string>> RocksStore::Get(ColumnFamily family, std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), families_[static_cast<std::size_t>(family)], ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  RETURN_IF_ERROR(ToStatus(status));
  return std::optional<std::string>(std::move(value));
}

Status RocksStore::Scan(ColumnFamily family, const KeyRange& range, Direction direction,
                        absl::FunctionRef<bool(std::string_view, std::string_view)> row) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice lower = range.start;
  const rocksdb::Slice upper = range.end;
  options.iterate_lower_bound = &lower;
  if (!range.end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(
      db_->NewIterator(options, families_[static_cast<std::size_t>(family)]));
  if (direction == Direction::kForward) {
    for (it->Seek(lower); it->Valid() && row(ToView(it->key()), ToView(it->value())); it->Next()) {
    }
  } else {
    for (it->SeekToLast(); it->Valid() && row(ToView(it->key()), ToView(it->value())); it->Prev()) {
    }
  }
  return ToStatus(it->status());
}

Task<Status> RocksStore::Write(Batch batch, Durability durability) {
  if (failed_) co_return Unavailable("the store stopped after a write that failed");
  rocksdb::WriteBatch writes;
  for (const Batch::Entry& entry : batch.entries()) {
    rocksdb::ColumnFamilyHandle* const family = families_[static_cast<std::size_t>(entry.family)];
    if (entry.value.has_value()) {
      writes.Put(family, entry.key, *entry.value);
    } else {
      writes.Delete(family, entry.key);
    }
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  const Status status = ToStatus(db_->Write(options, &writes));
  if (!status.ok()) failed_ = true;
  co_return status;
}

}  // namespace souk
