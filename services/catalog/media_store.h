// Where the bytes of photos are kept, named by their SHA-256. Implementation:
// media_folder.h (files).
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"

namespace souk::catalog {

class MediaStore {
 public:
  virtual ~MediaStore() = default;

  // Durable when done. Nothing happens when these bytes are stored.
  virtual Task<Status> Write(std::string sha256, std::string bytes) = 0;

  // DATA_LOSS when they are not there or not what they were.
  virtual Task<Status> Check(std::string sha256) = 0;

  // At most `size` of them from the position `at` on, as they are. DATA_LOSS when there are none.
  virtual Task<StatusOr<std::string>> ReadPart(std::string sha256, std::int64_t at, std::int64_t size) = 0;
};

}  // namespace souk::catalog
