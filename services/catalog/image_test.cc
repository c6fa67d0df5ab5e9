#include "services/catalog/image.h"

#include <catch2/catch.hpp>

#include "services/catalog/test_images.h"

namespace souk::catalog {
namespace {

using namespace testing;

void CheckReads(const std::string& bytes, ImageType type, int width, int height) {
  const StatusOr<ImageInfo> info = ReadImage(bytes);
  INFO(info.status().ToString());
  REQUIRE(info.ok());
  CHECK(info->type == type);
  CHECK(info->width == width);
  CHECK(info->height == height);
}

const std::string kVp8x = WebpChunk("VP8X", std::string("\x0C\0\0\0", 4) + Little(799, 3) + Little(599, 3));
const std::string kVp8 =
    WebpChunk("VP8 ", std::string("\0\0\0\x9D\x01\x2A", 6) + Little(640, 2) + Little(480, 2) + "pixels");
const std::string kVp8l = WebpChunk("VP8L", "\x2F" + Little(99u | 49u << 14, 4) + "pixelspixels");

TEST_CASE("type and size are read from the bytes") {
  CheckReads(Png(300, 200), ImageType::kPng, 300, 200);
  CheckReads(Jpeg(4000, 3000), ImageType::kJpeg, 4000, 3000);
  CheckReads(Jpeg(40, 30, Exif(6)), ImageType::kJpeg, 40, 30);
  CheckReads("GIF89a" + Little(20, 2) + Little(10, 2) + "pixels;", ImageType::kGif, 20, 10);
  CheckReads(Webp(kVp8x + kVp8), ImageType::kWebp, 800, 600);
  CheckReads(Webp(kVp8), ImageType::kWebp, 640, 480);
  CheckReads(Webp(kVp8l), ImageType::kWebp, 100, 50);
}

TEST_CASE("what is no picture is refused, whatever it calls itself") {
  for (const char* bytes : {"", "hello", "<svg/>", "%PDF-1.7", "RIFF1234WAVE"}) {
    CHECK(Reason(ReadImage(bytes).status()) == "MEDIA_TYPE_UNKNOWN");
  }
  CHECK(Reason(ReadImage(Png(0, 200)).status()) == "MEDIA_DAMAGED");
}

TEST_CASE("no cut of a picture is taken for a picture, and none is read beyond its end") {
  for (const std::string& whole :
       {Png(3, 2, PngChunk("tEXt", "hi")), Jpeg(3, 2, Exif(3)), Webp(kVp8x + kVp8)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy of exactly that size, so that a sanitizer sees every byte behind it.
      const std::string cut(whole, 0, size);
      CHECK_FALSE(ReadImage(cut).ok());
    }
  }
}

TEST_CASE("damage never leads beyond the bytes") {
  for (const std::string& whole : {Png(3, 2), Jpeg(3, 2, Exif(3)), Webp(kVp8x + kVp8), Webp(kVp8l)}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char value : {'\0', '\x7F', '\xFF'}) {
        std::string damaged = whole;
        damaged[at] = value;
        const StatusOr<ImageInfo> info = ReadImage(damaged);
        if (info.ok()) CHECK(ReadImage(WithoutCameraData(damaged, info->type)).ok());
      }
    }
  }
}

TEST_CASE("what a camera wrote is removed, which way is up stays") {
  const std::string comments = JpegSegment(0xED, "IPTC Berlin") + JpegSegment(0xFE, "by Ann");
  const std::string stripped = WithoutCameraData(Jpeg(40, 30, Exif(6) + comments), ImageType::kJpeg);
  for (const char* told : {"GPS", "Cam1", "Berlin", "Ann"}) CHECK(stripped.find(told) == std::string::npos);
  CheckReads(stripped, ImageType::kJpeg, 40, 30);
  CHECK(stripped.find("\x01\x12") != std::string::npos);
  // Once is enough: what was stripped is stored as it is.
  CHECK(WithoutCameraData(stripped, ImageType::kJpeg) == stripped);
  CHECK(WithoutCameraData(Jpeg(40, 30, Exif(1)), ImageType::kJpeg) == Jpeg(40, 30));
}

TEST_CASE("texts in PNG and WebP are removed") {
  const std::string texts = PngChunk("tEXt", "by Ann") + PngChunk("eXIf", "GPS") + PngChunk("tIME", "now");
  CHECK(WithoutCameraData(Png(3, 2, texts), ImageType::kPng) == Png(3, 2));
  const std::string told = WebpChunk("EXIF", "GPS") + WebpChunk("XMP ", "by Ann");
  const std::string stripped = WithoutCameraData(Webp(kVp8x + kVp8 + told), ImageType::kWebp);
  CHECK(stripped.size() == Webp(kVp8x + kVp8).size());
  CHECK(stripped[20] == 0);  // The flags say so, too.
  CheckReads(stripped, ImageType::kWebp, 800, 600);
}

}  // namespace
}  // namespace souk::catalog
