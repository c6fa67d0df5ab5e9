// Files of a backup: their digests, and copies that are on the disk when they are done.
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/status.h"

namespace souk {

struct FileDigest {
  std::string sha256;  // In hexadecimal digits.
  std::uint64_t bytes = 0;
};

// NOT_FOUND when there is no such file.
StatusOr<FileDigest> DigestOf(const std::string& path);

// Copies as much of a file as `expected` is of: one that a service appends to may have grown
// since. The copy has its name only when it is whole, and is what `expected` says.
// Makes the folders on the way. DATA_LOSS when the content is something else.
Status CopyFile(const std::string& from, const std::string& to, const FileDigest& expected);

// The whole file, for small ones.
StatusOr<std::string> ReadFile(const std::string& path);

// Makes a file that has its name only when it is whole.
Status WriteFile(const std::string& path, const std::string& content);

}  // namespace souk
