// A file that is written from its end on, and can be cut back to what is known to be good.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk::ctl {

class OutputFile {
 public:
  // Keeps the first `size` bytes of the file, which must be there. "-" is stdout; what is
  // no file, such as a named pipe, has no end to be cut.
  static StatusOr<std::unique_ptr<OutputFile>> Open(const std::string& path, std::uint64_t size);
  ~OutputFile();

  Status Append(std::string_view bytes);
  // Passes on what is in the buffer.
  Status Flush();
  // Flush, and survive a power failure.
  Status Sync();
  // Bytes, those in the buffer included.
  std::uint64_t size() const { return size_ + buffer_.size(); }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
  OutputFile(std::string path, int file, bool stream, std::uint64_t size)
      : path_(std::move(path)), file_(file), stream_(stream), size_(size) {}

  const std::string path_;
  const int file_;
  const bool stream_;
  std::uint64_t size_;
  std::string buffer_;
};

// Whether "-", or something that is there and neither a file nor a folder, such as a pipe.
bool IsStream(const std::string& path);

// As long as it lives nobody else has the lock of this file or folder, which Take makes when
// it is not there.
class OutputLock {
 public:
  // UNAVAILABLE when somebody else has it.
  static StatusOr<std::unique_ptr<OutputLock>> Take(const std::string& path, bool folder);
  ~OutputLock();

 private:
  explicit OutputLock(int file) : file_(file) {}
  const int file_;
};

// Writes the file as a whole or not at all.
Status ReplaceFile(const std::string& path, const std::string& content);
// NOT_FOUND when there is none.
StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace souk::ctl
