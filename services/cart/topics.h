// What other services and analysts see of carts.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::cart {

// Nothing for what is nobody else's business: freezes, expiry looks, copies of offers.
std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::cart
