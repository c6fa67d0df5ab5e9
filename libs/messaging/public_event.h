#pragma once

#include <optional>

#include "libs/eventsourcing/engine.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// A log entry as other services may see it: type and payload are those of the public event,
// and what only the log needs is left out. Nothing when it is none of their business.
std::optional<event::v1::EventRecord> ToPublic(const Engine& engine, const event::v1::EventRecord& stored);

}  // namespace souk
