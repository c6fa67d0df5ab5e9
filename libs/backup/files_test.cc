#include "libs/backup/files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "libs/storage/temporary_folder.h"

namespace souk {
namespace {

namespace fs = std::filesystem;

// A file that was looked at, and a place for its copy.
struct Place {
  TemporaryFolder folder;
  std::string file = folder.path() + "/operations.tsv";
  std::string copy = folder.path() + "/kept/operations.tsv";
  FileDigest digest;

  Place() {
    REQUIRE(WriteFile(file, "one\ntwo\n").ok());
    digest = DigestOf(file).value();
  }
};

TEST_CASE("a file that was appended to since it was looked at is copied as it was") {
  const Place place;
  std::ofstream(place.file, std::ios::app) << "three\n";
  REQUIRE(CopyFile(place.file, place.copy, place.digest).ok());
  CHECK(ReadFile(place.copy).value() == "one\ntwo\n");
}

TEST_CASE("a file that was changed or cut since it was looked at is not copied") {
  const Place place;
  const std::string content = GENERATE("one\nTWO\n", "TWO\n", "one\n", "");
  CAPTURE(content);
  REQUIRE(WriteFile(place.file, content).ok());
  CHECK(absl::IsDataLoss(CopyFile(place.file, place.copy, place.digest)));
  CHECK_FALSE(fs::exists(place.copy));
}

TEST_CASE("a file that is gone is not found") {
  const Place place;
  fs::remove(place.file);
  CHECK(absl::IsNotFound(DigestOf(place.file).status()));
  CHECK(absl::IsNotFound(CopyFile(place.file, place.copy, place.digest)));
  CHECK_FALSE(fs::exists(place.copy));
}

}  // namespace
}  // namespace souk
