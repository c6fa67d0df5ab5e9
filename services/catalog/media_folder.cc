#include "services/catalog/media_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "libs/base/hash.h"
#include "libs/runtime/run_on.h"

namespace souk::catalog {
namespace {

constexpr char kUnfinished[] = ".part";

Status Failed(std::string_view what, const std::string& path) {
  return Unavailable("cannot %s %s: %s", what, path, std::strerror(errno));
}

// Closes a file at the end of the scope.
class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

Status Sync(const std::string& path, int flags) {
  const OpenFile file(path, flags);
  if (file.get() < 0 || fsync(file.get()) != 0) return Failed("sync", path);
  return OkStatus();
}

Status WriteAll(const std::string& path, std::string_view bytes) {
  const OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.get() < 0) return Failed("create", path);
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(file.get()) != 0) return Failed("sync", path);
  return OkStatus();
}

Status WriteFile(const std::string& folder, const std::string& name, const std::string& bytes) {
  const std::string path = folder + "/" + name;
  std::error_code error;
  if (std::filesystem::exists(path, error)) return Sync(folder, O_RDONLY | O_DIRECTORY);
  const std::string unfinished = path + kUnfinished;
  RETURN_IF_ERROR(WriteAll(unfinished, bytes));
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return Failed("rename", unfinished);
  return Sync(folder, O_RDONLY | O_DIRECTORY);
}

Status CheckFile(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + "/" + name, std::ios::binary);
  if (!file) return DataLoss("no file of photo %s", name);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return ToHex(Sha256(bytes)) == name ? OkStatus() : DataLoss("file of photo %s has changed", name);
}

StatusOr<std::string> ReadFilePart(const std::string& folder, const std::string& name, std::int64_t at,
                                   std::int64_t size) {
  const OpenFile file(folder + "/" + name, O_RDONLY);
  if (file.get() < 0) return DataLoss("no file of photo %s", name);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  ssize_t got = 0;
  do {
    got = pread(file.get(), bytes.data(), bytes.size(), at);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return DataLoss("file of photo %s has changed", name);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace

StatusOr<std::unique_ptr<MediaFolder>> MediaFolder::Open(std::string folder, Scheduler& scheduler,
                                                         Scheduler& blocking) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return FailedPrecondition("cannot make folder %s: %s", folder, error.message());
  std::filesystem::directory_iterator entries(folder, error);
  if (error) return FailedPrecondition("cannot read folder %s: %s", folder, error.message());
  for (const std::filesystem::directory_entry& entry : entries) {
    if (entry.path().extension() == kUnfinished) std::filesystem::remove(entry.path(), error);
  }
  return std::unique_ptr<MediaFolder>(new MediaFolder(std::move(folder), scheduler, blocking));
}

Task<Status> MediaFolder::Write(std::string sha256, std::string bytes) {
  co_return co_await RunOn(blocking_, scheduler_,
                           [folder = folder_, sha256 = std::move(sha256), bytes = std::move(bytes)] {
                             return WriteFile(folder, sha256, bytes);
                           });
}

Task<Status> MediaFolder::Check(std::string sha256) {
  co_return co_await RunOn(blocking_, scheduler_, [folder = folder_, sha256 = std::move(sha256)] {
    return CheckFile(folder, sha256);
  });
}

Task<StatusOr<std::string>> MediaFolder::ReadPart(std::string sha256, std::int64_t at, std::int64_t size) {
  co_return co_await RunOn(blocking_, scheduler_, [folder = folder_, sha256 = std::move(sha256), at, size] {
    return ReadFilePart(folder, sha256, at, size);
  });
}

}  // namespace souk::catalog
