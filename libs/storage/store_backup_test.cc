#include "libs/storage/store_backup.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "libs/storage/temporary_folder.h"

namespace souk {
namespace {

namespace fs = std::filesystem;

struct Place {
  TemporaryFolder folder;
  std::string path = folder.path();
  std::unique_ptr<RocksStore> store = RocksStore::Open(path + "/store", {}).value();

  void Put(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      Batch batch;
      batch.Put(ColumnFamily::kLog, absl::StrFormat("%06d", i), std::string(1000, 'x'));
      batch.Put(ColumnFamily::kMeta, "rows", std::to_string(i + 1));
      REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
    }
  }

  // Copies the store as it is and backs the copy up.
  StoreBackup BackUp() {
    const std::string copy = path + "/copy";
    REQUIRE(store->CopyTo(copy).ok());
    StoreBackup backup;
    {
      const auto copied = RocksStore::Open(copy, {.compact = false}).value();
      backup = CreateStoreBackup(*copied, path + "/backups", [] {}).value();
    }
    fs::remove_all(copy);
    return backup;
  }

  std::string RowsOf(std::uint32_t id) {
    const std::string target = path + "/restored";
    fs::remove_all(target);
    const Status restored = RestoreStoreBackup(path + "/backups", id, target);
    INFO(restored.ToString());
    REQUIRE(restored.ok());
    return RocksStore::Open(target, {}).value()->Get(ColumnFamily::kMeta, "rows").value().value_or("none");
  }
};

TEST_CASE("each backup is the store at its moment, while writing goes on") {
  Place place;
  place.Put(0, 10);
  const StoreBackup first = place.BackUp();
  place.Put(10, 5);
  const StoreBackup second = place.BackUp();
  place.Put(15, 1);
  CHECK(place.RowsOf(first.id) == "10");
  CHECK(place.RowsOf(second.id) == "15");
  CHECK(VerifyStoreBackup(place.path + "/backups", first.id).ok());
  CHECK(absl::IsNotFound(VerifyStoreBackup(place.path + "/backups", 99)));
}

TEST_CASE("a backup that is deleted takes nothing from the others") {
  Place place;
  place.Put(0, 10);
  const StoreBackup first = place.BackUp();
  place.Put(10, 5);
  const StoreBackup second = place.BackUp();
  REQUIRE(DeleteStoreBackup(place.path + "/backups", first.id).ok());
  CHECK(absl::IsNotFound(VerifyStoreBackup(place.path + "/backups", first.id)));
  CHECK(VerifyStoreBackup(place.path + "/backups", second.id).ok());
  CHECK(place.RowsOf(second.id) == "15");
}

TEST_CASE("a damaged backup is found, with the file") {
  Place place;
  place.Put(0, 100);
  const StoreBackup backup = place.BackUp();
  fs::path largest;
  for (const auto& entry : fs::recursive_directory_iterator(place.path + "/backups")) {
    if (entry.path().extension() != ".sst") continue;
    if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
  }
  REQUIRE(!largest.empty());
  std::fstream file(largest, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 2));
  file << "damage";
  file.close();
  const Status verified = VerifyStoreBackup(place.path + "/backups", backup.id);
  CHECK(absl::IsDataLoss(verified));
  CHECK(verified.ToString().find(largest.filename().string()) != std::string::npos);
}

TEST_CASE("writes wait while they are paused, and go on afterwards") {
  Place place;
  place.Put(0, 1);
  std::thread writer;
  {
    const auto pause = place.store->PauseWrites();
    writer = std::thread([&] { place.Put(1, 1); });
    CHECK(place.store->CopyTo(place.path + "/copy").ok());
    CHECK(place.store->Get(ColumnFamily::kMeta, "rows").value() == "1");
  }
  writer.join();
  CHECK(place.store->Get(ColumnFamily::kMeta, "rows").value() == "2");
}

}  // namespace
}  // namespace souk
