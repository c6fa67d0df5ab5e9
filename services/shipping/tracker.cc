#include "services/shipping/tracker.h"

#include "absl/strings/ascii.h"
#include "libs/base/uuid.h"
#include "services/shipping/scan_order.h"

namespace souk::shipping {

StatusOr<Tracker::Events> Tracker::Decide(const State& state, const KeepScan& command, absl::Time) {
  if (HasScan(state.scans(), command.scan)) return Events();
  if (state.scans_size() >= kKeptScansMax) {
    return Rejected("SCAN_LIMIT", {}, "%d scans wait for a seller to name this parcel", kKeptScansMax);
  }
  Events events(1);
  v1::TrackerScanKept& kept = *events[0].mutable_scan_kept();
  kept.set_carrier(command.carrier);
  kept.set_tracking_code(command.tracking_code);
  *kept.mutable_scan() = command.scan;
  return events;
}

void Tracker::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kScanKept:
      state.set_carrier(event.scan_kept().carrier());
      state.set_tracking_code(event.scan_kept().tracking_code());
      *state.add_scans() = event.scan_kept().scan();
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

Tracker::Id TrackerOf(std::string_view carrier, std::string_view tracking_code) {
  std::string who(carrier);
  std::string code(tracking_code);
  absl::AsciiStrToLower(&who);
  absl::AsciiStrToUpper(&code);
  return Tracker::Id::Of(DerivedUuid("tracker", who, code));
}

}  // namespace souk::shipping
