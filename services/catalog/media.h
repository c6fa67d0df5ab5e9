// The media aggregate: a stored photo. It begins when the bytes are on disk, and never
// changes; an upload that did not come to its end leaves none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/catalog/v1/media_events.pb.h"

namespace souk::catalog {

// The bytes are stored. Again: nothing.
struct RecordMedia {
  v1::MediaReceived received;  // Without time.
};

struct Media {
  static constexpr const char* kName = "media";
  using Id = StrongId<Media>;
  using State = v1::MediaState;
  using Event = v1::MediaEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& media, const RecordMedia& command, absl::Time now);
  static void Evolve(State& media, const Event& event);
};
using MediaId = Media::Id;

// The same bytes of the same seller are the same photo.
MediaId MediaIdFor(std::string_view seller_id, std::string_view sha256);

}  // namespace souk::catalog
