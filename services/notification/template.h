// The mails that there are, by name, and what each is for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "souk/notification/v1/notification_events.pb.h"

namespace souk::notification {

enum class Template {
  // To the seller.
  kNewOrder,          // An order can be packed.
  kDispatchReminder,  // The ship-by time is near.
  kSaleCancelled,     // An order that she was told of was called off.
  // To the buyer.
  kOrderConfirmation,
  kPaymentInstructions,  // How to pay by bank transfer.
  kOrderDispatched,      // A parcel is on its way.
  kReceiptReminder,      // Has it arrived? Nobody said so.
  kOrderReceived,
  kReviewInvitation,
  kOrderCancelled,
};

inline constexpr Template kTemplates[] = {
    Template::kNewOrder,          Template::kDispatchReminder,    Template::kSaleCancelled,
    Template::kOrderConfirmation, Template::kPaymentInstructions, Template::kOrderDispatched,
    Template::kReceiptReminder,   Template::kOrderReceived,       Template::kReviewInvitation,
    Template::kOrderCancelled};

// "order_dispatched": the name in events, file names and reports.
std::string NameOf(Template mail);
// Nothing for another name.
std::optional<Template> TemplateOf(std::string_view name);

v1::Category CategoryOf(Template mail);

}  // namespace souk::notification
