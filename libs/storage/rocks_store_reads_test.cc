#include <rocksdb/cache.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "libs/storage/rocks_store.h"
#include "libs/storage/temporary_folder.h"

namespace souk {

// As of a command that comes for the first time. Were the filter of a table read as a whole,
// a store would become slow as soon as there are more filters than room in the cache.
TEST_CASE("looking for a row that is not there reads little, however large the tables are") {
  constexpr int kRows = 200'000;
  constexpr int kLookups = 1'000;
  constexpr std::uint64_t kBytesEachMax = std::uint64_t{16} << 10;
  TemporaryFolder folder;
  RocksStore::Options options;
  options.block_cache = rocksdb::NewLRUCache(std::size_t{256} << 10, /*num_shard_bits=*/0);
  const auto key = [](int i) {
    return std::to_string(static_cast<unsigned>(i) * 2654435761U) + "/" + std::to_string(i);
  };
  {
    const auto store = RocksStore::Open(folder.path() + "/store", options).value();
    for (int i = 0; i < kRows;) {
      Batch batch;
      for (const int end = i + 1000; i < end; ++i) batch.Put(ColumnFamily::kRequests, key(i), "row");
      REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kBuffered)).ok());
    }
  }
  const auto store = RocksStore::Open(folder.path() + "/store", options).value();
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  int found = 0;
  for (int i = 0; i < kLookups; ++i) {
    found += store->Get(ColumnFamily::kRequests, key(kRows + i)).value().has_value();
  }
  const std::uint64_t read = rocksdb::get_perf_context()->block_read_byte;
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  CHECK(found == 0);
  INFO(read / kLookups << " bytes for each");
  CHECK(read > 0);  // The cache is too small for everything, or the test tests nothing.
  CHECK(read < kLookups * kBytesEachMax);
}

}  // namespace souk
