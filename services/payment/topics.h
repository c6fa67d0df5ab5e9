// Stored events as other services see them: the only link between the two.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::payment {

// Nothing for events that are nobody else's business.
std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::payment
