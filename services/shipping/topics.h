// What other services and analysts see of shipping.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::shipping {

// Nothing for what is nobody else's business: quotes, and scans of unknown parcels.
std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::shipping
