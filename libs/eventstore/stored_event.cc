#include "libs/eventstore/stored_event.h"

#include "libs/base/wire_reader.h"

namespace souk {

using event::v1::EventRecord;

bool StoredEvent::Parse(std::string_view stored) {
  *this = {};
  WireReader fields(stored);
  while (fields.Next()) {
    const std::uint32_t number = fields.number();
    if (number == EventRecord::kTypeFieldNumber) type = fields.bytes();
    if (number == EventRecord::kAggregateFieldNumber) aggregate = fields.bytes();
    if (number == EventRecord::kAggregateIdFieldNumber) aggregate_id = fields.bytes();
    if (number == EventRecord::kRevisionFieldNumber) revision = fields.value();
    if (number == EventRecord::kPositionFieldNumber) position = fields.value();
    if (number == EventRecord::kPayloadFieldNumber) payload = fields.bytes();
  }
  return fields.ok();
}

void StoredEvent::CopyTo(EventRecord& record) const {
  record.mutable_type()->assign(type);
  record.mutable_aggregate()->assign(aggregate);
  record.mutable_aggregate_id()->assign(aggregate_id);
  record.set_revision(revision);
  record.set_position(position);
  record.mutable_payload()->assign(payload);
}

}  // namespace souk
