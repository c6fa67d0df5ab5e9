#include "libs/storage/fault_fs.h"

#include <rocksdb/file_system.h>

#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "libs/base/check.h"
#include "libs/storage/fault_state.h"

namespace souk {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<FSWritableFile> target, std::shared_ptr<FaultState> state,
            FaultState::FilePtr file)
      : FSWritableFileOwnerWrapper(std::move(target)), state_(std::move(state)), file_(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->Step(FaultState::Needs::kSpace);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    if (status.ok()) state_->Appended(file_, data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->Step();
    if (status.ok()) status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    if (status.ok()) state_->Truncated(file_, size);
    return status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    IOStatus status = state_->Step();
    return status.ok() ? state_->Sync(file_) : status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }

  // Promise nothing, so they do nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return state_->Power();
  }
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return state_->Power();
  }

 private:
  const std::shared_ptr<FaultState> state_;
  const FaultState::FilePtr file_;
};

// Zeros behind what was appended. They are like the size of the file: there when it is synced.
class FaultRoom final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultRoom(std::unique_ptr<rocksdb::FSRandomRWFile> target, std::shared_ptr<FaultState> state,
            FaultState::FilePtr file)
      : FSRandomRWFileOwnerWrapper(std::move(target)), state_(std::move(state)), file_(std::move(file)) {}

  IOStatus Write(std::uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    IOStatus status = state_->Step(FaultState::Needs::kSpace);
    if (!status.ok()) return status;
    SOUK_CHECK(offset >= state_->Written(file_), "writing in place");
    SOUK_CHECK(std::string_view(data.data(), data.size()).find_first_not_of('\0') == std::string_view::npos,
               "room for more is zeros");
    return FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
  }

 private:
  const std::shared_ptr<FaultState> state_;
  const FaultState::FilePtr file_;
};

class FaultFolder final : public rocksdb::FSDirectory {
 public:
  FaultFolder(std::shared_ptr<FaultState> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    IOStatus status = state_->Step();
    return status.ok() ? state_->SyncFolder(path_) : status;
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  const std::shared_ptr<FaultState> state_;
  const std::string path_;
};

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::shared_ptr<FaultState> state)
      : FileSystemWrapper(FileSystem::Default()), state_(std::move(state)) {}

  const char* Name() const override { return "SoukFaultFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override {
    if (!state_->Covers(path)) return FileSystemWrapper::NewWritableFile(path, options, result, debug);
    IOStatus status = state_->Step(FaultState::Needs::kSpace);
    if (!status.ok()) return status;
    const FaultState::FilePtr file = state_->Create(path);
    status = FileSystemWrapper::NewWritableFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<FaultFile>(std::move(*result), state_, file);
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* debug) override {
    if (!state_->Covers(path)) return FileSystemWrapper::ReopenWritableFile(path, options, result, debug);
    IOStatus status = state_->Step(FaultState::Needs::kSpace);
    if (!status.ok()) return status;
    const FaultState::FilePtr file = state_->Reopen(path);
    status = FileSystemWrapper::ReopenWritableFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<FaultFile>(std::move(*result), state_, file);
    return status;
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("recycled logs");
  }
  // For a file that is open for appending: its room for more is made with it.
  IOStatus NewRandomRWFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) override {
    if (!state_->Covers(path)) return FileSystemWrapper::NewRandomRWFile(path, options, result, debug);
    IOStatus status = state_->Step();
    if (!status.ok()) return status;
    const FaultState::FilePtr file = state_->Reopen(path);
    status = FileSystemWrapper::NewRandomRWFile(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<FaultRoom>(std::move(*result), state_, file);
    return status;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) override {
    IOStatus status = state_->Power();
    if (status.ok()) status = FileSystemWrapper::NewDirectory(path, options, result, debug);
    if (status.ok()) *result = std::make_unique<FaultFolder>(state_, path);
    return status;
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    if (!state_->Covers(from)) return FileSystemWrapper::RenameFile(from, to, options, debug);
    IOStatus status = state_->Step();
    return status.ok() ? state_->Rename(from, to) : status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    if (!state_->Covers(path)) return FileSystemWrapper::DeleteFile(path, options, debug);
    IOStatus status = state_->Step();
    return status.ok() ? state_->Delete(path) : status;
  }
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("links");
  }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* debug) override {
    IOStatus status = state_->Power();
    return status.ok() ? FileSystemWrapper::NewSequentialFile(path, options, result, debug) : status;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext* debug) override {
    IOStatus status = state_->Power();
    return status.ok() ? FileSystemWrapper::NewRandomAccessFile(path, options, result, debug) : status;
  }

 private:
  const std::shared_ptr<FaultState> state_;
};

// After an error RocksDB sleeps a second before it goes on. Not in tests.
class FaultEnv final : public rocksdb::EnvWrapper {
 public:
  explicit FaultEnv(const std::shared_ptr<FaultFileSystem>& files)
      : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
  }
  void SleepForMicroseconds(int) override {}
};

}  // namespace

FaultDisk::FaultDisk(std::uint64_t seed)
    : state_(std::make_shared<FaultState>(folder_.path(), seed)),
      env_(std::make_unique<FaultEnv>(std::make_shared<FaultFileSystem>(state_))) {}

FaultDisk::~FaultDisk() = default;

void FaultDisk::FailAt(std::uint64_t point, Fault fault) { state_->FailAt(point, fault); }
std::uint64_t FaultDisk::points() const { return state_->points(); }
bool FaultDisk::crashed() const { return !state_->Power().ok(); }
bool FaultDisk::struck() const { return state_->struck(); }
void FaultDisk::FailSyncs(bool fail) { state_->FailSyncs(fail); }
void FaultDisk::Crash(Keep keep) { state_->Crash(keep); }

std::uint64_t RunAtEveryCrashPoint(CrashRunOptions options, absl::FunctionRef<void(FaultDisk& disk)> run,
                                   absl::FunctionRef<void(FaultDisk& disk, FaultDisk::Keep keep)> check) {
  std::uint64_t crashes = 0;
  for (std::uint64_t point = options.step;; point += options.step) {
    FaultDisk disk(options.seed + point);
    disk.FailAt(point, options.fault);
    run(disk);
    if (!disk.struck()) return crashes;
    const FaultDisk::Keep keep = FaultDisk::kKeeps[++crashes % std::size(FaultDisk::kKeeps)];
    disk.Crash(keep);
    check(disk, keep);
  }
}

}  // namespace souk
