// A file that is written from its end on, and can be cut back to what is known to be good.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "libs/base/status.h"

namespace souk::ctl {

class OutputFile {
 public:
  // Keeps the first `size` bytes of the file, which must be there. "-" is stdout.
  static StatusOr<std::unique_ptr<OutputFile>> Open(const std::string& path, std::uint64_t size);
  ~OutputFile();

  // What comes next: append to it, and call Wrote.
  std::string& buffer() { return buffer_; }
  // Passes the buffer on when it is large.
  Status Wrote() { return buffer_.size() < kBufferBytes ? OkStatus() : Flush(); }
  Status Flush();
  // Flush, and survive a power failure.
  Status Sync();
  // Bytes, those in the buffer included.
  std::uint64_t size() const { return size_ + buffer_.size(); }

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
  OutputFile(std::string path, int file, std::uint64_t size)
      : path_(std::move(path)), file_(file), size_(size) {}

  const std::string path_;
  const int file_;
  std::uint64_t size_;
  std::string buffer_;
};

// Writes the file as a whole or not at all.
Status ReplaceFile(const std::string& path, const std::string& content);
// NOT_FOUND when there is none.
StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace souk::ctl
