// The delivery profile aggregate: how a seller sends a kind of products. Defining it anew
// replaces all of it; quotes and orders keep what they were computed from.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/shipping/v1/delivery_profile_events.pb.h"

namespace souk::shipping {

inline constexpr int kZonesMax = 100;
inline constexpr int kOptionsMax = 20;        // Per zone.
inline constexpr int kPostalRulesMax = 1000;  // Per zone and kind of rule.
inline constexpr int kHolidaysMax = 366;
inline constexpr int kHandlingDaysMax = 60;
inline constexpr int kTransitDaysMax = 120;
inline constexpr int kBufferDaysMax = 30;
// The highest amounts, in minor units, of a cost and of a price: together with the limits of
// lines in delivery_offer.h they keep sums below 2^63.
inline constexpr std::int64_t kCostMax = 1'000'000'000;
inline constexpr std::int64_t kPriceMax = 1'000'000'000'000;

// Defines a profile. INVALID_ARGUMENT names every bad field. The same again: nothing.
struct Define {
  v1::DeliveryProfile profile;  // With profile_id and seller_id; version and times are set here.
  bool is_new = false;          // Else it must exist and belong to the seller: NOT_FOUND.
};

struct DeliveryProfile {
  static constexpr const char* kName = "delivery_profile";
  using Id = StrongId<DeliveryProfile>;
  using State = v1::DeliveryProfileState;
  using Event = v1::DeliveryProfileEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Define& command, absl::Time now);
  static void Evolve(State& state, const Event& event);

  // profiles_by_seller:  <seller id>/<create time>/<profile id>
  static void Index(const Id& id, const State& state, IndexRows& rows);
};

// Everything that is wrong with a profile; fields are named as in the request.
std::vector<FieldViolation> CheckProfile(const v1::DeliveryProfile& profile);

}  // namespace souk::shipping
