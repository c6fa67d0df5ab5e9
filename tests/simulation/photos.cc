#include "tests/simulation/photos.h"

#include <utility>
#include <vector>

#include "libs/base/hash.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::simulation {

namespace catalog = souk::catalog::v1;

namespace {

// The smallest picture that the catalogue takes: the parts of a PNG that it looks at.
std::string Picture(std::uint32_t number) {
  const auto big = [](std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xFF));
    return bytes;
  };
  const auto chunk = [&](const std::string& type, const std::string& data) {
    return big(static_cast<std::uint32_t>(data.size())) + type + data + "csum";
  };
  return std::string("\x89PNG\r\n\x1a\n", 8) +
         chunk("IHDR", big(100 + number) + big(100) + std::string("\x08\x02\0\0\0", 5)) +
         chunk("IDAT", "pixels") + chunk("IEND", "");
}

}  // namespace

Task<StatusOr<std::string>> UploadPhoto(Client* seller, std::string seller_id, std::uint32_t number) {
  const std::string picture = Picture(number);
  catalog::UploadMediaRequest start, chunk;
  start.mutable_start()->set_request_id(seller->NewRequestId());
  start.mutable_start()->set_seller_id(std::move(seller_id));
  start.mutable_start()->set_sha256(ToHex(Sha256(picture)));
  chunk.set_chunk(picture);
  std::vector<rpc::Bytes> upload;
  upload.push_back(start.SerializeAsString());
  upload.push_back(chunk.SerializeAsString());
  const rpc::Bytes uploaded =
      co_await Try(seller->Upload("catalog",
                                  rpc::MethodPath(*catalog::UploadMediaRequest::descriptor(),
                                                  *catalog::UploadMediaResponse::descriptor()),
                                  std::move(upload)));
  catalog::UploadMediaResponse media;
  media.ParseFromString(uploaded);
  co_return media.media().media_id();
}

}  // namespace souk::simulation
