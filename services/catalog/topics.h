// From stored events to public ones: the only link between the two.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"

namespace souk::catalog {

// Nothing for events that are nobody else's business.
std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::catalog
