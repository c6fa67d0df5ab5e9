#include "libs/module/master_key.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace souk {
namespace {

constexpr std::size_t kKeySize = 32;

Status WriteNew(const std::string& file, const std::string& key) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (descriptor < 0) return FailedPrecondition("cannot make %s: %s", file, std::strerror(errno));
  const bool written = write(descriptor, key.data(), key.size()) == static_cast<ssize_t>(key.size());
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return written && synced ? OkStatus() : FailedPrecondition("cannot write %s", file);
}

}  // namespace

StatusOr<std::string> LoadMasterKey(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (stream) {
    std::string key((std::istreambuf_iterator<char>(stream)), {});
    if (key.size() != kKeySize) return DataLoss("%s has %d bytes instead of %d", file, key.size(), kKeySize);
    return key;
  }
  std::string key(kKeySize, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeySize) != 1) {
    return Internal("the system has no random source");
  }
  RETURN_IF_ERROR(WriteNew(file, key));
  return key;
}

}  // namespace souk
