#include "libs/messaging/public_event.h"

#include <utility>

namespace souk {

using event::v1::EventRecord;

namespace {

std::optional<PublicEvent> Map(const Engine& engine, const EventRecord& stored) {
  if (!engine.public_mapping() || stored.aggregate().empty()) return std::nullopt;
  return engine.public_mapping()(stored);
}

EventRecord Show(EventRecord record, PublicEvent event) {
  record.set_type(std::move(event.type));
  record.set_payload(std::move(event.payload));
  record.clear_previous_hash();
  record.clear_request_id();
  record.clear_request_fingerprint();
  return record;
}

}  // namespace

std::optional<EventRecord> ToPublic(const Engine& engine, const EventRecord& stored) {
  std::optional<PublicEvent> event = Map(engine, stored);
  if (!event.has_value()) return std::nullopt;
  return Show(stored, *std::move(event));
}

std::optional<EventRecord> ToPublic(const Engine& engine, const StoredEvent& stored_event,
                                    std::string_view stored) {
  EventRecord record;
  stored_event.CopyTo(record);
  std::optional<PublicEvent> event = Map(engine, record);
  if (!event.has_value()) return std::nullopt;
  record.ParseFromArray(stored.data(), static_cast<int>(stored.size()));  // Has been checked.
  return Show(std::move(record), *std::move(event));
}

}  // namespace souk
