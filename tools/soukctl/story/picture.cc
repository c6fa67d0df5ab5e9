#include "tools/soukctl/story/picture.h"

#include <zlib.h>

#include <string_view>

#include "libs/base/big_endian.h"

namespace souk::ctl {
namespace {

constexpr std::uint32_t kSize = 16;  // Pixels along each side.

void AppendChunk(std::string& png, std::string_view type, std::string_view data) {
  AppendBigEndian(png, static_cast<std::uint32_t>(data.size()));
  std::string body(type);
  body.append(data);
  png += body;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  AppendBigEndian(png, static_cast<std::uint32_t>(crc));
}

}  // namespace

std::string MakePicture(std::uint64_t seed) {
  std::string pixels;
  for (std::uint32_t y = 0; y < kSize; ++y) {
    pixels.push_back('\0');  // No filter.
    for (std::uint32_t x = 0; x < kSize; ++x) {
      const std::uint64_t colour = x + y < kSize ? seed : seed >> 24;
      for (int shift = 0; shift < 24; shift += 8) pixels.push_back(static_cast<char>(colour >> shift & 0xff));
    }
  }
  uLongf size = compressBound(pixels.size());
  std::string compressed(size, '\0');
  compress(reinterpret_cast<Bytef*>(compressed.data()), &size, reinterpret_cast<const Bytef*>(pixels.data()),
           pixels.size());
  compressed.resize(size);

  std::string header;
  AppendBigEndian(header, kSize);
  AppendBigEndian(header, kSize);
  header += std::string("\x08\x02\x00\x00\x00", 5);  // 8 bits of red, green and blue.
  std::string png("\x89PNG\r\n\x1a\n", 8);
  AppendChunk(png, "IHDR", header);
  AppendChunk(png, "IDAT", compressed);
  AppendChunk(png, "IEND", "");
  return png;
}

}  // namespace souk::ctl
