#include "services/notification/topics.h"

#include <string_view>

#include "services/notification/notification.h"
#include "souk/notification/events/v1/notification_events.pb.h"

namespace souk::notification {
namespace {

template <typename Public>
Public AboutNotification(const std::string& notification_id, const v1::NotificationFacts& facts) {
  Public event;
  event.set_notification_id(notification_id);
  event.set_template_name(facts.template_name());
  event.set_recipient(facts.recipient());
  event.set_order_id(facts.order_id());
  event.set_seller_id(facts.seller_id());
  event.set_cause_event_id(facts.cause_event_id());
  return event;
}

PublicEvent Sent(const std::string& notification_id, const v1::NotificationSent& stored) {
  auto event = AboutNotification<events::v1::NotificationSent>(notification_id, stored.facts());
  *event.mutable_sent_time() = stored.sent_time();
  event.set_content_hash(stored.content_hash());
  return PublicEvent::Of(event);
}

PublicEvent Failed(const std::string& notification_id, const v1::NotificationDeadLettered& stored) {
  auto event = AboutNotification<events::v1::NotificationFailed>(notification_id, stored.facts());
  event.set_cause(stored.cause());
  return PublicEvent::Of(event);
}

PublicEvent ReviewInvited(const std::string& notification_id, const v1::NotificationFacts& facts) {
  events::v1::ReviewInvitationSent event;
  event.set_notification_id(notification_id);
  const std::string_view recipient = facts.recipient();
  event.set_buyer_id(std::string(recipient.substr(recipient.find('/') + 1)));
  event.set_order_id(facts.order_id());
  event.set_seller_id(facts.seller_id());
  return PublicEvent::Of(event);
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() != Notification::kName) return std::nullopt;
  v1::NotificationEvent stored;
  if (!stored.ParseFromString(record.payload())) return std::nullopt;
  switch (stored.kind_case()) {
    case v1::NotificationEvent::kSent:
      return Sent(record.aggregate_id(), stored.sent());
    case v1::NotificationEvent::kDeadLettered:
      return Failed(record.aggregate_id(), stored.dead_lettered());
    case v1::NotificationEvent::kReviewInvited:
      return ReviewInvited(record.aggregate_id(), stored.review_invited().facts());
    case v1::NotificationEvent::kRequested:
    case v1::NotificationEvent::kSuppressed:
    case v1::NotificationEvent::kRendered:
    case v1::NotificationEvent::kSendingStarted:
    case v1::NotificationEvent::kOutcomeUnknown:
    case v1::NotificationEvent::kFailed:
    case v1::NotificationEvent::kRetried:
    case v1::NotificationEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace souk::notification
