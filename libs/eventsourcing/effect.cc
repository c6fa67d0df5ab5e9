#include "libs/eventsourcing/effect.h"

#include "libs/base/uuid.h"

namespace souk {

CommandMetadata Effect::Metadata(std::string_view step) const {
  CommandMetadata metadata;
  metadata.request_id = DerivedUuid("effect", effect_id, step);
  metadata.actor = "service/" + aggregate;
  metadata.correlation_id = correlation_id;
  metadata.causation_id = cause_event_id;
  return metadata;
}

}  // namespace souk
