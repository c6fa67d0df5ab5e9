#include "libs/backup/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/functional/function_ref.h"
#include "libs/base/hash.h"

namespace souk {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

Status FileError(std::string_view what, const std::string& path) {
  return errno == ENOENT ? NotFound("cannot %s %s: %s", what, path, std::strerror(errno))
                         : Internal("cannot %s %s: %s", what, path, std::strerror(errno));
}

// A file descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  bool ok() const { return descriptor_ >= 0; }

 private:
  const int descriptor_;
};

Status WriteAll(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0) return FileError("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return OkStatus();
}

constexpr std::uint64_t kWholeFile = std::numeric_limits<std::uint64_t>::max();

// Calls `piece` with the first `bytes_max` bytes, piece by piece, and returns their digest.
StatusOr<FileDigest> ReadPieces(const std::string& path, std::uint64_t bytes_max,
                                absl::FunctionRef<Status(std::string_view)> piece) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return FileError("read", path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  FileDigest result;
  std::string buffer(kPieceBytes, '\0');
  while (result.bytes < bytes_max) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), bytes_max - result.bytes);
    const ssize_t got = read(file.get(), buffer.data(), wanted);
    if (got < 0) return FileError("read", path);
    if (got == 0) break;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
    result.bytes += bytes.size();
    RETURN_IF_ERROR(piece(bytes));
  }
  std::string hash(32, '\0');
  EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
  result.sha256 = ToHex(hash);
  return result;
}

Status SyncFolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const File file(folder, O_RDONLY | O_DIRECTORY);
  return file.ok() && fsync(file.get()) == 0 ? OkStatus() : FileError("sync", folder);
}

// Has `write` fill a file beside `path`, and gives it its name once it is on the disk.
Status MakeFile(const std::string& path, absl::FunctionRef<Status(int descriptor)> write) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return Internal("cannot make the folder of %s: %s", path, error.message());
  const std::string part = path + ".part";
  {
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return FileError("make", part);
    RETURN_IF_ERROR(write(file.get()));
    if (fsync(file.get()) != 0) return FileError("sync", part);
  }
  fs::rename(part, path, error);
  if (error) return Internal("cannot rename %s: %s", part, error.message());
  return SyncFolderOf(path);
}

}  // namespace

StatusOr<FileDigest> DigestOf(const std::string& path) {
  return ReadPieces(path, kWholeFile, [](std::string_view) { return OkStatus(); });
}

Status CopyFile(const std::string& from, const std::string& to, const FileDigest& expected) {
  return MakeFile(to, [&](int descriptor) {
    ASSIGN_OR_RETURN(const FileDigest copied, ReadPieces(from, expected.bytes, [&](std::string_view bytes) {
                       return WriteAll(descriptor, bytes, to);
                     }));
    return copied.sha256 == expected.sha256 ? OkStatus() : DataLoss("%s is not what it was", from);
  });
}

StatusOr<std::string> ReadFile(const std::string& path) {
  std::string content;
  RETURN_IF_ERROR(ReadPieces(path, kWholeFile, [&](std::string_view bytes) {
                    content.append(bytes);
                    return OkStatus();
                  }).status());
  return content;
}

Status WriteFile(const std::string& path, const std::string& content) {
  return MakeFile(path, [&](int descriptor) { return WriteAll(descriptor, content, path); });
}

}  // namespace souk
