// Bytes that are not what they were, anywhere in the files of a store that has run.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "libs/eventsourcing/rebuild.h"
#include "libs/telemetry/log.h"
#include "tests/crash/crash_story.h"

namespace souk::crash {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChangesPerFile = 8;

std::string ReadFile(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Reads everything there is in a store: how long its logs are, and a digest of the rest.
StatusOr<std::string> ReadAll(FaultDisk& disk) {
  // A cache of its own: what another reader has seen may not stand in for the file.
  ASSIGN_OR_RETURN(const auto store,
                   RocksStore::Open(disk.path() + "/store",
                                    {.env = disk.env(), .block_cache = rocksdb::NewLRUCache(1 << 20)}));
  std::string content;
  for (std::uint32_t i = 0; i < kPartitions; ++i) {
    ASSIGN_OR_RETURN(const std::uint64_t records, EventLog(*store, i).Verify());
    content += std::to_string(records) + " records, ";
  }
  ASSIGN_OR_RETURN(const std::string hash, StateHash(*store));
  return content + hash;
}

// What is read of `store` once a byte of its file `name` is another one.
StatusOr<std::string> ReadChanged(const fs::path& store, const std::string& name, std::size_t at) {
  FaultDisk disk(1);  // Opening changes files, so that each change has a copy of its own.
  fs::copy(store, disk.path() + "/store", fs::copy_options::recursive);
  const std::string file = disk.path() + "/store/" + name;
  std::string bytes = ReadFile(file);
  bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  return ReadAll(disk);
}

TEST_CASE("a byte that is changed in any file is refused, with the file, or harms nobody") {
  telemetry::ConfigureLog("critical", "text");
  FaultDisk disk(1);
  CrashStory story;
  story.Tell(disk);
  REQUIRE(story.violation().empty());
  const std::string store = disk.path() + "/store";
  // As a process leaves it, with its last writes in the log file; and as it is once it has
  // been opened, with everything in tables.
  const std::string left = disk.path() + "/left";
  fs::copy(store, left, fs::copy_options::recursive);
  const std::string content = ReadAll(disk).value();
  const std::string opened = disk.path() + "/opened";
  fs::copy(store, opened, fs::copy_options::recursive);

  std::vector<fs::directory_entry> files;
  for (const std::string& folder : {left, opened}) {
    files.insert(files.end(), fs::directory_iterator(folder), fs::directory_iterator());
  }
  std::map<std::string, int> refused;  // By kind of file.
  for (const auto& entry : files) {
    const std::string folder = entry.path().parent_path().string();
    const std::string name = entry.path().filename().string();
    const std::size_t size = entry.file_size();
    for (std::size_t i = 0; i < kChangesPerFile && size > 0; ++i) {
      const std::size_t at = size * (2 * i + 1) / (2 * kChangesPerFile);
      const StatusOr<std::string> found = ReadChanged(folder, name, at);
      INFO(name << ", byte " << at << " of " << size << ": " << found.status().ToString());
      if (found.ok()) {
        CHECK(*found == content);
        continue;
      }
      CHECK(absl::IsDataLoss(found.status()));
      // Files without data of ours may be told by what is wrong in the folder.
      const std::string kind = entry.path().extension().string();
      CHECK(found.status().ToString().find(kind.empty() ? "/store" : name) != std::string::npos);
      ++refused[kind];
    }
  }
  for (const auto& [kind, count] : refused) {
    std::cout << (kind.empty() ? "MANIFEST and the like" : kind) << ": " << count << " changes refused\n";
  }
  CHECK(refused[".sst"] > 0);
  CHECK(refused[".log"] > 0);
}

}  // namespace
}  // namespace souk::crash
