// Which stored events other services get to see, and how: the only link between the two.
#pragma once

#include <optional>

#include "libs/eventsourcing/view.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk::notification {

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record);

}  // namespace souk::notification
