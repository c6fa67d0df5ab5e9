#include "libs/backup/backup_folder.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "libs/eventsourcing/engine.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/rocks_store.h"
#include "libs/storage/temporary_folder.h"
#include "libs/testing/counter.h"
#include "libs/testing/run_to_end.h"
#include "libs/testing/spec.h"

namespace souk {
namespace {

namespace fs = std::filesystem;
using testing::Counter;
using testing::CounterId;

std::string ReadText(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A data folder with one service, "counters", and its engine.
class Shop {
 public:
  Shop(std::string data_dir, std::string new_incarnation)
      : data_dir_(std::move(data_dir)),
        store_(RocksStore::Open(data_dir_ + "/counters/store", {}).value()),
        engine_({.service = "counters", .new_incarnation = std::move(new_incarnation)}, scheduler_, clock_,
                *store_) {
    engine_.Register<Counter>();
    REQUIRE(SyncWait(engine_.Start()).ok());
  }

  // Opens the counter if need be, and adds one.
  void Count(const std::string& id) {
    Execute(id, testing::Open{.owner = "ann"}, "open-" + id);
    Execute(id, testing::Add{.amount = 1}, "add-" + std::to_string(++additions_) + "-" + id);
  }
  std::int64_t ValueOf(const std::string& id) {
    return engine_.Read<Counter>(CounterId::Of(id)).value()->value();
  }
  std::string Hash() { return StateHash(*store_).value(); }
  std::vector<std::string> EventIds(const std::string& id) {
    std::vector<std::string> ids;
    const auto events = engine_.ReadStream<Counter>(CounterId::Of(id)).value();
    for (const auto& event : events) ids.push_back(event.event_id());
    return ids;
  }
  void WriteFile(const std::string& name, const std::string& content) {
    fs::create_directories(data_dir_ + "/counters/files/media");
    std::ofstream(data_dir_ + "/counters/files/media/" + name) << content;
  }

  StatusOr<admin::v1::BackupSet> BackUp(const std::string& folder, std::string request_id = "") {
    const std::string copy = data_dir_ + "/counters/backup_copy";
    REQUIRE(store_->CopyTo(copy).ok());
    BackupProgress progress;
    auto backups = BackupFolder::OpenToWrite(folder);
    if (!backups.ok()) return backups.status();
    auto set = (*backups)->Create({.stores = {{.service = "counters", .folder = copy}},
                                   .data_dir = data_dir_,
                                   .file_folders = {"counters/files"},
                                   .time = clock_.Now(),
                                   .request_id = std::move(request_id)},
                                  progress);
    fs::remove_all(copy);
    return set;
  }

 private:
  template <typename Command>
  void Execute(const std::string& id, Command command, std::string request_id) {
    CommandMetadata metadata;
    metadata.request_id = std::move(request_id);
    CHECK(testing::RunToEnd(scheduler_, engine_.Execute<Counter>(CounterId::Of(id), std::move(command),
                                                                 std::move(metadata)))
              .ok());
  }

  const std::string data_dir_;
  SimScheduler scheduler_{1};
  ManualClock clock_{testing::Noon()};
  std::unique_ptr<RocksStore> store_;
  Engine engine_;
  int additions_ = 0;
};

struct Place {
  TemporaryFolder folder;
  std::string data = folder.path() + "/data";
  std::string backups = folder.path() + "/backups";
  std::string restored = folder.path() + "/restored";
  BackupProgress progress;

  Place() { fs::create_directories(data + "/counters"); }

  Status Restore(std::uint32_t id, const std::string& incarnation = "i-2") {
    const auto read = BackupFolder::OpenToRead(backups).value();
    return read->Restore(read->Find(id).value(), restored, incarnation, progress);
  }
  Status Verify(std::uint32_t id) {
    const auto read = BackupFolder::OpenToRead(backups).value();
    return read->Verify(read->Find(id).value(), progress);
  }
};

TEST_CASE("a restored folder has the state of the backup and goes on from there") {
  Place place;
  std::string hash;
  {
    Shop shop(place.data, "i-1");
    shop.Count("c-1");
    shop.Count("c-1");
    shop.WriteFile("abc", "a picture");
    hash = shop.Hash();
    const auto set = shop.BackUp(place.backups);
    INFO(set.status().ToString());
    REQUIRE(set.ok());
    CHECK(set->id() == 1);
    CHECK(set->stores(0).heads(0) == 3);
    CHECK(set->stores(0).incarnation() == "i-1");
    shop.Count("c-1");  // Not in the backup.
  }
  CHECK(place.Verify(1).ok());
  const Status restored = place.Restore(1);
  INFO(restored.ToString());
  REQUIRE(restored.ok());
  CHECK(ReadText(place.restored + "/counters/files/media/abc") == "a picture");
  Shop again(place.restored, "unused");
  CHECK(again.Hash() == hash);
  CHECK(again.ValueOf("c-1") == 2);
  again.Count("c-1");
  CHECK(again.ValueOf("c-1") == 2);  // The first addition's request id: it has happened.
}

TEST_CASE("what happens after a restoration has other ids than what happened after the backup") {
  Place place;
  std::vector<std::string> lost;
  {
    Shop shop(place.data, "i-1");
    shop.Count("c-1");
    REQUIRE(shop.BackUp(place.backups).ok());
    shop.Count("c-2");
    lost = shop.EventIds("c-2");
  }
  REQUIRE(place.Restore(0).ok());
  Shop again(place.restored, "unused");
  again.Count("c-2");
  const std::vector<std::string> ids = again.EventIds("c-2");
  REQUIRE(ids.size() == lost.size());
  for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] != lost[i]);
}

TEST_CASE("backups are listed in order, share what they have in common, and are pruned") {
  Place place;
  Shop shop(place.data, "i-1");
  for (int i = 1; i <= 3; ++i) {
    shop.Count("c-1");
    shop.WriteFile("picture-" + std::to_string(i), "picture " + std::to_string(i));
    REQUIRE(shop.BackUp(place.backups).ok());
  }
  const auto write = BackupFolder::OpenToWrite(place.backups).value();
  REQUIRE(write->List()->size() == 3);
  CHECK(write->List()->back().files_size() == 3);
  CHECK(absl::IsFailedPrecondition(shop.BackUp(place.backups).status()));  // Somebody writes already.
  REQUIRE(write->Prune(2).ok());
  REQUIRE(write->List()->size() == 2);
  CHECK(write->List()->front().id() == 2);
  CHECK(absl::IsNotFound(write->Find(1).status()));
  for (std::uint32_t id : {2U, 3U}) CHECK(place.Verify(id).ok());
  REQUIRE(place.Restore(2).ok());
  CHECK(fs::exists(place.restored + "/counters/files/media/picture-2"));
  CHECK(!fs::exists(place.restored + "/counters/files/media/picture-3"));
}

TEST_CASE("a backup of which a file was changed or is gone is not restored in silence") {
  Place place;
  {
    Shop shop(place.data, "i-1");
    shop.Count("c-1");
    shop.WriteFile("abc", "a picture");
    REQUIRE(shop.BackUp(place.backups).ok());
  }
  const std::string sha256 = BackupFolder::OpenToRead(place.backups).value()->Find(1)->files(0).sha256();
  const std::string blob = place.backups + "/blobs/" + sha256.substr(0, 2) + "/" + sha256;
  SECTION("changed") { std::ofstream(blob) << "another picture"; }
  SECTION("gone") { fs::remove(blob); }
  const Status verified = place.Verify(1);
  CHECK(absl::IsDataLoss(verified));
  CHECK(verified.message().find("counters/files/media/abc") != std::string::npos);
  CHECK(!place.Restore(1).ok());
  // What is half there is no data folder.
  CHECK(absl::IsFailedPrecondition(DataFolder::Open(place.restored, "test").status()));
}

TEST_CASE("a folder that has something is not restored into, but for a master key") {
  Place place;
  {
    Shop shop(place.data, "i-1");
    shop.Count("c-1");
    REQUIRE(shop.BackUp(place.backups).ok());
  }
  fs::create_directories(place.restored);
  SECTION("other files") {
    std::ofstream(place.restored + "/thesis.txt") << "years of work";
    CHECK(absl::IsFailedPrecondition(place.Restore(1)));
    CHECK(ReadText(place.restored + "/thesis.txt") == "years of work");
  }
  SECTION("data") {
    REQUIRE(place.Restore(1).ok());
    CHECK(absl::IsFailedPrecondition(place.Restore(1)));
  }
  SECTION("a master key") {
    std::ofstream(place.restored + "/master.key") << std::string(32, 'k');
    CHECK(place.Restore(1).ok());
    CHECK(ReadText(place.restored + "/master.key") == std::string(32, 'k'));
  }
}

TEST_CASE("a repeated request makes no second backup") {
  Place place;
  Shop shop(place.data, "i-1");
  shop.Count("c-1");
  CHECK(shop.BackUp(place.backups, "r-1")->id() == 1);
  shop.Count("c-1");
  CHECK(shop.BackUp(place.backups, "r-1")->id() == 1);
  CHECK(shop.BackUp(place.backups, "r-2")->id() == 2);
}

TEST_CASE("a folder without backups says so") {
  Place place;
  CHECK(absl::IsNotFound(BackupFolder::OpenToRead(place.data).status()));
}

}  // namespace
}  // namespace souk
