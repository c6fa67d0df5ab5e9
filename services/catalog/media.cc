#include "services/catalog/media.h"

#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"

namespace souk::catalog {

MediaId MediaIdFor(std::string_view seller_id, std::string_view sha256) {
  return MediaId::Of(DerivedUuid("media", seller_id, sha256));
}

StatusOr<Media::Events> Media::Decide(const State& media, const RecordMedia& command, absl::Time now) {
  if (!media.media_id().empty()) return Events{};
  Event event;
  *event.mutable_received() = command.received;
  *event.mutable_received()->mutable_receive_time() = ToProto(now);
  return Events{event};
}

void Media::Evolve(State& media, const Event& event) {
  switch (event.kind_case()) {
    case Event::kReceived: {
      const v1::MediaReceived& received = event.received();
      media.set_media_id(received.media_id());
      media.set_seller_id(received.seller_id());
      media.set_sha256(received.sha256());
      media.set_size_bytes(received.size_bytes());
      media.set_content_type(received.content_type());
      media.set_width(received.width());
      media.set_height(received.height());
      *media.mutable_receive_time() = received.receive_time();
      break;
    }
    case Event::KIND_NOT_SET:
      break;  // The engine refuses these.
  }
}

}  // namespace souk::catalog
