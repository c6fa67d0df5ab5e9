// When a parcel is sent and when it arrives: pure arithmetic on days. Whoever places an
// order later never gets an earlier promise from the same profile.
//
//   start     the day of the order in the seller's time zone; the next business day when that
//             is none, or the order came after the cutoff
//   ship by   the end of the day handling_days_max business days after start
//   arrives   transit_days_min business days of the carrier after the earliest dispatch, to
//             transit_days_max after the latest, plus the seller's buffer
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/status.h"
#include "souk/shipping/v1/delivery_profile_events.pb.h"
#include "souk/shipping/v1/quote_events.pb.h"

namespace souk::shipping {

// Days on which somebody works.
class Calendar {
 public:
  explicit Calendar(const v1::BusinessCalendar& calendar);

  bool IsBusinessDay(absl::CivilDay day) const;
  // `day` itself, or the first business day after it.
  absl::CivilDay OnOrAfter(absl::CivilDay day) const;
  // The business day that is `days` after OnOrAfter(day). `days` is not negative.
  absl::CivilDay Add(absl::CivilDay day, int days) const;

 private:
  bool works_on_[7] = {};  // From Monday.
  std::vector<absl::CivilDay> holidays_;
};

// A time zone of the IANA database. INVALID_ARGUMENT for an unknown name.
StatusOr<absl::TimeZone> FindTimeZone(const std::string& name);

// For a valid profile and one of its options. INVALID_ARGUMENT when the machine does not
// know the profile's time zone.
StatusOr<v1::DeliveryPromise> ComputePromise(const v1::DeliveryProfile& profile,
                                             const v1::DeliveryOption& option, absl::Time placed);

// The promise for parcels that go together: as slow as the slowest.
v1::DeliveryPromise Slowest(const std::vector<v1::DeliveryPromise>& promises);

// The last second of a day where `zone` is.
absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone);

}  // namespace souk::shipping
