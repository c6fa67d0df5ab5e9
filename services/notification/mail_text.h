// Makes the words of a mail: the templates in templates/, filled in. Values are escaped
// in HTML, and cannot break out of their line in plain text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "services/notification/template.h"

namespace souk::notification {

struct MailLine {
  std::string title;
  std::int64_t quantity = 0;
  std::string amount;  // Of all of them; may be empty.
};

// What a mail can speak of. Empty: it says nothing of it, and leaves no gap.
struct MailContent {
  std::string store_name;  // Of the whole market.
  std::string shop_name;
  std::string seller_name;
  std::string buyer_name;
  std::string order_id;
  std::vector<MailLine> lines;      // Of the order, or of what the mail is about.
  std::vector<MailLine> remaining;  // order_dispatched: what comes with another parcel.
  std::string items_total;
  std::string shipping_total;
  std::string total;
  std::string delivery_option;
  std::vector<std::string> address;
  std::string arrives;  // "Thursday, 12 March 2026"
  std::string ship_by;
  std::string carrier;
  std::string tracking_code;
  std::string note;  // The shop's personal note, several lines.

  // How it is paid; at most one is true.
  bool paid = false;
  bool awaits_card = false;  // It was authorised, and is being captured.
  bool awaits_transfer = false;
  bool cash_on_delivery = false;

  // Bank transfer.
  std::string iban;
  std::string reference;
  std::string amount_due;
  std::string deadline;

  // Cancellation.
  std::string cancel_reason;  // A whole sentence.
  std::string refund;
  bool card_not_charged = false;
};

struct MailText {
  std::string subject;
  std::string text;
  std::string html;
};

// INTERNAL when a template is broken, which a test excludes.
StatusOr<MailText> Render(Template mail, const MailContent& content);

// Made-up content, to try templates out.
MailContent SampleContent();

}  // namespace souk::notification
