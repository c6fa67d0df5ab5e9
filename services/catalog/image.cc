#include "services/catalog/image.h"

#include <optional>

namespace souk::catalog {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kExif = "Exif\0\0"sv;

std::uint32_t Byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::uint32_t Big16(std::string_view bytes, std::size_t at) {
  return Byte(bytes, at) << 8 | Byte(bytes, at + 1);
}
std::uint32_t Big32(std::string_view bytes, std::size_t at) {
  return Big16(bytes, at) << 16 | Big16(bytes, at + 2);
}
std::uint32_t Little16(std::string_view bytes, std::size_t at) {
  return Byte(bytes, at) | Byte(bytes, at + 1) << 8;
}
std::uint32_t Little32(std::string_view bytes, std::size_t at) {
  return Little16(bytes, at) | Little16(bytes, at + 2) << 16;
}

Status Damaged(std::string_view what) {
  return WithReason(InvalidArgument("damaged picture: %s", what), "MEDIA_DAMAGED");
}

ImageInfo InfoOf(ImageType type, std::uint32_t width, std::uint32_t height) {
  return {type, static_cast<std::int32_t>(width), static_cast<std::int32_t>(height)};
}

// -- PNG (W3C, third edition): a signature, then chunks of length, type, data, checksum --

// Calls `chunk(type, all of its bytes)`; false when the file ends before IEND does.
template <typename Function>
bool ForEachPngChunk(std::string_view bytes, Function chunk) {
  for (std::size_t at = kPngSignature.size(); bytes.size() - at >= 12;) {
    const std::size_t size = std::size_t{Big32(bytes, at)} + 12;
    if (size > bytes.size() - at) return false;
    const std::string_view type = bytes.substr(at + 4, 4);
    chunk(type, bytes.substr(at, size));
    if (type == "IEND") return true;
    at += size;
  }
  return false;
}

StatusOr<ImageInfo> ReadPng(std::string_view bytes) {
  if (bytes.size() < 33 || bytes.substr(12, 4) != "IHDR") return Damaged("no IHDR");
  if (!ForEachPngChunk(bytes, [](std::string_view, std::string_view) {})) return Damaged("no IEND");
  return InfoOf(ImageType::kPng, Big32(bytes, 16), Big32(bytes, 20));
}

std::string StripPng(std::string_view bytes) {
  std::string out(kPngSignature);
  ForEachPngChunk(bytes, [&out](std::string_view type, std::string_view chunk) {
    const bool told = type == "eXIf" || type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "tIME";
    if (!told) out.append(chunk);
  });
  return out;
}

// -- JPEG (ITU-T T.81, annex B): segments of FF, marker, length, data, up to the scan --

struct Segment {
  std::uint32_t marker;
  std::string_view whole;  // With marker and length.
  std::string_view data;
};

// Calls `segment` for each one before the scan; returns where that begins, or nothing.
template <typename Function>
std::optional<std::size_t> ForEachJpegSegment(std::string_view bytes, Function segment) {
  std::size_t at = 2;
  while (bytes.size() - at >= 4) {
    if (Byte(bytes, at) != 0xFF) return std::nullopt;
    const std::uint32_t marker = Byte(bytes, at + 1);
    if (marker == 0xFF) {  // Padding.
      ++at;
      continue;
    }
    if (marker == 0xDA) return at;
    const std::size_t length = Big16(bytes, at + 2);
    if (length < 2 || length + 2 > bytes.size() - at) return std::nullopt;
    segment(Segment{marker, bytes.substr(at, length + 2), bytes.substr(at + 4, length - 2)});
    at += length + 2;
  }
  return std::nullopt;
}

bool IsFrameHeader(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

StatusOr<ImageInfo> ReadJpeg(std::string_view bytes) {
  std::optional<ImageInfo> info;
  const std::optional<std::size_t> scan = ForEachJpegSegment(bytes, [&info](const Segment& segment) {
    if (!IsFrameHeader(segment.marker) || segment.data.size() < 5) return;
    info = InfoOf(ImageType::kJpeg, Big16(segment.data, 3), Big16(segment.data, 1));
  });
  if (!scan.has_value() || !info.has_value()) return Damaged("no frame and scan");
  if (bytes.find("\xFF\xD9"sv, *scan) == std::string_view::npos) return Damaged("no end of image");
  return *info;
}

// The orientation, 1 to 8, that an Exif segment tells; 1 is upright. Exif 2.32, 4.6.4.
std::uint32_t OrientationIn(std::string_view exif) {
  const std::string_view tiff = exif.substr(kExif.size());
  if (tiff.size() < 10) return 1;
  const bool big = tiff.starts_with("MM");
  const auto read16 = [&](std::size_t at) { return big ? Big16(tiff, at) : Little16(tiff, at); };
  const std::size_t directory = big ? Big32(tiff, 4) : Little32(tiff, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = read16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return 1;
    if (read16(at) != 0x0112) continue;
    const std::uint32_t orientation = read16(at + 8);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

// An Exif segment that tells nothing else.
std::string OrientationSegment(std::uint32_t orientation) {
  std::string segment("\xFF\xE1\x00\x22"sv);  // 34 bytes follow, these two included.
  segment += kExif;
  segment += "MM\x00\x2A\x00\x00\x00\x08"sv;                // Big endian, directory at 8.
  segment += "\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"sv;  // One entry: 0x0112, SHORT, one value.
  segment += {'\0', static_cast<char>(orientation), '\0', '\0'};
  segment += "\x00\x00\x00\x00"sv;  // No further directory.
  return segment;
}

std::string StripJpeg(std::string_view bytes) {
  std::string kept;
  std::uint32_t orientation = 1;
  const std::optional<std::size_t> scan = ForEachJpegSegment(bytes, [&](const Segment& segment) {
    const bool exif_or_xmp = segment.marker == 0xE1;
    const bool iptc = segment.marker == 0xED;
    const bool comment = segment.marker == 0xFE;
    if (exif_or_xmp && segment.data.starts_with(kExif)) orientation = OrientationIn(segment.data);
    if (!exif_or_xmp && !iptc && !comment) kept.append(segment.whole);
  });
  std::string out(bytes.substr(0, 2));
  if (orientation != 1) out += OrientationSegment(orientation);
  out += kept;
  out += bytes.substr(*scan);
  return out;
}

// -- WebP (RFC 9649): RIFF, length, WEBP, then chunks padded to even length --

template <typename Function>
bool ForEachWebpChunk(std::string_view bytes, Function chunk) {
  const std::size_t end = std::size_t{Little32(bytes, 4)} + 8;
  if (end > bytes.size()) return false;
  for (std::size_t at = 12; at < end;) {
    if (end - at < 8) return false;
    const std::size_t size = std::size_t{Little32(bytes, at + 4)} + 8;
    const std::size_t padded = size + size % 2;
    if (size > end - at) return false;
    chunk(bytes.substr(at, 4), bytes.substr(at, std::min(padded, end - at)));
    at += padded;
  }
  return true;
}

StatusOr<ImageInfo> ReadWebp(std::string_view bytes) {
  // The header's own length counts: what lies behind it is no part of the picture.
  if (bytes.size() < 30 || std::size_t{Little32(bytes, 4)} + 8 < 30) return Damaged("too short");
  if (!ForEachWebpChunk(bytes, [](std::string_view, std::string_view) {})) return Damaged("cut off");
  const std::string_view first = bytes.substr(12, 4);
  if (first == "VP8X") {
    return InfoOf(ImageType::kWebp, 1 + (Little32(bytes, 24) & 0xFFFFFF), 1 + (Little32(bytes, 26) >> 8));
  }
  if (first == "VP8L" && Byte(bytes, 20) == 0x2F) {
    const std::uint32_t bits = Little32(bytes, 21);
    return InfoOf(ImageType::kWebp, 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF));
  }
  if (first == "VP8 " && bytes.substr(23, 3) == "\x9D\x01\x2A"sv) {
    return InfoOf(ImageType::kWebp, Little16(bytes, 26) & 0x3FFF, Little16(bytes, 28) & 0x3FFF);
  }
  return Damaged("no frame");
}

std::string StripWebp(std::string_view bytes) {
  constexpr char kExifFlag = 0x08, kXmpFlag = 0x04;
  std::string body = "WEBP";
  ForEachWebpChunk(bytes, [&body](std::string_view type, std::string_view chunk) {
    if (type == "EXIF" || type == "XMP ") return;
    body.append(chunk);
    if (type != "VP8X") return;
    char& flags = body[body.size() - chunk.size() + 8];
    flags = static_cast<char>(flags & ~(kExifFlag | kXmpFlag));
  });
  std::string out = "RIFF";
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(body.size() >> shift & 0xFF));
  return out + body;
}

// -- GIF (version 89a): the size of the screen is in the header --

StatusOr<ImageInfo> ReadGif(std::string_view bytes) {
  if (bytes.size() < 14 || bytes.rfind(';') == std::string_view::npos) return Damaged("no end of image");
  return InfoOf(ImageType::kGif, Little16(bytes, 6), Little16(bytes, 8));
}

StatusOr<ImageInfo> ReadByType(std::string_view bytes) {
  if (bytes.starts_with(kPngSignature)) return ReadPng(bytes);
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return ReadJpeg(bytes);
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return ReadGif(bytes);
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return ReadWebp(bytes);
  return WithReason(InvalidArgument("not a PNG, JPEG, WebP or GIF picture"), "MEDIA_TYPE_UNKNOWN");
}

}  // namespace

const char* ContentTypeOf(ImageType type) {
  switch (type) {
    case ImageType::kPng:
      return "image/png";
    case ImageType::kJpeg:
      return "image/jpeg";
    case ImageType::kWebp:
      return "image/webp";
    case ImageType::kGif:
      return "image/gif";
  }
}

StatusOr<ImageInfo> ReadImage(std::string_view bytes) {
  ASSIGN_OR_RETURN(const ImageInfo info, ReadByType(bytes));
  if (info.width <= 0 || info.height <= 0) return Damaged("it has no size");
  return info;
}

std::string WithoutCameraData(std::string_view bytes, ImageType type) {
  switch (type) {
    case ImageType::kPng:
      return StripPng(bytes);
    case ImageType::kJpeg:
      return StripJpeg(bytes);
    case ImageType::kWebp:
      return StripWebp(bytes);
    case ImageType::kGif:
      return std::string(bytes);  // No camera writes it.
  }
}

}  // namespace souk::catalog
