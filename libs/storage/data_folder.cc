#include "libs/storage/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace souk {
namespace {

constexpr char kLockFile[] = "/LOCK";
constexpr char kRestoringFile[] = "/RESTORING";  // There while a restore is under way.

// True when there is something that neither an operator nor a file system puts there first.
bool HasForeignContent(const std::string& path) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (name != "master.key" && name != "lost+found") return true;
  }
  return static_cast<bool>(error);
}

std::string ReadAll(int descriptor) {
  char text[256];
  const ssize_t size = pread(descriptor, text, sizeof text, 0);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "another process";
}

}  // namespace

StatusOr<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path, std::string_view program) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return FailedPrecondition("cannot make the data folder %s: %s", path, error.message());
  const std::string lock_path = path + kLockFile;
  if (!std::filesystem::exists(lock_path, error) && HasForeignContent(path)) {
    return FailedPrecondition("%s has other content; give --data a folder of its own, or an empty one", path);
  }
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return FailedPrecondition("cannot open %s: %s", lock_path, std::strerror(errno));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = ReadAll(lock);
    close(lock);
    return FailedPrecondition("%s is held by %s; stop it first, or use another --data", path, holder);
  }
  if (std::filesystem::exists(path + kRestoringFile, error)) {
    close(lock);
    return FailedPrecondition("%s was not restored to the end; delete it and restore again", path);
  }
  const std::string holder = std::string(program) + ", process " + std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, holder.data(), holder.size(), 0) < 0) {
    close(lock);
    return FailedPrecondition("cannot write %s: %s", lock_path, std::strerror(errno));
  }
  return std::unique_ptr<DataFolder>(new DataFolder(path, lock));
}

StatusOr<std::unique_ptr<DataFolder>> DataFolder::OpenToRestore(const std::string& path,
                                                                std::string_view program) {
  std::error_code error;
  if (std::filesystem::exists(path + kLockFile, error)) {
    return FailedPrecondition("%s has data; restore into another folder, or move it away", path);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<DataFolder> folder, Open(path, program));
  const int file = open((path + kRestoringFile).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return FailedPrecondition("cannot write in %s: %s", path, std::strerror(errno));
  close(file);
  return folder;
}

Status DataFolder::EndRestore() {
  if (syncfs(lock_) != 0) return Internal("cannot sync %s: %s", path_, std::strerror(errno));
  std::error_code error;
  std::filesystem::remove(path_ + kRestoringFile, error);
  if (error) return Internal("cannot remove %s%s: %s", path_, kRestoringFile, error.message());
  return OkStatus();
}

StatusOr<std::unique_ptr<DataFolder>> DataFolder::OpenForReading(const std::string& path) {
  const std::string lock_path = path + kLockFile;
  const int lock = open(lock_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0 && errno != ENOENT) {
    return FailedPrecondition("cannot open %s: %s", lock_path, std::strerror(errno));
  }
  if (lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0) {
    const std::string holder = ReadAll(lock);
    close(lock);
    return FailedPrecondition("%s is held by %s; ask that process, or stop it first", path, holder);
  }
  return std::unique_ptr<DataFolder>(new DataFolder(path, lock));
}

DataFolder::~DataFolder() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace souk
