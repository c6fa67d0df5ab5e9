// Stored event -> public event: the only link between the two.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::order {

// Nothing for events that other services have no use for.
std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::order
