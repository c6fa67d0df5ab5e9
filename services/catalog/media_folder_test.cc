#include "services/catalog/media_folder.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "libs/base/hash.h"
#include "libs/runtime/strand.h"
#include "libs/storage/temporary_folder.h"
#include "libs/testing/home_thread.h"

namespace souk::catalog {
namespace {

namespace fs = std::filesystem;

const std::string kPhoto("\xff\xd8\0\x0d\x0a a photo", 15);
const std::string kName = ToHex(Sha256(kPhoto));

class Shelf {
 public:
  StatusOr<std::unique_ptr<MediaFolder>> Open() const {
    return MediaFolder::Open(path(), home_.scheduler(), blocking_);
  }
  template <typename T>
  T Run(Task<T> task) {
    return home_.Run(std::move(task));
  }
  std::string path() const { return folder_.path() + "/files/media"; }
  std::string PhotoPath() const { return path() + "/" + kName; }

 private:
  const TemporaryFolder folder_;
  mutable testing::HomeThread home_;
  mutable Strand blocking_;
};

TEST_CASE("a photo that was stored is read as it was, also by a new process") {
  Shelf shelf;
  {
    const std::unique_ptr<MediaFolder> media = *shelf.Open();
    CHECK(shelf.Run(media->Write(kName, kPhoto)).ok());
    CHECK(shelf.Run(media->ReadPart(kName, 0, 1000)).value() == kPhoto);
  }
  CHECK(shelf.Run((*shelf.Open())->Check(kName)).ok());
}

TEST_CASE("a photo that is stored twice is one file, and nothing else is left") {
  Shelf shelf;
  const std::unique_ptr<MediaFolder> media = *shelf.Open();
  CHECK(shelf.Run(media->Write(kName, kPhoto)).ok());
  const auto first = fs::last_write_time(shelf.PhotoPath());
  CHECK(shelf.Run(media->Write(kName, kPhoto)).ok());
  CHECK(fs::last_write_time(shelf.PhotoPath()) == first);
  CHECK(std::distance(fs::directory_iterator(shelf.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("what an interrupted write left is removed at the start, and photos stay") {
  Shelf shelf;
  REQUIRE(shelf.Run((*shelf.Open())->Write(kName, kPhoto)).ok());
  std::ofstream(shelf.PhotoPath() + ".part") << "half a pho";
  const std::unique_ptr<MediaFolder> media = *shelf.Open();
  CHECK_FALSE(fs::exists(shelf.PhotoPath() + ".part"));
  CHECK(shelf.Run(media->ReadPart(kName, 0, 1000)).value() == kPhoto);
}

TEST_CASE("a photo that is gone, or not what it was, is damage") {
  Shelf shelf;
  const std::unique_ptr<MediaFolder> media = *shelf.Open();
  CHECK(absl::IsDataLoss(shelf.Run(media->Check(kName))));
  REQUIRE(shelf.Run(media->Write(kName, kPhoto)).ok());
  std::ofstream(shelf.PhotoPath()) << "another photo";
  CHECK(absl::IsDataLoss(shelf.Run(media->Check(kName))));
}

TEST_CASE("a photo that cannot be written is not said to be stored") {
  Shelf shelf;
  const std::unique_ptr<MediaFolder> media = *shelf.Open();
  fs::remove_all(shelf.path());
  const Status status = shelf.Run(media->Write(kName, kPhoto));
  CHECK(absl::IsUnavailable(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(shelf.path()));
}

TEST_CASE("a folder that cannot be made stops the start, and is named") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/media") << "a file";
  testing::HomeThread home;
  Strand blocking;
  const Status status = MediaFolder::Open(folder.path() + "/media", home.scheduler(), blocking).status();
  CHECK(absl::IsFailedPrecondition(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(folder.path() + "/media"));
}

}  // namespace
}  // namespace souk::catalog
