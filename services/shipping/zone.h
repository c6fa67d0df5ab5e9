// Which zone of a profile a destination belongs to: pure.
#pragma once

#include <string>
#include <string_view>

#include "souk/shipping/v1/delivery_profile_events.pb.h"
#include "souk/shipping/v1/quote_events.pb.h"

namespace souk::shipping {

// Upper case, without spaces and hyphens: "01310-100" and "01310100" are the same.
std::string NormalPostalCode(std::string_view postal_code);

// Whether parcels of this zone go to `destination`.
bool Contains(const v1::DeliveryZone& zone, const v1::Destination& destination);

// The first zone that contains `destination`; null when the seller does not send there.
const v1::DeliveryZone* FindZone(const v1::DeliveryProfile& profile, const v1::Destination& destination);

}  // namespace souk::shipping
