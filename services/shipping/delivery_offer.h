// What delivery costs and when it arrives: the one computation behind the product page, the
// checkout and the order. Pure.
//
// Lines are grouped by profile. The cost of a way to deliver is the sum over the groups of
// its cost rule there, so that several profiles of one seller add up; the parcel goes and
// arrives as the slowest group does. Ways of different profiles are the same when they have
// the same option_id. If the groups have none in common, the cheapest of each are combined.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::shipping {

// Lines of one seller in one call, at most; pieces of one line, and what each may weigh.
inline constexpr int kDeliveryLinesMax = 200;
inline constexpr int kPiecesMax = 10'000;
inline constexpr int kPieceGramsMax = 1'000'000;

// The option_id of a combination of different ways.
inline constexpr char kCombinedOptionId[] = "combined";

// A way to deliver, and what each profile adds to its cost.
struct ComputedOffer {
  v1::DeliveryOffer offer;
  std::vector<v1::QuotedProfile> profiles;
};

struct ComputedOffers {
  std::vector<ComputedOffer> offers;
  // Why there are none, and because of which profile.
  v1::UndeliverableReason reason = v1::UNDELIVERABLE_REASON_UNSPECIFIED;
  std::string profile_id;
};

// Null when there is no such profile.
using FindProfile = std::function<const v1::DeliveryProfile*(const std::string& profile_id)>;

// INVALID_ARGUMENT that names the bad fields of `lines`.
Status CheckLines(const google::protobuf::RepeatedPtrField<v1::DeliveryLine>& lines);

// INVALID_ARGUMENT when region and postal code cannot be any.
Status CheckDestination(const v1::Destination& destination);

// For lines that CheckLines accepts. Without destination.region_code: the ways to every zone,
// the cheapest first; INVALID_ARGUMENT when the lines name several profiles then.
StatusOr<ComputedOffers> ComputeOffers(const google::protobuf::RepeatedPtrField<v1::DeliveryLine>& lines,
                                       const v1::Destination& destination, absl::Time placed,
                                       const FindProfile& find_profile);

// What a cost rule says of so many pieces that weigh so much together, in minor units.
// `value` is what everything bought of the seller is worth.
std::int64_t CostOf(const v1::CostRule& rule, std::int64_t pieces, std::int64_t weight_grams,
                    std::int64_t value);

}  // namespace souk::shipping
