#include "libs/storage/wal_guard.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/storage/temporary_folder.h"

namespace souk {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// What was written in place: from where, how much.
using Places = std::vector<std::pair<std::uint64_t, std::size_t>>;

class RecordedPlaces final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  RecordedPlaces(std::unique_ptr<rocksdb::FSRandomRWFile> target, Places& places)
      : FSRandomRWFileOwnerWrapper(std::move(target)), places_(places) {}
  IOStatus Write(std::uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    places_.emplace_back(offset, data.size());
    return FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
  }

 private:
  Places& places_;
};

class RecordingFiles final : public rocksdb::FileSystemWrapper {
 public:
  RecordingFiles() : FileSystemWrapper(FileSystem::Default()) {}
  const char* Name() const override { return "RecordingFiles"; }
  IOStatus NewRandomRWFile(const std::string& file, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::NewRandomRWFile(file, options, result, debug);
    if (status.ok()) *result = std::make_unique<RecordedPlaces>(std::move(*result), places);
    return status;
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, std::uint64_t* free, IODebugContext*) override {
    *free = free_space;
    return IOStatus::OK();
  }

  Places places;
  std::uint64_t free_space = std::uint64_t{1} << 30;
};

// A log as RocksDB has it written.
struct Log {
  TemporaryFolder folder;
  std::shared_ptr<RecordingFiles> files = std::make_shared<RecordingFiles>();
  WalGuard guard{files, folder.path()};
  std::string path = folder.path() + "/000001.log";
  std::unique_ptr<rocksdb::FSWritableFile> file;
  std::size_t written = 0;

  void Open() {
    FileOptions options;
    options.fallocate_with_keep_size = false;
    REQUIRE(guard.NewWritableFile(path, options, &file, nullptr).ok());
    file->SetPreallocationBlockSize(std::size_t{1} << 20);
  }
  void Append(std::size_t size) {
    file->PrepareWrite(written, size, {}, nullptr);
    REQUIRE(file->Append(std::string(size, 'x'), {}, nullptr).ok());
    written += size;
  }
  std::string Content() const {
    std::string content;
    REQUIRE(rocksdb::ReadFileToString(files.get(), path, &content).ok());
    return content;
  }
};

}  // namespace

TEST_CASE("the room of a log is written before it is used, once") {
  constexpr std::size_t kRoom = WalGuard::kRoom;
  Log log;
  log.Open();
  log.Append(1000);
  CHECK(log.files->places == Places{{1000, kRoom - 1000}});
  log.Append(kRoom - 1000);
  CHECK(log.files->places.size() == 1);
  log.Append(3 * kRoom);  // What needs more room than that is not written twice.
  CHECK(log.files->places.size() == 1);
  log.Append(1);
  CHECK(log.files->places.back() == Places::value_type{4 * kRoom + 1, kRoom - 1});
  CHECK(log.files->places.size() == 2);
  CHECK(log.Content() == std::string(4 * kRoom + 1, 'x') + std::string(kRoom - 1, '\0'));

  REQUIRE(log.file->Close({}, nullptr).ok());
  CHECK(log.Content() == std::string(4 * kRoom + 1, 'x'));
}

TEST_CASE("a log on a disk that is nearly full has no room") {
  Log log;
  log.files->free_space = std::uint64_t{1} << 20;
  log.Open();
  log.Append(1000);
  CHECK(log.files->places.empty());
  CHECK(log.Content() == std::string(1000, 'x'));
}

}  // namespace souk
