// Small pictures for tests, made of the parts that image.cc looks at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souk::catalog::testing {

inline std::string Big(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xFF));
  return out;
}
inline std::string Little(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  return out;
}

inline std::string PngChunk(std::string_view type, std::string_view data) {
  return Big(static_cast<std::uint32_t>(data.size()), 4) + std::string(type) + std::string(data) + "csum";
}
// `extra` are whole chunks.
inline std::string Png(std::uint32_t width, std::uint32_t height, const std::string& extra = "") {
  return std::string("\x89PNG\r\n\x1a\n", 8) +
         PngChunk("IHDR", Big(width, 4) + Big(height, 4) + std::string("\x08\x02\0\0\0", 5)) + extra +
         PngChunk("IDAT", "pixels") + PngChunk("IEND", "");
}

inline std::string JpegSegment(std::uint32_t marker, std::string_view data) {
  return "\xFF" + Big(marker, 1) + Big(static_cast<std::uint32_t>(data.size() + 2), 2) + std::string(data);
}
// `extra` are whole segments.
inline std::string Jpeg(std::uint32_t width, std::uint32_t height, const std::string& extra = "") {
  return "\xFF\xD8" + JpegSegment(0xE0, "JFIF") + extra +
         JpegSegment(0xC0, "\x08" + Big(height, 2) + Big(width, 2) + "\x03") + JpegSegment(0xDA, "scan") +
         "pixels\xFF\xD9";
}
// What a camera writes: which way is up, and something that is nobody's business.
inline std::string Exif(std::uint32_t orientation) {
  return JpegSegment(0xE1, std::string("Exif\0\0II*\0\x08\0\0\0", 14) + Little(2, 2) + Little(0x0110, 2) +
                               Little(2, 2) + Little(4, 4) + "Cam1" + Little(0x0112, 2) + Little(3, 2) +
                               Little(1, 4) + Little(orientation, 4) + Little(0, 4) + "GPS 52.5N 13.4E");
}

inline std::string WebpChunk(std::string_view type, const std::string& data) {
  return std::string(type) + Little(static_cast<std::uint32_t>(data.size()), 4) + data +
         std::string(data.size() % 2, '\0');
}
// `chunks` are whole chunks.
inline std::string Webp(const std::string& chunks) {
  return "RIFF" + Little(static_cast<std::uint32_t>(chunks.size() + 4), 4) + "WEBP" + chunks;
}

}  // namespace souk::catalog::testing
