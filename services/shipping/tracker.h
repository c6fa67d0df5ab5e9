// The tracker aggregate: an inbox for what carriers say of parcels that no seller has named
// yet. Nothing is lost because a scan is faster than the seller: when she dispatches with
// this code, the shipment fetches what is here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "souk/shipping/v1/tracker_events.pb.h"

namespace souk::shipping {

// Carriers use their numbers again after some time. A code means the same parcel within
// this. Source: EasyPost.
inline constexpr absl::Duration kTrackingCodeLifetime = absl::Hours(24 * 90);
// Scans that one inbox keeps.
inline constexpr int kKeptScansMax = 200;

// Keeps a scan. The same again: nothing.
struct KeepScan {
  std::string carrier;
  std::string tracking_code;
  v1::Scan scan;
};

struct Tracker {
  static constexpr const char* kName = "tracker";
  using Id = StrongId<Tracker>;
  using State = v1::TrackerState;
  using Event = v1::TrackerEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const KeepScan& command, absl::Time now);
  static void Evolve(State& state, const Event& event);
};

// The inbox of a carrier's code; capitals do not count.
Tracker::Id TrackerOf(std::string_view carrier, std::string_view tracking_code);

}  // namespace souk::shipping
