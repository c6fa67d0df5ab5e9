#include "libs/storage/fault_state.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "libs/base/check.h"

namespace souk {
namespace {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

constexpr std::uint64_t kPageSize = 4096;

std::string Normal(const std::string& path) {
  std::string normal = fs::path(path).lexically_normal().string();
  if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
  return normal;
}

std::string FolderOf(const std::string& path) { return fs::path(path).parent_path().string(); }

IOStatus PowerIsOff() { return IOStatus::IOError("the power is off (a fault of the test)"); }

// The real file system must do as it is told, or the test means nothing.
void MoveFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  SOUK_CHECK(!error, error.message().c_str());
}

}  // namespace

FaultState::FaultState(const std::string& root, std::uint64_t seed)
    : root_(Normal(root)), graveyard_(root_ + ".graveyard"), random_(seed) {
  fs::create_directory(graveyard_);
}

FaultState::~FaultState() {
  std::error_code error;
  fs::remove_all(graveyard_, error);
}

bool FaultState::Covers(const std::string& path) const { return Normal(path).starts_with(root_ + "/"); }

IOStatus FaultState::Step(Needs needs) {
  const MutexLock lock(mutex_);
  if (off_) return PowerIsOff();
  if (++points_ == fail_at_) {
    switch (fault_) {
      case FaultDisk::Fault::kPowerOff:
        off_ = true;
        return PowerIsOff();
      case FaultDisk::Fault::kError:
        return IOStatus::IOError("the disk failed (a fault of the test)");
      case FaultDisk::Fault::kFull:
        full_ = true;
        break;
    }
  }
  if (full_ && needs == Needs::kSpace) return IOStatus::NoSpace("the disk is full (a fault of the test)");
  return IOStatus::OK();
}

IOStatus FaultState::Power() const {
  const MutexLock lock(mutex_);
  return off_ ? PowerIsOff() : IOStatus::OK();
}

FaultState::FilePtr FaultState::Create(const std::string& path) {
  const MutexLock lock(mutex_);
  const std::string to = Normal(path);
  FilePtr buried = Bury(to);
  changes_.push_back({.from = "", .to = to, .buried = std::move(buried)});
  return files_[to] = std::make_shared<File>(File{.path = to});
}

FaultState::FilePtr FaultState::Reopen(const std::string& path) {
  {
    const MutexLock lock(mutex_);
    if (FilePtr file = Find(Normal(path)); file != nullptr) return file;
  }
  return Create(path);
}

IOStatus FaultState::Rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  const FilePtr file = Find(Normal(from));
  if (file == nullptr) return IOStatus::PathNotFound(from);
  Change change{.from = file->path, .to = Normal(to), .buried = Bury(Normal(to))};
  Move(file, change.to);
  changes_.push_back(std::move(change));
  return IOStatus::OK();
}

IOStatus FaultState::Delete(const std::string& path) {
  const MutexLock lock(mutex_);
  FilePtr buried = Bury(Normal(path));
  if (buried == nullptr) return IOStatus::PathNotFound(path);
  changes_.push_back({.from = Normal(path), .to = "", .buried = std::move(buried)});
  return IOStatus::OK();
}

void FaultState::Appended(const FilePtr& file, std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  file->written += bytes;
}

void FaultState::Truncated(const FilePtr& file, std::uint64_t size) {
  const MutexLock lock(mutex_);
  file->written = size;
  file->synced = std::min(file->synced, size);
}

std::uint64_t FaultState::Written(const FilePtr& file) const {
  const MutexLock lock(mutex_);
  return file->written;
}

IOStatus FaultState::Sync(const FilePtr& file) {
  const MutexLock lock(mutex_);
  if (off_) return PowerIsOff();
  if (fail_syncs_) return IOStatus::IOError("cannot sync (a fault of the test)");
  file->synced = file->written;
  file->size_synced = fs::file_size(file->path);
  return IOStatus::OK();
}

IOStatus FaultState::SyncFolder(const std::string& path) {
  const MutexLock lock(mutex_);
  if (off_) return PowerIsOff();
  if (fail_syncs_) return IOStatus::IOError("cannot sync (a fault of the test)");
  const std::string folder = Normal(path);
  std::erase_if(changes_, [&](const Change& change) {
    if (FolderOf(change.to.empty() ? change.from : change.to) != folder) return false;
    if (change.buried != nullptr) fs::remove(change.buried->path);
    return true;
  });
  return IOStatus::OK();
}

void FaultState::FailAt(std::uint64_t point, FaultDisk::Fault fault) {
  const MutexLock lock(mutex_);
  fail_at_ = point;
  fault_ = fault;
}

std::uint64_t FaultState::points() const {
  const MutexLock lock(mutex_);
  return points_;
}

bool FaultState::struck() const {
  const MutexLock lock(mutex_);
  return fail_at_ != 0 && points_ >= fail_at_;
}

void FaultState::FailSyncs(bool fail) {
  const MutexLock lock(mutex_);
  fail_syncs_ = fail;
}

void FaultState::Crash(FaultDisk::Keep keep) {
  const MutexLock lock(mutex_);
  for (const auto& [path, file] : files_) LoseBytes(*file, keep);
  for (const Change& change : changes_) {
    if (change.buried != nullptr) LoseBytes(*change.buried, keep);
  }
  std::size_t kept = 0;
  switch (keep) {
    case FaultDisk::Keep::kNothing:
      break;
    case FaultDisk::Keep::kBeginning:
    case FaultDisk::Keep::kPages:
      kept = Random(changes_.size() + 1);
      break;
    case FaultDisk::Keep::kEverything:
      kept = changes_.size();
      break;
  }
  for (; changes_.size() > kept; changes_.pop_back()) Undo(changes_.back());
  for (const Change& change : changes_) {
    if (change.buried != nullptr) fs::remove(change.buried->path);
  }
  changes_.clear();
  files_.clear();
  points_ = fail_at_ = 0;
  off_ = full_ = fail_syncs_ = false;
}

// The file at `path`, or null. Of one that is not known yet, all is taken to be synced.
FaultState::FilePtr FaultState::Find(const std::string& path) {
  if (const auto it = files_.find(path); it != files_.end()) return it->second;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return nullptr;
  const std::uint64_t size = fs::file_size(path);
  return files_[path] =
             std::make_shared<File>(File{.path = path, .written = size, .synced = size, .size_synced = size});
}

// Moves the file at `path` away; null when there is none.
FaultState::FilePtr FaultState::Bury(const std::string& path) {
  FilePtr file = Find(path);
  if (file == nullptr) return nullptr;
  Move(file, graveyard_ + "/" + std::to_string(++graves_));
  files_.erase(file->path);
  return file;
}

void FaultState::Move(const FilePtr& file, const std::string& to) {
  MoveFile(file->path, to);
  files_.erase(file->path);
  file->path = to;
  files_[to] = file;
}

// A file is as long as it was when it was synced, or longer: what was not synced is then
// zeros, where there was room for it.
void FaultState::LoseBytes(const File& file, FaultDisk::Keep keep) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file.path, error);
  if (error) return;
  std::uint64_t kept = file.written;
  switch (keep) {
    case FaultDisk::Keep::kNothing:
      kept = file.synced;
      break;
    case FaultDisk::Keep::kBeginning:
      if (file.written > file.synced) kept = file.synced + Random(file.written - file.synced + 1);
      break;
    case FaultDisk::Keep::kPages: {
      std::fstream stream(file.path, std::ios::binary | std::ios::in | std::ios::out);
      for (std::uint64_t begin = file.synced; begin < file.written;) {
        const std::uint64_t end = std::min(file.written, (begin / kPageSize + 1) * kPageSize);
        stream.seekp(static_cast<std::streamoff>(begin));
        if (Random(2) == 0) stream << std::string(end - begin, '\0');
        begin = end;
      }
      break;
    }
    case FaultDisk::Keep::kEverything:
      break;
  }
  if (kept < file.written) fs::resize_file(file.path, kept);
  const std::uint64_t left = kept < file.written ? kept : size;
  if (left < file.size_synced) fs::resize_file(file.path, file.size_synced);
}

void FaultState::Undo(const Change& change) {
  if (change.from.empty()) {
    fs::remove(change.to);
  } else if (!change.to.empty()) {
    MoveFile(change.to, change.from);
  }
  if (change.buried != nullptr) MoveFile(change.buried->path, change.to.empty() ? change.from : change.to);
}

}  // namespace souk
