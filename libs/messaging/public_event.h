#pragma once

#include <optional>
#include <string_view>

#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/stored_event.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// A log entry as other services may see it: type and payload are those of the public event,
// and what only the log needs is left out. Nothing when it is none of their business.
std::optional<event::v1::EventRecord> ToPublic(const Engine& engine, const event::v1::EventRecord& stored);

// The same of a record that was not parsed, which pays when most are nobody's business.
std::optional<event::v1::EventRecord> ToPublic(const Engine& engine, const StoredEvent& event,
                                               std::string_view stored);

}  // namespace souk
