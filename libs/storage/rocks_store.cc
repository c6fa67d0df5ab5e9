#include "libs/storage/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "libs/base/mutex.h"
#include "libs/storage/rocks_log.h"
#include "libs/storage/wal_scan.h"

namespace souk {
namespace {

Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return OkStatus();
  if (status.IsCorruption()) return DataLoss("%s", status.ToString());
  if (status.IsNoSpace())
    return Internal("the disk is full; make space and start again (%s)", status.ToString());
  return Internal("%s", status.ToString());
}

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Of a write batch, and of what it notes on the voucher.
constexpr std::size_t kBatchHeaderBytesMax = 32;

// Memtables of one column family that are put into a table together.
constexpr int kShortMemtables = 8;
// Buckets of a hashed memtable of 2 MiB, which holds about 20,000 requests.
constexpr std::size_t kBuckets = 8192;

// All of a stream's key but the revision.
class StreamOfKey final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "souk.StreamOfKey"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - sizeof(std::uint64_t)};
  }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > sizeof(std::uint64_t); }
};

// What a hashed memtable hashes: all of the key. Of no other concern to anybody: tables have no
// filters of prefixes, only those of keys.
class WholeKey final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "souk.WholeKey"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return key; }
  bool InDomain(const rocksdb::Slice&) const override { return false; }
};

// Shared by all stores of the process, so that six services need no more than one.
const std::shared_ptr<rocksdb::Cache>& SharedBlockCache() {
  // Few threads read, so that few shards will do; in many there would be no room for a block
  // that is large.
  static const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(std::size_t{32} << 20, /*num_shard_bits=*/2);
  return cache;
}

rocksdb::ColumnFamilyOptions FamilyOptions(ColumnFamily of, const RocksStore::Options& options) {
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = options.block_cache != nullptr ? options.block_cache : SharedBlockCache();
  table.cache_index_and_filter_blocks = true;  // So that the cache bounds them too.
  // Each look-up of a request asks a filter at a random place: it must not need more than a
  // piece of it. A filter of a large table as a whole would not even fit into the cache.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 4096;
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.disable_auto_compactions = !options.compact;
  if (of == ColumnFamily::kRequests || of == ColumnFamily::kStreams) {  // Most look-ups of them miss.
    family.memtable_prefix_bloom_size_ratio = 0.02;  // 16 bits for each of the rows we have.
    family.memtable_whole_key_filtering = true;
  }
  if (of == ColumnFamily::kLog) {  // Each row comes behind all others of its partition.
    family.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(sizeof(std::uint32_t)));
  }
  if (of == ColumnFamily::kStreams) {  // And behind all others of its stream.
    family.memtable_insert_with_hint_prefix_extractor = std::make_shared<StreamOfKey>();
  }
  if (of == ColumnFamily::kStreams || of == ColumnFamily::kRequests) {
    // Many small rows in no order: into a short list that the processor's cache holds, several
    // of which make a table.
    family.write_buffer_size = options.write_buffer_bytes / kShortMemtables;
    family.min_write_buffer_number_to_merge = kShortMemtables;
    family.max_write_buffer_number = kShortMemtables + 2;
  }
  if (of == ColumnFamily::kRequests) {  // Nobody asks for a range of them.
    family.prefix_extractor = std::make_shared<WholeKey>();
    family.memtable_factory.reset(rocksdb::NewHashLinkListRepFactory(kBuckets, /*huge_page_tlb_size=*/0,
                                                                     /*bucket_entries_logging_threshold=*/0));
  }
  family.arena_block_size = std::min(std::size_t{256} << 10, family.write_buffer_size / 8);
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

rocksdb::DBOptions DatabaseOptions(const std::string& path, rocksdb::Env& env, std::uint64_t wal_bytes_max,
                                   std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions database;
  database.env = &env;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  // The guard repairs what a power failure does; whatever else is wrong stops the start.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  database.track_and_verify_wals_in_manifest = true;
  database.recycle_log_file_num = 0;
  database.avoid_flush_during_recovery = false;  // What is recovered is durable: vouchers rely on it.
  database.max_bgerror_resume_count = 0;         // Never goes on after an error of the disk: see Failure.
  database.max_total_wal_size = wal_bytes_max;
  database.db_write_buffer_size = std::size_t{32} << 20;
  database.max_background_jobs = 2;
  database.allow_concurrent_memtable_write = false;  // What waits is in one batch already.
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  database.info_log = MakeRocksLog(path);
  database.listeners.push_back(std::move(listener));
  return database;
}

// An environment whose files are seen through the guard.
class GuardedEnv final : public rocksdb::EnvWrapper {
 public:
  GuardedEnv(rocksdb::Env& target, std::shared_ptr<rocksdb::FileSystem> guard) : EnvWrapper(&target) {
    file_system_ = std::move(guard);
    system_clock_ = target.GetSystemClock();
  }
};

// Names the first table of the store that is damaged; "" when none is. RocksDB reads tables
// while it reads the MANIFEST, and says only that the latter could not be read.
std::string DamagedTable(const std::string& path, rocksdb::Env& env) {
  std::vector<std::string> files;
  if (!env.GetChildren(path, &files).ok()) return "";
  std::sort(files.begin(), files.end());
  rocksdb::Options options;
  options.env = &env;
  for (const std::string& file : files) {
    if (!file.ends_with(".sst")) continue;
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(path + "/" + file);
    if (status.ok()) status = reader.VerifyChecksum();
    if (status.IsCorruption()) return file;
  }
  return "";
}

Status OpenError(const std::string& path, rocksdb::Env& env, const rocksdb::Status& opened) {
  std::string text = "cannot open the store in " + path + ": " + opened.ToString();
  if (opened.IsCorruption()) {
    const std::string table = DamagedTable(path, env);
    if (!table.empty()) text += "; the table " + table + " is damaged";
  }
  // RocksDB has no code of its own for a lock that somebody holds.
  if (opened.IsIOError() && text.find(path + "/LOCK") != std::string::npos) {
    return FailedPrecondition("the store in %s is in use: %s", path, opened.ToString());
  }
  if (opened.IsInvalidArgument()) return FailedPrecondition("%s", text);
  return Status(ToStatus(opened).code(), text);
}

// RocksDB's own column family, which is empty, and ours.
std::vector<rocksdb::ColumnFamilyDescriptor> Descriptors(const RocksStore::Options& options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions()}};
  for (const ColumnFamily family : kColumnFamilies)
    descriptors.emplace_back(NameOf(family), FamilyOptions(family, options));
  return descriptors;
}

}  // namespace

// The first error that came up, in a write or in background work.
class RocksStore::Failure final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    Note(ToStatus(*error));
  }
  // RocksDB would wait for space and go on, which max_bgerror_resume_count does not stop.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* recover) override {
    *recover = false;
  }
  void Note(Status error) {
    const MutexLock lock(mutex_);
    if (!failed_) error_ = std::move(error);
    failed_ = true;
  }
  bool failed() const { return failed_; }
  Status error() const {
    const MutexLock lock(mutex_);
    return error_;
  }

 private:
  mutable Mutex mutex_;
  Status error_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> failed_ = false;
};

StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const std::string& path, Options options) {
  rocksdb::Env& env = options.env != nullptr ? *options.env : *rocksdb::Env::Default();
  std::unique_ptr<RocksStore> store(
      new RocksStore(env, std::make_shared<WalGuard>(env.GetFileSystem(), path)));
  // RocksDB would make the folder too, but only after a warning that it is not there.
  store->env_->CreateDirIfMissing(path).PermitUncheckedError();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(DatabaseOptions(path, *store->env_, options.wal_bytes_max, store->failure_), path,
                        Descriptors(options), &handles, &db);
  if (!opened.ok()) return OpenError(path, *store->env_, opened);
  store->Take(db, handles);
  store->durable_ = db->GetLatestSequenceNumber();
  store->guard_->Disarm();
  return store;
}

StatusOr<std::unique_ptr<RocksStore>> RocksStore::OpenReadOnly(const std::string& path) {
  rocksdb::Env& env = *rocksdb::Env::Default();
  if (!env.FileExists(path + "/CURRENT").ok()) return NotFound("there is no store in %s", path);
  std::unique_ptr<RocksStore> store(
      new RocksStore(env, std::make_shared<WalGuard>(env.GetFileSystem(), path)));
  store->read_only_ = true;
  rocksdb::DBOptions database;  // Past the guard, which repairs.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.track_and_verify_wals_in_manifest = true;  // As they were written: RocksDB insists.
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(database, path, Descriptors(Options()), &handles, &db);
  if (!opened.ok()) return OpenError(path, env, opened);
  store->Take(db, handles);
  return store;
}

void RocksStore::Take(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  db_.reset(db);
  db->DestroyColumnFamilyHandle(handles[0]);
  for (std::size_t i = 0; i < std::size(kColumnFamilies); ++i) families_[i] = handles[i + 1];
}

RocksStore::RocksStore(rocksdb::Env& env, std::shared_ptr<WalGuard> guard)
    : guard_(std::move(guard)),
      env_(std::make_unique<GuardedEnv>(env, guard_)),
      failure_(std::make_shared<Failure>()) {}

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
  options.total_order_seek = true;  // Requests are hashed by key.
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
  if (read_only_) co_return FailedPrecondition("the store was opened to read only");
  if (failure_->failed())
    co_return Unavailable("the store stopped after an error: %s", failure_->error().message());
  const std::string voucher = MakeVoucher(durable_);
  // RocksDB's own notes on an entry are shorter than ours, so that this is enough.
  rocksdb::WriteBatch writes(batch.byte_size() + voucher.size() + kBatchHeaderBytesMax);
  writes.PutLogData(voucher);
  for (const Batch::Entry& entry : batch) {
    rocksdb::ColumnFamilyHandle* const family = families_[static_cast<std::size_t>(entry.family)];
    if (entry.value.has_value()) {
      writes.Put(family, ToSlice(entry.key), ToSlice(*entry.value));
    } else {
      writes.Delete(family, ToSlice(entry.key));
    }
  }
  const std::shared_lock lock(writes_);
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  // All up to here is in the log before this batch, and others may only come between: when
  // the sync is done, at least as many more sequence numbers are durable as this batch has.
  const std::uint64_t durable = db_->GetLatestSequenceNumber() + static_cast<std::uint64_t>(writes.Count());
  const Status status = ToStatus(db_->Write(options, &writes));
  if (!status.ok()) {
    failure_->Note(status);
  } else if (options.sync) {
    std::uint64_t known = durable_;
    while (known < durable && !durable_.compare_exchange_weak(known, durable)) {
    }
  }
  co_return status;
}

Status RocksStore::CopyTo(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Without a flush: it would leave many small tables behind.
  constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder, kNever);
  return ToStatus(status);
}

Status RocksStore::Health() const { return failure_->error(); }

}  // namespace souk
