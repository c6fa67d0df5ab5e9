#include "services/catalog/media_service.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/hash.h"
#include "services/catalog/access.h"
#include "services/catalog/image.h"
#include "services/catalog/render.h"

namespace souk::catalog {
namespace {

constexpr std::int64_t kChunkBytes = 64 << 10;

using Uploads = std::map<std::string, int>;

// One of the uploads that may run at the same time.
class UploadSlot {
 public:
  UploadSlot(Uploads& uploads, std::string seller_id) : uploads_(uploads), seller_id_(std::move(seller_id)) {
    ++uploads_[seller_id_];
  }
  UploadSlot(const UploadSlot&) = delete;
  UploadSlot& operator=(const UploadSlot&) = delete;
  ~UploadSlot() {
    if (--uploads_[seller_id_] == 0) uploads_.erase(seller_id_);
  }

 private:
  Uploads& uploads_;
  const std::string seller_id_;
};

Status CheckRoom(const Uploads& uploads, const std::string& seller_id) {
  int all = 0;
  for (const auto& [seller, count] : uploads) all += count;
  const auto own = uploads.find(seller_id);
  if (all < kUploadsMax && (own == uploads.end() || own->second < kUploadsPerSellerMax)) return OkStatus();
  return absl::ResourceExhaustedError("too many uploads at the same time; try again in a moment");
}

Status TooLarge(const std::string& max) {
  return WithReason(InvalidArgument("picture is larger than %s", max), "MEDIA_TOO_LARGE", {{"max", max}});
}

StatusOr<ImageInfo> CheckImage(std::string_view bytes) {
  ASSIGN_OR_RETURN(const ImageInfo info, ReadImage(bytes));
  if (std::int64_t{info.width} * info.height > kMediaPixelsMax) {
    return TooLarge(absl::StrFormat("%d pixels", kMediaPixelsMax));
  }
  return info;
}

}  // namespace

void MediaService::AddTo(rpc::Router& router) {
  router.Add<&MediaService::UploadMedia>(*this, rpc::kSellers);
  router.Add<&MediaService::DownloadMedia>(*this, rpc::kAnyone);
}

Task<StatusOr<v1::UploadMediaResponse>> MediaService::UploadMedia(CallContext call,
                                                                  rpc::Reader<v1::UploadMediaRequest> in) {
  const std::optional<v1::UploadMediaRequest> first = co_await Try(in.Read());
  if (!first.has_value() || !first->has_start()) co_return InvalidField("start", "must come first");
  const v1::UploadMediaRequest::Start& start = first->start();
  CommandMetadata metadata = co_await Try(call.Metadata(start.request_id()));
  co_await Try(ReadOwnSeller(engine_, call, start.seller_id()));
  co_await Try(CheckRoom(uploads_, start.seller_id()));
  const UploadSlot slot(uploads_, start.seller_id());

  std::string bytes = co_await Try(ReadChunks(in));
  const std::string uploaded = ToHex(Sha256(bytes));
  if (!start.sha256().empty() && absl::AsciiStrToLower(start.sha256()) != uploaded) {
    co_return WithReason(InvalidArgument("the bytes have SHA-256 %s", uploaded), "MEDIA_HASH_MISMATCH");
  }
  const ImageInfo info = co_await Try(CheckImage(bytes));
  bytes = WithoutCameraData(bytes, info.type);
  const std::string sha256 = ToHex(Sha256(bytes));
  const MediaId id = MediaIdFor(start.seller_id(), sha256);

  RecordMedia command;
  command.received.set_media_id(id.str());
  command.received.set_seller_id(start.seller_id());
  command.received.set_sha256(sha256);
  command.received.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
  command.received.set_content_type(ContentTypeOf(info.type));
  command.received.set_width(info.width);
  command.received.set_height(info.height);
  co_await Try(store_.Write(sha256, std::move(bytes)));

  // The content of this request is its bytes.
  metadata.fingerprint = Fingerprint(call.method + "\n" + ToString(call.principal) + "\n" + uploaded);
  const Shared<v1::MediaState> media =
      co_await Try(engine_.Execute<Media>(id, std::move(command), std::move(metadata)));
  v1::UploadMediaResponse response;
  *response.mutable_media() = Render(*media);
  co_return response;
}

Task<StatusOr<std::string>> MediaService::ReadChunks(rpc::Reader<v1::UploadMediaRequest> in) {
  std::string bytes;
  for (;;) {
    const std::optional<v1::UploadMediaRequest> part = co_await Try(in.Read());
    if (!part.has_value()) co_return bytes;
    if (!part->has_chunk()) co_return InvalidField("chunk", "must follow the start");
    if (part->chunk().size() > kMediaBytesMax - bytes.size()) {
      co_return TooLarge(absl::StrFormat("%d bytes", kMediaBytesMax));
    }
    bytes += part->chunk();
  }
}

Task<Status> MediaService::DownloadMedia(CallContext, v1::DownloadMediaRequest request,
                                         rpc::Writer<v1::DownloadMediaResponse> out) {
  const MediaId id = co_await Try(MediaId::Parse(request.media_id()));
  const Shared<v1::MediaState> media = co_await Try(engine_.Read<Media>(id));
  if (media->media_id().empty()) co_return NotFound("no photo %s", id.str());
  co_await Try(store_.Check(media->sha256()));
  v1::DownloadMediaResponse part;
  *part.mutable_media() = Render(*media);
  co_await Try(out.Write(part));
  for (std::int64_t at = 0; at < media->size_bytes(); at += kChunkBytes) {
    part.set_chunk(co_await Try(store_.ReadPart(media->sha256(), at, kChunkBytes)));
    co_await Try(out.Write(part));
  }
  co_return OkStatus();
}

}  // namespace souk::catalog
