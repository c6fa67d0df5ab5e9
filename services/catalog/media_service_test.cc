#include "services/catalog/media_service.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "libs/base/hash.h"
#include "services/catalog/shop_fixture.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::Jpeg;
using testing::Png;
using testing::Shop;

std::vector<std::string> Files(Shop& shop) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(shop.fixture().data_dir() + "/media")) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

// The bytes, as anyone gets them.
StatusOr<std::string> Download(Shop& shop, const std::string& media_id) {
  v1::DownloadMediaRequest request;
  request.set_media_id(media_id);
  const auto parts = shop.fixture().Download<v1::DownloadMediaResponse>("guest/g", request);
  if (!parts.ok()) return parts.status();
  REQUIRE(parts->front().has_media());
  std::string bytes;
  for (std::size_t i = 1; i < parts->size(); ++i) bytes += (*parts)[i].chunk();
  CHECK(parts->front().media().size_bytes() == static_cast<std::int64_t>(bytes.size()));
  return bytes;
}

TEST_CASE("a photo comes back as it was, in chunks, also after a restart") {
  Shop shop;
  shop.AddSeller("s-1");
  const std::string picture = Png(3000, 2000, testing::PngChunk("IDAT", std::string(200'000, 'p')));
  const auto response = shop.Upload("s-1", picture, ToHex(Sha256(picture)));
  REQUIRE(response.ok());
  CHECK(response->media().content_type() == "image/png");
  CHECK(response->media().width() == 3000);
  CHECK(response->media().sha256() == ToHex(Sha256(picture)));
  CHECK(*Download(shop, response->media().media_id()) == picture);
  shop.fixture().Restart();
  CHECK(*Download(shop, response->media().media_id()) == picture);
}

TEST_CASE("the same bytes are one file, and for one seller one photo") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const auto first = shop.Upload("s-1", Png(3, 2));
  const auto again = shop.Upload("s-1", Png(3, 2));
  const auto other = shop.Upload("s-2", Png(3, 2));
  REQUIRE(other.ok());
  CHECK(first->media().media_id() == again->media().media_id());
  CHECK(first->media().media_id() != other->media().media_id());
  CHECK(Files(shop).size() == 1);
}

TEST_CASE("what a camera wrote about place and time is not stored") {
  Shop shop;
  shop.AddSeller("s-1");
  const auto response = shop.Upload("s-1", Jpeg(40, 30, testing::Exif(6)));
  REQUIRE(response.ok());
  CHECK(Download(shop, response->media().media_id())->find("GPS") == std::string::npos);
}

TEST_CASE("what is not a good picture is refused and leaves nothing") {
  Shop shop;
  shop.AddSeller("s-1");
  CHECK(Reason(shop.Upload("s-1", "hello").status()) == "MEDIA_TYPE_UNKNOWN");
  CHECK(Reason(shop.Upload("s-1", "").status()) == "MEDIA_TYPE_UNKNOWN");
  CHECK(Reason(shop.Upload("s-1", Png(3, 2).substr(0, 40)).status()) == "MEDIA_DAMAGED");
  CHECK(Reason(shop.Upload("s-1", Png(100'000, 100'000)).status()) == "MEDIA_TOO_LARGE");
  CHECK(Reason(shop.Upload("s-1", std::string(kMediaBytesMax + 1, 'x')).status()) == "MEDIA_TOO_LARGE");
  const Status hash = shop.Upload("s-1", Png(3, 2), std::string(64, '0')).status();
  CHECK(Reason(hash) == "MEDIA_HASH_MISMATCH");
  CHECK(hash.code() == StatusCode::kInvalidArgument);
  CHECK(Files(shop).empty());
}

TEST_CASE("only a seller uploads, for herself, and says first what comes") {
  Shop shop;
  shop.AddSeller("s-1");
  CHECK(shop.Upload("s-9", Png(3, 2)).status().code() == StatusCode::kNotFound);
  std::vector<v1::UploadMediaRequest> parts(1);
  parts[0].mutable_start()->set_request_id("r-1");
  parts[0].mutable_start()->set_seller_id("s-1");
  const auto upload = [&](const char* principal) {
    return shop.fixture().Upload<v1::UploadMediaResponse>(principal, parts).status().code();
  };
  CHECK(upload("seller/s-2") == StatusCode::kNotFound);
  CHECK(upload("buyer/b-1") == StatusCode::kPermissionDenied);
  parts[0].set_chunk("bytes");
  CHECK(upload("seller/s-1") == StatusCode::kInvalidArgument);
  parts.clear();
  CHECK(upload("seller/s-1") == StatusCode::kInvalidArgument);
}

TEST_CASE("an upload can be repeated, but not with other bytes") {
  Shop shop;
  shop.AddSeller("s-1");
  std::vector<v1::UploadMediaRequest> parts(2);
  parts[0].mutable_start()->set_request_id("r-1");
  parts[0].mutable_start()->set_seller_id("s-1");
  parts[1].set_chunk(Png(3, 2));
  const auto first = shop.fixture().Upload<v1::UploadMediaResponse>("seller/s-1", parts);
  const auto again = shop.fixture().Upload<v1::UploadMediaResponse>("seller/s-1", parts);
  REQUIRE(again.ok());
  CHECK(first->media().media_id() == again->media().media_id());
  parts[1].set_chunk(Png(4, 4));
  CHECK(Reason(shop.fixture().Upload<v1::UploadMediaResponse>("seller/s-1", parts).status()) ==
        "REQUEST_ID_REUSED");
}

TEST_CASE("uploads of one seller that never end leave room for those of others") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  v1::UploadMediaRequest start;
  start.mutable_start()->set_request_id("r-1");
  start.mutable_start()->set_seller_id("s-1");
  for (int i = 0; i < kUploadsMax; ++i) {
    shop.fixture().BeginUpload<v1::UploadMediaResponse>("seller/s-1", start);
    shop.fixture().BeginUpload<v1::UploadMediaResponse>("seller/s-1", v1::UploadMediaRequest());
  }
  CHECK(shop.Upload("s-1", Png(3, 2)).status().code() == StatusCode::kResourceExhausted);
  CHECK(shop.Upload("s-2", Png(3, 2)).ok());
  shop.fixture().EndUploads();
  CHECK(shop.Upload("s-1", Png(3, 2)).ok());
}

TEST_CASE("leftovers of an interrupted write are removed at the start") {
  Shop shop;
  std::ofstream(shop.fixture().data_dir() + "/media/abc.part") << "half a picture";
  shop.fixture().Restart();
  CHECK(Files(shop).empty());
}

TEST_CASE("a file that was changed is not served") {
  Shop shop;
  shop.AddSeller("s-1");
  const auto response = shop.Upload("s-1", Png(3, 2));
  std::ofstream(shop.fixture().data_dir() + "/media/" + response->media().sha256()) << "other bytes";
  CHECK(Download(shop, response->media().media_id()).status().code() == StatusCode::kDataLoss);
  CHECK(Download(shop, "nothing").status().code() == StatusCode::kNotFound);
}

}  // namespace
}  // namespace souk::catalog
