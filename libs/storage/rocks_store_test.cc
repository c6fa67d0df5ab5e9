#include "libs/storage/rocks_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/mutex.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/fault_fs.h"
#include "libs/storage/temporary_folder.h"
#include "libs/storage/wal_scan.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void WriteFile(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// A store whose folder is left as a power failure would leave it.
struct Folder {
  // Whether files that crash have their room for more, as after a crash, or not, as after a
  // process on a file system that cannot make room.
  bool room = true;
  mutable FaultDisk disk{1};  // For its fast syncs.
  std::string path = disk.path() + "/store";

  StatusOr<std::unique_ptr<RocksStore>> Open(RocksStore::Options options = {}) const {
    options.env = disk.env();
    return RocksStore::Open(path, options);
  }

  // Writes `count` rows, each synced, and leaves the files as they are at that moment.
  void WriteAndCrash(int count, Durability durability = Durability::kSynced) {
    {
      const auto store = Open().value();
      for (int i = 0; i < count; ++i) {
        Batch batch;
        batch.Put(ColumnFamily::kLog, Key(i), std::string(100, static_cast<char>('a' + i % 26)));
        REQUIRE(SyncWait(store->Write(std::move(batch), durability)).ok());
      }
      disk.CrashAt(disk.points() + 1);
    }
    disk.Crash(FaultDisk::Keep::kEverything);
    if (durability == Durability::kSynced) REQUIRE(fs::file_size(LastLog()) == WalGuard::kRoom);
    if (!room) fs::resize_file(LastLog(), EndOf(LastLog()));
  }

  // The logs, oldest first.
  std::vector<std::string> Logs() const {
    std::vector<std::string> logs;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".log") logs.push_back(entry.path().string());
    }
    std::sort(logs.begin(), logs.end());
    return logs;
  }
  std::string LastLog() const { return Logs().back(); }
  // Where the last record of a log ends.
  static std::size_t EndOf(const std::string& log) { return ScanWal(ReadFile(log), std::nullopt).good_end; }

  int CountRows() const {
    const auto store = Open().value();
    int rows = 0;
    CHECK(store
              ->Scan(ColumnFamily::kLog, {}, Direction::kForward,
                     [&](std::string_view key, std::string_view) {
                       CHECK(key == Key(rows++));
                       return true;
                     })
              .ok());
    return rows;
  }

  static std::string Key(int i) {
    const std::string digits = std::to_string(i);
    return std::string(6 - digits.size(), '0') + digits;
  }
};

// Changes the bytes of a file.
template <typename Change>
void Damage(const std::string& file, Change change) {
  std::string bytes = ReadFile(file);
  change(bytes);
  WriteFile(file, bytes);
}

void CheckRefused(const Folder& folder, const std::string& file) {
  for (int again = 0; again < 2; ++again) {  // Refusing must not change anything.
    const Status status = folder.Open().status();
    INFO(status.ToString());
    CHECK(absl::IsDataLoss(status));
    CHECK(status.message().find(file) != std::string::npos);
  }
}

constexpr std::size_t kRecordSize = 7 + 12 + 2 + 12 + 3 + 6 + 1 + 100 + 1;  // About.

}  // namespace

TEST_CASE("what was written is there after reopening") {
  Folder folder;
  for (int i = 0; i < 3; ++i) {
    const auto store = folder.Open().value();
    CHECK(store->repair().empty());
    Batch batch;
    for (const ColumnFamily family : kColumnFamilies) batch.Put(family, Folder::Key(i), NameOf(family));
    REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
    for (const ColumnFamily family : kColumnFamilies) {
      for (int j = 0; j <= i; ++j) CHECK(store->Get(family, Folder::Key(j)).value() == NameOf(family));
    }
  }
}

TEST_CASE("what was written is there after a crash") {
  Folder folder;
  folder.WriteAndCrash(400, GENERATE(Durability::kSynced, Durability::kBuffered));
  CHECK(folder.CountRows() == 400);
}

TEST_CASE("a scan of the write-ahead log agrees with RocksDB on every record") {
  Folder folder{.room = GENERATE(true, false)};
  folder.WriteAndCrash(400);
  const WalScan scan = ScanWal(ReadFile(folder.LastLog()), std::nullopt);
  CHECK(scan.damage.empty());
  CHECK(scan.good_end > 400 * 100);
  CHECK((scan.good_end == fs::file_size(folder.LastLog())) == !folder.room);
  CHECK(scan.first_sequence == 1);
  CHECK(scan.next_sequence == 401);
  CHECK(scan.vouched == 399);  // The last record vouches for all before it.
}

TEST_CASE("the torn last write of the log is cut off, wherever it is torn") {
  const std::size_t torn = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{30},
                                    std::size_t{100}, kRecordSize - 5);
  Folder folder{.room = GENERATE(true, false)};
  folder.WriteAndCrash(120);
  const std::string log = folder.LastLog();
  const std::size_t end = Folder::EndOf(log);
  SECTION("the file is short") { fs::resize_file(log, end - torn); }
  SECTION("the last bytes are zero") {
    Damage(log, [&](std::string& bytes) { bytes.replace(end - torn, torn, torn, '\0'); });
  }
  SECTION("the last bytes are garbage") {
    Damage(log, [&](std::string& bytes) { bytes.replace(end - torn, torn, torn, '\x5a'); });
  }
  CHECK(folder.Open().value()->repair().find(folder.LastLog().substr(folder.path.size())) ==
        std::string::npos);
  CHECK(folder.CountRows() == 119);
}

TEST_CASE("the store goes on after a torn write") {
  Folder folder;
  folder.WriteAndCrash(120);
  const std::string log = folder.LastLog();
  fs::resize_file(log, Folder::EndOf(log) - 3);
  {
    const auto store = folder.Open().value();
    CHECK(store->repair().find(log) != std::string::npos);
    Batch batch;
    batch.Put(ColumnFamily::kLog, Folder::Key(119), "again");
    REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
  }
  CHECK(folder.CountRows() == 120);
}

TEST_CASE("damage to what was acknowledged is refused, and the file is named") {
  Folder folder{.room = GENERATE(true, false)};
  folder.WriteAndCrash(120);
  const std::string log = folder.LastLog();
  const std::size_t size = Folder::EndOf(log);
  const std::size_t at =
      GENERATE_REF(std::size_t{0}, std::size_t{9}, size / 3, size / 2, size - 3 * kRecordSize);
  SECTION("a bit is flipped") {
    Damage(log, [&](std::string& bytes) { bytes[at] = static_cast<char>(bytes[at] ^ 0x10); });
  }
  SECTION("the length of a record is damaged") {
    Damage(log, [&](std::string& bytes) {
      const std::size_t record = ScanWal(std::string_view(bytes).substr(0, at + 1), std::nullopt).good_end;
      bytes[record + 5] = '\x7f';
    });
  }
  SECTION("a page is zero") {
    const std::size_t length = std::min(std::size_t{4096}, size - at - 2 * kRecordSize + 10);
    Damage(log, [&](std::string& bytes) { bytes.replace(at, length, length, '\0'); });
  }
  SECTION("a record is missing") {
    if (at < kRecordSize) return;  // Only a later record tells that it was there.
    Damage(log, [&](std::string& bytes) {
      const std::size_t record = ScanWal(std::string_view(bytes).substr(0, at + 1), std::nullopt).good_end;
      const std::size_t end = ScanWal(std::string_view(bytes).substr(0, record + 200), std::nullopt).good_end;
      bytes.erase(record, end - record);
    });
  }
  CheckRefused(folder, log);
}

TEST_CASE("writes that were only buffered may be missing from any point on, without a gap") {
  Folder folder;
  folder.WriteAndCrash(120, Durability::kBuffered);
  const std::string log = folder.LastLog();
  Damage(log, [&](std::string& bytes) { bytes.replace(10'000, 4096, 4096, '\0'); });
  const int rows = folder.CountRows();
  CHECK(rows > 0);
  CHECK(rows < 100);
}

TEST_CASE("room for more at the end of a log is not damage, and is cut off") {
  Folder folder;
  folder.WriteAndCrash(120);
  const std::string log = folder.LastLog();
  SECTION("after a crash") {}
  SECTION("after a log that was to become shorter, and did not before the power failed") {
    fs::resize_file(log, std::size_t{3} << 20);
  }
  SECTION("of a new log that nothing was written to") {
    WriteFile(folder.path + "/009999.log", std::string(WalGuard::kRoom, '\0'));
  }
  {
    const auto store = RocksStore::OpenReadOnly(folder.path).value();
    CHECK(store->Get(ColumnFamily::kLog, Folder::Key(119)).value().has_value());
  }
  CHECK(folder.Open().value()->repair().empty());
  CHECK(folder.CountRows() == 120);
}

TEST_CASE("a missing write-ahead log is refused") {
  Folder folder;
  {
    const auto store = folder.Open({.write_buffer_bytes = std::size_t{64} << 10}).value();
    // One family fills its buffer again and again: each time a new log begins, while the
    // first row of the other family keeps the old ones.
    Batch first;
    first.Put(ColumnFamily::kMeta, "first", "row");
    REQUIRE(SyncWait(store->Write(std::move(first), Durability::kSynced)).ok());
    for (int i = 0; i < 400; ++i) {
      Batch batch;
      batch.Put(ColumnFamily::kLog, Folder::Key(i), std::string(1000, 'x'));
      REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
    }
    folder.disk.CrashAt(folder.disk.points() + 1);
  }
  folder.disk.Crash(FaultDisk::Keep::kEverything);
  const std::vector<std::string> logs = folder.Logs();
  REQUIRE(logs.size() > 2);
  SECTION("a whole file") {
    fs::remove(logs[1]);
    CHECK(absl::IsDataLoss(folder.Open().status()));
  }
  SECTION("the end of one that is not the last") {
    fs::resize_file(logs[1],
                    ScanWal(ReadFile(logs[1]).substr(0, Folder::EndOf(logs[1]) - 10), std::nullopt).good_end);
    CHECK(absl::IsDataLoss(folder.Open().status()));
  }
  SECTION("all or the last bytes of one that is not the last, which are zeros") {
    const std::string log = logs[GENERATE(std::size_t{0}, std::size_t{1})];
    const std::size_t left = GENERATE(std::size_t{0}, std::size_t{20'000});
    Damage(log, [&](std::string& bytes) { bytes.replace(left, bytes.size(), bytes.size() - left, '\0'); });
    CHECK(absl::IsDataLoss(folder.Open().status()));
  }
  SECTION("nothing") { CHECK(folder.CountRows() == 400); }
}

TEST_CASE("a damaged table is found when it is read") {
  Folder folder;
  folder.WriteAndCrash(400);
  REQUIRE(folder.Open().ok());  // Recovery puts the rows into a table.
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    if (entry.path().extension() != ".sst") continue;
    Damage(entry.path().string(), [](std::string& bytes) { bytes[100] = static_cast<char>(bytes[100] ^ 1); });
  }
  const auto store = folder.Open();
  const Status status =
      store.ok() ? (*store)->Get(ColumnFamily::kLog, Folder::Key(0)).status() : store.status();
  INFO(status.ToString());
  CHECK(absl::IsDataLoss(status));
  CHECK(status.message().find(".sst") != std::string::npos);
}

TEST_CASE("a store that is open cannot be opened again") {
  Folder folder;
  const auto store = folder.Open().value();
  const Status status = folder.Open().status();
  INFO(status.ToString());
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(status.message().find("in use") != std::string::npos);
}

TEST_CASE("RocksDB warns of a full disk in the log of the process, and writes no log file of its own") {
  Mutex mutex;
  std::string said;
  telemetry::SetLogSink([&](telemetry::Level, const std::string& line) {
    const MutexLock lock(mutex);
    said += line + "\n";
  });
  FaultDisk disk(1);
  const std::string folder = disk.path() + "/store";
  {
    const auto store = RocksStore::Open(folder, {.env = disk.env()}).value();
    disk.FailAt(disk.points() + 1, FaultDisk::Fault::kFull);
    Batch batch;
    batch.Put(ColumnFamily::kLog, "a", std::string(std::size_t{1} << 20, 'x'));
    CHECK_FALSE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
  }
  telemetry::SetLogSink(nullptr);
  INFO(said);
  CHECK(said.find("RocksDB warns") != std::string::npos);
  CHECK(said.find("store=" + folder) != std::string::npos);
  CHECK(said.find("No space left") != std::string::npos);
  for (const auto& file : fs::directory_iterator(folder)) {
    INFO(file.path());
    CHECK_FALSE(file.path().filename().string().starts_with("LOG"));
  }
}

// Names, sizes and times of all files of a folder.
std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> FilesOf(
    const std::string& folder) {
  std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    files[entry.path()] = {entry.is_regular_file() ? entry.file_size() : 0, entry.last_write_time()};
  }
  return files;
}

TEST_CASE("a store opened to read has what was written, and changes nothing in its folder") {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/store";
  {
    const auto store = RocksStore::Open(path, {}).value();
    Batch batch;
    batch.Put(ColumnFamily::kLog, "a", "1");
    REQUIRE(SyncWait(store->Write(std::move(batch), Durability::kSynced)).ok());
  }
  const auto before = FilesOf(folder.path());
  {
    const auto store = RocksStore::OpenReadOnly(path).value();
    CHECK(store->Get(ColumnFamily::kLog, "a").value() == "1");
    Batch batch;
    batch.Put(ColumnFamily::kLog, "b", "2");
    CHECK(absl::IsFailedPrecondition(SyncWait(store->Write(std::move(batch), Durability::kSynced))));
  }
  CHECK(FilesOf(folder.path()) == before);
  CHECK(absl::IsNotFound(RocksStore::OpenReadOnly(folder.path() + "/nothing").status()));
}

TEST_CASE("a data folder has many readers, or one process that writes") {
  TemporaryFolder folder;
  {
    const auto writer = DataFolder::Open(folder.path() + "/data", "soukd").value();
    CHECK(absl::IsFailedPrecondition(DataFolder::OpenForReading(folder.path() + "/data").status()));
  }
  const auto reader = DataFolder::OpenForReading(folder.path() + "/data").value();
  CHECK(DataFolder::OpenForReading(folder.path() + "/data").ok());
  CHECK(absl::IsFailedPrecondition(DataFolder::Open(folder.path() + "/data", "soukd").status()));
}

TEST_CASE("a data folder has one holder, who is named") {
  TemporaryFolder root;
  const std::string path = root.path() + "/data";
  {
    const auto folder = DataFolder::Open(path, "souk-order").value();
    const Status status = DataFolder::Open(path, "souk-cart").status();
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(status.message().find("souk-order") != std::string::npos);
    CHECK(status.message().find(std::to_string(getpid())) != std::string::npos);
  }
  CHECK(DataFolder::Open(path, "souk-cart").ok());
}

TEST_CASE("a data folder with other content is refused") {
  TemporaryFolder root;
  WriteFile(root.path() + "/thesis.txt", "all of it");
  CHECK(absl::IsFailedPrecondition(DataFolder::Open(root.path(), "soukd").status()));
  fs::remove(root.path() + "/thesis.txt");
  WriteFile(root.path() + "/master.key", "brought by the operator");
  CHECK(DataFolder::Open(root.path(), "soukd").ok());
}

}  // namespace souk
