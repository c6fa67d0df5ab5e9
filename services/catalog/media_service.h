// The RPCs that carry photos. An upload is kept in memory until it is complete and found
// good; only then is a file written, and only then is there a photo. A download has no more than
// a part of the file in memory, however slowly it is read.
#pragma once

#include <map>
#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/media.h"
#include "services/catalog/media_store.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

inline constexpr std::size_t kMediaBytesMax = 10 << 20;
inline constexpr std::int64_t kMediaPixelsMax = 50'000'000;
// Uploads at the same time: they share 80 MiB of memory at most, and no seller has more than her
// part of it. More are refused with RESOURCE_EXHAUSTED.
inline constexpr int kUploadsMax = 8;
inline constexpr int kUploadsPerSellerMax = 3;

class MediaService {
 public:
  // Both must outlive the service.
  MediaService(Engine& engine, MediaStore& store) : engine_(engine), store_(store) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::UploadMediaResponse>> UploadMedia(CallContext call,
                                                      rpc::Reader<v1::UploadMediaRequest> in);
  Task<Status> DownloadMedia(CallContext call, v1::DownloadMediaRequest request,
                             rpc::Writer<v1::DownloadMediaResponse> out);

  // The bytes of all chunks up to the end.
  static Task<StatusOr<std::string>> ReadChunks(rpc::Reader<v1::UploadMediaRequest> in);

  Engine& engine_;
  MediaStore& store_;
  std::map<std::string, int> uploads_;  // That run, by seller.
};

}  // namespace souk::catalog
