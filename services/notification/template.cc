#include "services/notification/template.h"

namespace souk::notification {

std::string NameOf(Template mail) {
  switch (mail) {
    case Template::kNewOrder:
      return "new_order";
    case Template::kDispatchReminder:
      return "dispatch_reminder";
    case Template::kSaleCancelled:
      return "sale_cancelled";
    case Template::kOrderConfirmation:
      return "order_confirmation";
    case Template::kPaymentInstructions:
      return "payment_instructions";
    case Template::kOrderDispatched:
      return "order_dispatched";
    case Template::kReceiptReminder:
      return "receipt_reminder";
    case Template::kOrderReceived:
      return "order_received";
    case Template::kReviewInvitation:
      return "review_invitation";
    case Template::kOrderCancelled:
      return "order_cancelled";
  }
  return "";
}

std::optional<Template> TemplateOf(std::string_view name) {
  for (const Template mail : kTemplates) {
    if (NameOf(mail) == name) return mail;
  }
  return std::nullopt;
}

v1::Category CategoryOf(Template mail) {
  return mail == Template::kReviewInvitation ? v1::CATEGORY_REVIEWS : v1::CATEGORY_TRANSACTIONAL;
}

}  // namespace souk::notification
