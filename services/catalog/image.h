// Pictures as bytes: what kind, how large, and without what cameras write into them.
// Reads headers only; nothing is decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk::catalog {

enum class ImageType { kPng, kJpeg, kWebp, kGif };

struct ImageInfo {
  ImageType type;
  std::int32_t width;   // In pixels.
  std::int32_t height;  // In pixels.
};

// "image/png", ...
const char* ContentTypeOf(ImageType type);

// What the bytes are, whatever anyone calls them. INVALID_ARGUMENT MEDIA_TYPE_UNKNOWN, or
// MEDIA_DAMAGED when the file is cut off or makes no sense.
StatusOr<ImageInfo> ReadImage(std::string_view bytes);

// The picture without what says when, where and with what it was taken: Exif, XMP, IPTC and
// texts. Which way is up stays. `bytes` were accepted by ReadImage as `type`.
std::string WithoutCameraData(std::string_view bytes, ImageType type);

}  // namespace souk::catalog
