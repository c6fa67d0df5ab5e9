#include "libs/storage/wal_guard.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/storage/wal_scan.h"

namespace souk {
namespace {

using rocksdb::IOStatus;

std::string_view BaseName(std::string_view file) { return file.substr(file.rfind('/') + 1); }

// The number of a log such as "000012.log".
std::optional<std::uint64_t> LogNumber(std::string_view name) {
  constexpr std::string_view kSuffix = ".log";
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// Where the unbroken history ends, and why.
struct End {
  std::size_t log;
  std::uint64_t offset;
  std::string why;
  std::optional<std::uint64_t> sequence;  // The first that is missing; nothing when unknown.
};

// Less than this is left to what is written.
constexpr std::uint64_t kFreeSpaceMin = std::uint64_t{64} << 20;

// A log that grows ahead of what is written to it: by kRoom at a time, filled with zeros.
// Space that is only allocated would do for the size of the file, but the first write to each
// of its blocks has the file system note that the block is in use, and a sync waits for that.
class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  // `room` writes to the same file. Null: the log is as long as what is written to it.
  LogFile(std::unique_ptr<FSWritableFile> target, std::unique_ptr<rocksdb::FSRandomRWFile> room)
      : FSWritableFileOwnerWrapper(std::move(target)), room_(std::move(room)) {}

  void SetPreallocationBlockSize(std::size_t) override {
    FSWritableFileOwnerWrapper::SetPreallocationBlockSize(room_ == nullptr ? 0 : WalGuard::kRoom);
  }
  void PrepareWrite(std::size_t offset, std::size_t size, const rocksdb::IOOptions& options,
                    rocksdb::IODebugContext* debug) override {
    FSWritableFileOwnerWrapper::PrepareWrite(offset, size, options, debug);
    std::size_t block = 0, blocks = 0;
    GetPreallocationStatus(&block, &blocks);
    const std::uint64_t end = std::uint64_t{block} * blocks;
    if (end <= filled_) return;
    // What is about to be written needs no zeros. Should they fail, so will the write, if
    // it must.
    const std::uint64_t begin = std::max<std::uint64_t>(filled_, offset + size);
    if (begin < end) {
      const std::string zeros(end - begin, '\0');
      room_->Write(begin, zeros, options, debug).PermitUncheckedError();
    }
    filled_ = end;
  }

 private:
  const std::unique_ptr<rocksdb::FSRandomRWFile> room_;
  std::uint64_t filled_ = 0;  // Up to here are zeros, or what was written.
};

}  // namespace

WalGuard::WalGuard(const std::shared_ptr<rocksdb::FileSystem>& target, std::string path)
    : FileSystemWrapper(target), path_(std::move(path)) {}

IOStatus WalGuard::NewSequentialFile(const std::string& file, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                     rocksdb::IODebugContext* debug) {
  const std::optional<std::uint64_t> number = LogNumber(BaseName(file));
  if (number.has_value() && !checked_) {
    IOStatus checked = Check(*number);
    if (!checked.ok()) return checked;
    checked_ = true;
  }
  return FileSystemWrapper::NewSequentialFile(file, options, result, debug);
}

rocksdb::FileOptions WalGuard::OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                                   const rocksdb::DBOptions& database) const {
  rocksdb::FileOptions optimized = FileSystemWrapper::OptimizeForLogWrite(options, database);
  optimized.fallocate_with_keep_size = false;
  return optimized;
}

IOStatus WalGuard::NewWritableFile(const std::string& file, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* result,
                                   rocksdb::IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::NewWritableFile(file, options, result, debug);
  if (status.ok() && LogNumber(BaseName(file)).has_value()) {
    std::uint64_t space = 0;
    const bool roomy = GetFreeSpace(path_, {}, &space, debug).ok() && space >= kFreeSpaceMin;
    std::unique_ptr<rocksdb::FSRandomRWFile> room;
    if (roomy) status = FileSystemWrapper::NewRandomRWFile(file, options, &room, debug);
    *result = std::make_unique<LogFile>(std::move(*result), std::move(room));
  }
  return status;
}

IOStatus WalGuard::Check(std::uint64_t first_number) {
  std::vector<Log> logs;
  IOStatus status = LogsFrom(first_number, logs);
  std::optional<End> end;
  std::optional<std::size_t> blank;  // A log that has room alone, and what it follows is not known.
  std::optional<std::uint64_t> next, resumes_at;
  std::uint64_t vouched = 0;
  for (std::size_t i = 0; i < logs.size() && status.ok(); ++i) {
    std::string bytes;
    status = ReadAll(logs[i], bytes);
    const WalScan scan = ScanWal(bytes, next);
    vouched = std::max(vouched, scan.vouched);
    logs[i].used = scan.good_end;
    if (!end.has_value() && blank.has_value() && scan.first_sequence.has_value()) {
      end = End{*blank, 0, "it has nothing but zeros", std::nullopt};
    }
    if (end.has_value()) {
      // Only vouchers count behind the end, and where the history resumes.
      if (!resumes_at.has_value()) resumes_at = scan.first_sequence;
    } else if (!scan.damage.empty()) {
      end = End{i, scan.good_end, scan.damage, scan.next_sequence};
    } else {
      next = scan.next_sequence;
      if (!next.has_value() && logs[i].size > 0 && !blank.has_value()) blank = i;
    }
    if (end.has_value() && !resumes_at.has_value()) resumes_at = scan.resumes_at;
  }
  if (!status.ok()) return status;
  if (!end.has_value()) return CutOffRoom(logs);

  const Log log = logs[end->log];
  // What came right before the first record behind the damage is lost for certain.
  if (!end->sequence.has_value() && resumes_at.has_value()) end->sequence = *resumes_at - 1;
  if (end->sequence.has_value() && vouched >= *end->sequence) {
    return IOStatus::Corruption(
        absl::StrFormat("%s is damaged at offset %d (%s): writes %d to %d were durable and are not there",
                        log.file, end->offset, end->why, *end->sequence, vouched));
  }
  for (std::size_t i = logs.size(); i-- > end->log + 1 && status.ok();) {
    if (logs[i].size > 0) status = CutOff(logs[i], 0);
  }
  if (status.ok()) status = CutOff(log, end->offset);
  repair_ =
      absl::StrFormat("cut off an unfinished write at offset %d of %s (%s)", end->offset, log.file, end->why);
  logs.resize(end->log);
  return status.ok() ? CutOffRoom(logs) : status;
}

IOStatus WalGuard::CutOffRoom(const std::vector<Log>& logs) {
  IOStatus status;
  for (const Log& log : logs) {
    if (status.ok() && log.used < log.size) status = CutOff(log, log.used);
  }
  return status;
}

IOStatus WalGuard::LogsFrom(std::uint64_t first_number, std::vector<Log>& logs) {
  std::vector<std::string> names;
  const IOStatus status = GetChildren(path_, {}, &names, nullptr);
  for (const std::string& name : names) {
    const std::optional<std::uint64_t> number = LogNumber(name);
    if (number.has_value() && *number >= first_number) logs.push_back({path_ + "/" + name, *number});
  }
  std::sort(logs.begin(), logs.end(), [](const Log& a, const Log& b) { return a.number < b.number; });
  return status;
}

IOStatus WalGuard::ReadAll(Log& log, std::string& bytes) {
  IOStatus status = GetFileSize(log.file, {}, &log.size, nullptr);
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  if (status.ok()) status = FileSystemWrapper::NewSequentialFile(log.file, {}, &file, nullptr);
  if (!status.ok()) return status;
  bytes.resize(log.size);
  rocksdb::Slice read;
  status = file->Read(bytes.size(), {}, &read, bytes.data(), nullptr);
  if (status.ok() && read.size() != bytes.size()) status = IOStatus::IOError("short read of " + log.file);
  return status;
}

IOStatus WalGuard::CutOff(const Log& log, std::uint64_t size) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus status = ReopenWritableFile(log.file, {}, &file, nullptr);
  if (status.ok()) status = file->Truncate(size, {}, nullptr);
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  return status;
}

}  // namespace souk
