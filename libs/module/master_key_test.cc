#include "libs/module/master_key.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "libs/storage/memory_store.h"
#include "libs/storage/temporary_folder.h"

namespace souk {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("the key is made once, for its owner only") {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/master.key";
  const std::string key = LoadMasterKey(file, /*stores_exist=*/false).value();
  CHECK(key.size() == 32);
  CHECK(LoadMasterKey(file, /*stores_exist=*/true).value() == key);
  struct stat info;
  REQUIRE(stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);

  const TemporaryFolder other;
  CHECK(LoadMasterKey(other.path() + "/master.key", /*stores_exist=*/false).value() != key);
}

TEST_CASE("no new key is made for stores that were used with another one") {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/master.key";
  const Status status = LoadMasterKey(file, /*stores_exist=*/true).status();
  CHECK(absl::IsFailedPrecondition(status));
  CHECK_THAT(std::string(status.message()), Contains(file + " is missing"));
  CHECK_FALSE(std::ifstream(file).good());
}

TEST_CASE("a key that was cut off is no key") {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/master.key";
  std::ofstream(file) << "short";
  CHECK(absl::IsDataLoss(LoadMasterKey(file, /*stores_exist=*/true).status()));
}

TEST_CASE("a store stays with the key that it was first used with") {
  MemoryStore store;
  const std::string key(32, 'k'), other(32, 'o');
  CHECK(BindMasterKey(store, key).ok());
  CHECK(BindMasterKey(store, key).ok());
  CHECK_THAT(std::string(BindMasterKey(store, other).message()), Contains("not the one"));
}

}  // namespace
}  // namespace souk
