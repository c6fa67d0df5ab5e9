#include "tools/soukctl/export/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace souk::ctl {

namespace {

void MakeFolderOf(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
}

}  // namespace

StatusOr<std::unique_ptr<OutputFile>> OutputFile::Open(const std::string& path, std::uint64_t size) {
  if (path == "-") return std::unique_ptr<OutputFile>(new OutputFile("stdout", STDOUT_FILENO, true, 0));
  MakeFolderOf(path);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return FailedPrecondition("cannot write %s: %s", path, std::strerror(errno));
  std::unique_ptr<OutputFile> output(new OutputFile(path, file, IsStream(path), size));
  if (output->stream_) return output;
  struct stat found{};
  if (fstat(file, &found) != 0 || static_cast<std::uint64_t>(found.st_size) < size) {
    return DataLoss("%s is shorter than it was; export it anew with --force", path);
  }
  const auto end = static_cast<off_t>(size);
  if (ftruncate(file, end) != 0 || lseek(file, end, SEEK_SET) != end) {
    return FailedPrecondition("cannot write %s: %s", path, std::strerror(errno));
  }
  return output;
}

OutputFile::~OutputFile() {
  if (file_ != STDOUT_FILENO) close(file_);
}

Status OutputFile::Append(std::string_view bytes) {
  buffer_.append(bytes);
  return buffer_.size() < kBufferBytes ? OkStatus() : Flush();
}

Status OutputFile::Flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t written = write(file_, buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Internal("cannot write %s: %s", path_, std::strerror(errno));
    done += static_cast<std::size_t>(written);
  }
  size_ += done;
  buffer_.clear();
  return OkStatus();
}

Status OutputFile::Sync() {
  RETURN_IF_ERROR(Flush());
  if (stream_ || fdatasync(file_) == 0) return OkStatus();
  return Internal("cannot write %s: %s", path_, std::strerror(errno));
}

bool IsStream(const std::string& path) {
  struct stat found{};
  return path == "-" ||
         (stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode));
}

StatusOr<std::unique_ptr<OutputLock>> OutputLock::Take(const std::string& path, bool folder) {
  MakeFolderOf(path);
  if (folder) mkdir(path.c_str(), 0755);
  const int file =
      open(path.c_str(), (folder ? O_RDONLY | O_DIRECTORY : O_WRONLY | O_CREAT) | O_CLOEXEC, 0644);
  if (file < 0) return FailedPrecondition("cannot write %s: %s", path, std::strerror(errno));
  std::unique_ptr<OutputLock> lock(new OutputLock(file));
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  return Unavailable("%s is being written by another process; wait for its end", path);
}

OutputLock::~OutputLock() { close(file_); }

Status ReplaceFile(const std::string& path, const std::string& content) {
  const std::string part = path + ".part";
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> file, OutputFile::Open(part, 0));
    RETURN_IF_ERROR(file->Append(content));
    RETURN_IF_ERROR(file->Sync());
  }
  if (rename(part.c_str(), path.c_str()) == 0) return OkStatus();
  return Internal("cannot write %s: %s", path, std::strerror(errno));
}

StatusOr<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read %s", path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace souk::ctl
