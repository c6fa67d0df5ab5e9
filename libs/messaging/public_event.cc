#include "libs/messaging/public_event.h"

#include <utility>

namespace souk {

using event::v1::EventRecord;

std::optional<EventRecord> ToPublic(const Engine& engine, const EventRecord& stored) {
  if (!engine.public_mapping() || stored.aggregate().empty()) return std::nullopt;
  std::optional<PublicEvent> event = engine.public_mapping()(stored);
  if (!event.has_value()) return std::nullopt;
  EventRecord shown = stored;
  shown.set_type(std::move(event->type));
  shown.set_payload(std::move(event->payload));
  shown.clear_previous_hash();
  shown.clear_request_id();
  shown.clear_request_fingerprint();
  return shown;
}

}  // namespace souk
