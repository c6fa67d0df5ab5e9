#include "libs/module/master_key.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "libs/base/hash.h"

namespace souk {
namespace {

constexpr std::size_t kKeySize = 32;

// That the file is in its folder survives a power failure, too: stores may follow that are of
// no use without it.
bool SyncFolderOf(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path();
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return false;
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

Status WriteNew(const std::string& file, const std::string& key) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (descriptor < 0) return FailedPrecondition("cannot make %s: %s", file, std::strerror(errno));
  const bool written = write(descriptor, key.data(), key.size()) == static_cast<ssize_t>(key.size());
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return written && synced && SyncFolderOf(file) ? OkStatus() : FailedPrecondition("cannot write %s", file);
}

}  // namespace

StatusOr<std::string> LoadMasterKey(const std::string& file, bool stores_exist) {
  std::ifstream stream(file, std::ios::binary);
  if (stream) {
    std::string key((std::istreambuf_iterator<char>(stream)), {});
    if (key.size() != kKeySize) return DataLoss("%s has %d bytes instead of %d", file, key.size(), kKeySize);
    return key;
  }
  if (stores_exist) {
    return FailedPrecondition(
        "%s is missing: without it the personal data in the stores cannot be read; copy it from where you "
        "keep it "
        "(it is in no backup)",
        file);
  }
  std::string key(kKeySize, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeySize) != 1) {
    return Internal("the system has no random source");
  }
  RETURN_IF_ERROR(WriteNew(file, key));
  return key;
}

Status BindMasterKey(Store& store, const std::string& master_key) {
  constexpr char kBoundTo[] = "master_key";
  const std::string digest = ToHex(Sha256("souk master key " + master_key)).substr(0, 16);
  ASSIGN_OR_RETURN(const std::optional<std::string> bound, store.Get(ColumnFamily::kMeta, kBoundTo));
  if (bound == digest) return OkStatus();
  if (bound.has_value()) {
    return FailedPrecondition(
        "master.key is not the one that the store was used with; copy that one into the folder");
  }
  Batch batch;
  batch.Put(ColumnFamily::kMeta, kBoundTo, digest);
  return SyncWait(store.Write(std::move(batch), Durability::kSynced));
}

}  // namespace souk
