#include "services/notification/notification_service.h"

#include <string_view>
#include <utility>

#include "libs/base/page_token.h"
#include "libs/base/request_field.h"
#include "libs/eventsourcing/page.h"
#include "services/notification/mail_text.h"
#include "services/notification/notification.h"
#include "services/notification/preference.h"
#include "services/notification/text.h"

namespace souk::notification {
namespace {

constexpr std::size_t kShopNameBytesMax = 200;

constexpr rpc::Callers kRecipients = rpc::kGuests | rpc::kBuyers | rpc::kSellers;

// Under which name mails go to this caller; "" for whoever gets none.
std::string RecipientOf(const Principal& principal) {
  if (principal.kind == Principal::Kind::kSeller) return "seller/" + principal.id;
  const std::string buyer_id = BuyerIdOf(principal);
  return buyer_id.empty() ? "" : "buyer/" + buyer_id;
}

// Whose things a request is about: the caller's own, or those an operator names.
StatusOr<std::string> RecipientFor(const Principal& principal, const std::string& named) {
  if (principal.IsOperator()) {
    if (named.empty()) return InvalidField("recipient", "name one");
    ASSIGN_OR_RETURN(const Principal recipient, ParsePrincipal(named));
    if (recipient.kind != Principal::Kind::kBuyer && recipient.kind != Principal::Kind::kSeller) {
      return InvalidField("recipient", "must be buyer/ID or seller/ID");
    }
    return named;
  }
  std::string own = RecipientOf(principal);
  if (own.empty()) return InvalidField("recipient", "a guest without a token gets no mails");
  if (!named.empty() && named != own) return NotFound("no such recipient");
  return own;
}

bool MaySee(const Principal& principal, const Notification::State& state) {
  if (principal.IsOperator()) return true;
  if (state.facts().recipient() == RecipientOf(principal)) return true;
  return !state.facts().seller_id().empty() && principal.IsSeller(state.facts().seller_id());
}

v1::Notification ToResource(const std::string& id, const Notification::State& state) {
  v1::Notification notification;
  notification.set_notification_id(id);
  *notification.mutable_facts() = state.facts();
  notification.set_state(state.state());
  *notification.mutable_request_time() = state.request_time();
  *notification.mutable_send_time() = state.send_time();
  if (state.has_sent_time()) *notification.mutable_sent_time() = state.sent_time();
  notification.set_attempts(state.attempts());
  notification.set_content_hash(state.content_hash());
  notification.set_suppress_reason(state.suppress_reason());
  notification.set_failure(state.failure());
  return notification;
}

v1::Preferences ToResource(const std::string& recipient, const Preference::State& state) {
  v1::Preferences preferences;
  preferences.set_recipient(recipient);
  for (const v1::Category category :
       {v1::CATEGORY_TRANSACTIONAL, v1::CATEGORY_MARKETING, v1::CATEGORY_REVIEWS}) {
    v1::CategoryPreference& entry = *preferences.add_categories();
    entry.set_category(category);
    entry.set_enabled(Wants(state, category));
    entry.set_required(category == v1::CATEGORY_TRANSACTIONAL);
  }
  return preferences;
}

// Which index answers a list request, and for which part of it.
StatusOr<IndexQuery> QueryFor(const Principal& principal, const v1::ListNotificationsRequest& request) {
  if (!request.order_id().empty()) RETURN_IF_ERROR(CheckId("order_id", request.order_id()));
  if (request.needs_attention()) {
    if (!principal.IsOperator()) return InvalidField("needs_attention", "is for operators");
    if (!request.order_id().empty() || !request.recipient().empty()) {
      return InvalidField("needs_attention", "does not go with order_id or recipient");
    }
    return IndexQuery{.index = "notifications_needing_attention"};
  }
  std::string recipient;
  if (!principal.IsOperator() || !request.recipient().empty()) {
    ASSIGN_OR_RETURN(recipient, RecipientFor(principal, request.recipient()));
  }
  if (!request.order_id().empty()) {
    return IndexQuery{.index = "notifications_by_order", .prefix = request.order_id() + "/"};
  }
  if (!recipient.empty()) return IndexQuery{.index = "notifications_by_recipient", .prefix = recipient + "/"};
  return IndexQuery{.index = "notifications"};
}

}  // namespace

void NotificationService::AddTo(rpc::Router& router) {
  router.Add<&NotificationService::ListNotifications>(*this, kRecipients | rpc::kOperators);
  router.Add<&NotificationService::GetNotification>(*this, kRecipients | rpc::kOperators);
  router.Add<&NotificationService::RetryNotification>(*this, rpc::kOperators);
  router.Add<&NotificationService::SetPreference>(*this, kRecipients | rpc::kOperators);
  router.Add<&NotificationService::GetPreferences>(*this, kRecipients | rpc::kOperators);
  router.Add<&NotificationService::PreviewNotification>(*this, rpc::kSellers | rpc::kOperators);
}

Task<StatusOr<v1::ListNotificationsResponse>> NotificationService::ListNotifications(
    rpc::CallContext call, v1::ListNotificationsRequest request) {
  IndexQuery query = co_await Try(QueryFor(call.principal, request));
  const std::int32_t page_size = co_await Try(PageSize(request.page_size()));
  const std::string fingerprint =
      ToString(call.principal) + "?" + query.index + "?" + query.prefix + "?" + request.recipient();
  query.after = co_await Try(DecodePageToken(fingerprint, request.page_token()));
  query.direction = Direction::kBackward;
  query.limit = kPageSizeMax + 1;
  v1::ListNotificationsResponse response;
  for (;;) {
    const std::vector<IndexRow> rows = co_await Try(engine_.Query(query));
    for (const IndexRow& row : rows) {
      const std::string id = IdInKey(row.key);
      const Shared<Notification::State> state =
          co_await Try(engine_.Read<Notification>(Notification::Id::Of(id)));
      const bool wanted = request.recipient().empty() || state->facts().recipient() == request.recipient();
      if (wanted && MaySee(call.principal, *state)) {
        if (response.notifications_size() == page_size) {
          response.set_next_page_token(EncodePageToken(fingerprint, query.after));
          co_return response;
        }
        *response.add_notifications() = ToResource(id, *state);
      }
      query.after = row.key;
    }
    if (rows.size() < query.limit) co_return response;
  }
}

Task<StatusOr<v1::GetNotificationResponse>> NotificationService::GetNotification(
    rpc::CallContext call, v1::GetNotificationRequest request) {
  const Notification::Id id = co_await Try(Notification::Id::Parse(request.notification_id()));
  const Shared<Notification::State> state = co_await Try(engine_.Read<Notification>(id));
  if (state->state() == Notification::State::STATE_UNSPECIFIED || !MaySee(call.principal, *state)) {
    co_return NotFound("no such notification");
  }
  v1::GetNotificationResponse response;
  *response.mutable_notification() = ToResource(id.str(), *state);
  co_return response;
}

Task<StatusOr<v1::RetryNotificationResponse>> NotificationService::RetryNotification(
    rpc::CallContext call, v1::RetryNotificationRequest request) {
  const Notification::Id id = co_await Try(Notification::Id::Parse(request.notification_id()));
  const CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shared<Notification::State> state =
      co_await Try(engine_.Execute<Notification>(id, Retry{}, metadata));
  v1::RetryNotificationResponse response;
  *response.mutable_notification() = ToResource(id.str(), *state);
  co_return response;
}

Task<StatusOr<v1::SetPreferenceResponse>> NotificationService::SetPreference(
    rpc::CallContext call, v1::SetPreferenceRequest request) {
  const CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const std::string recipient = co_await Try(RecipientFor(call.principal, request.recipient()));
  const Choose choose{.recipient = recipient, .category = request.category(), .enabled = request.enabled()};
  const Shared<Preference::State> state =
      co_await Try(engine_.Execute<Preference>(PreferenceIdFor(recipient), choose, metadata));
  v1::SetPreferenceResponse response;
  *response.mutable_preferences() = ToResource(recipient, *state);
  co_return response;
}

Task<StatusOr<v1::GetPreferencesResponse>> NotificationService::GetPreferences(
    rpc::CallContext call, v1::GetPreferencesRequest request) {
  const std::string recipient = co_await Try(RecipientFor(call.principal, request.recipient()));
  const Shared<Preference::State> state = co_await Try(engine_.Read<Preference>(PreferenceIdFor(recipient)));
  v1::GetPreferencesResponse response;
  *response.mutable_preferences() = ToResource(recipient, *state);
  co_return response;
}

Task<StatusOr<v1::PreviewNotificationResponse>> NotificationService::PreviewNotification(
    rpc::CallContext, v1::PreviewNotificationRequest request) {
  const std::optional<Template> mail = TemplateOf(request.template_name());
  if (!mail.has_value()) co_return InvalidField("template_name", "there is no such template");
  co_await Try(CheckNote(request.note()));
  MailContent content = SampleContent();
  content.store_name = store_name_;
  content.note = request.note();
  co_await Try(CheckSize("shop_name", request.shop_name(), kShopNameBytesMax));
  if (!request.shop_name().empty()) content.shop_name = request.shop_name();
  MailText text = co_await Try(Render(*mail, content));
  v1::PreviewNotificationResponse response;
  response.set_subject(std::move(text.subject));
  response.set_text(std::move(text.text));
  response.set_html(std::move(text.html));
  co_return response;
}

}  // namespace souk::notification
