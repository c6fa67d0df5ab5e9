#include "libs/messaging/subscription.h"

#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"

namespace souk {

absl::Time Delivery::occur_time() const { return FromProto(event->occur_time()); }

CommandMetadata Delivery::Metadata(std::string_view step) const {
  CommandMetadata metadata;
  metadata.request_id = DerivedUuid("delivery", event->event_id(), step);
  metadata.actor = event->actor();
  metadata.correlation_id = event->correlation_id();
  metadata.causation_id = event->event_id();
  metadata.traceparent = event->traceparent();
  return metadata;
}

const Subscription::Handler* Subscription::Find(std::string_view type) const {
  const auto it = handlers_.find(type);
  return it == handlers_.end() ? nullptr : &it->second;
}

Task<Status> Subscription::Malformed(Delivery delivery) {
  co_return InvalidArgument("the payload of event %s is not a %s", delivery.event->event_id(),
                            delivery.event->type());
}

}  // namespace souk
