#include "services/notification/mail_text.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "services/notification/embedded_templates.h"
#include "services/notification/text.h"

namespace souk::notification {
namespace {

using Data = kainjow::mustache::data;

enum class Escape { kHtml, kNone };

// Parts that several mails have; `{{> items_block}}` in a .txt means items_block.txt.
constexpr std::string_view kBlocks[] = {"items_block", "totals_block", "note_block", "address_block"};

// The template with its blocks in their places. Not left to partials of the library: these
// are parsed anew for every mail, which costs more than to send it.
StatusOr<std::string> Assemble(const std::string& name) {
  const std::optional<std::string_view> source = EmbeddedTemplate(name);
  if (!source.has_value()) return Internal("there is no template %s", name);
  std::string text(*source);
  for (const std::string_view block : kBlocks) {
    const std::string reference = "{{> " + std::string(block) + "}}\n";
    const std::string file = std::string(block) + name.substr(name.rfind('.'));
    for (std::size_t at = text.find(reference); at != std::string::npos; at = text.find(reference, at)) {
      text.replace(at, reference.size(), EmbeddedTemplate(file).value_or(""));
    }
  }
  return text;
}

StatusOr<std::string> Fill(const std::string& name, Escape escape, Data& data) {
  using Mustache = kainjow::mustache::mustache;
  thread_local std::map<std::string, Mustache> parsed;
  auto it = parsed.find(name);
  if (it == parsed.end()) {
    ASSIGN_OR_RETURN(const std::string text, Assemble(name));
    it = parsed.emplace(name, Mustache(text)).first;
    if (escape == Escape::kNone) it->second.set_custom_escape([](const std::string& value) { return value; });
  }
  std::string text;
  it->second.render(data, [&text](const std::string& piece) { text += piece; });
  if (!it->second.is_valid()) return Internal("template %s: %s", name, it->second.error_message());
  return text;
}

// Empty values stay unset, so that a section around them disappears.
void Set(Data& data, const std::string& key, std::string_view value) {
  const std::string line = OneLine(value);
  if (!line.empty()) data.set(key, line);
}

void Set(Data& data, const std::string& key, const std::vector<MailLine>& lines) {
  if (lines.empty()) return;
  Data list(Data::type::list);
  for (const MailLine& line : lines) {
    Data item;
    Set(item, "title", line.title);
    Set(item, "quantity", std::to_string(line.quantity));
    Set(item, "amount", line.amount);
    list << item;
  }
  Data block;
  block.set("lines", list);
  data.set(key, block);
}

void Set(Data& data, const std::string& key, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  Data list(Data::type::list);
  for (const std::string& line : lines) list << Data("line", line);
  Data block;
  block.set("lines", list);
  data.set(key, block);
}

// At most one empty line in a row, none at the ends: blocks that say nothing leave no gap.
std::string Tidy(std::string_view text) {
  std::string tidy;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    const bool gap = tidy.empty() || tidy.ends_with("\n\n");
    if (line.empty() && gap) continue;
    tidy += line;
    tidy += '\n';
  }
  while (tidy.ends_with("\n\n")) tidy.pop_back();
  return tidy;
}

Data ToData(Template mail, const MailContent& content) {
  Data data;
  Set(data, "store_name", content.store_name);
  Set(data, "shop_name", content.shop_name);
  Set(data, "seller_name", content.seller_name);
  Set(data, "buyer_name", content.buyer_name);
  Set(data, "order_id", content.order_id);
  Set(data, "items", content.lines);
  Set(data, "remaining", content.remaining);
  Set(data, "items_total", content.items_total);
  Set(data, "shipping_total", content.shipping_total);
  Set(data, "total", content.total);
  Set(data, "delivery_option", content.delivery_option);
  std::vector<std::string> address;
  for (const std::string& line : content.address) address.push_back(OneLine(line));
  Set(data, "address", address);
  Set(data, "arrives", content.arrives);
  Set(data, "ship_by", content.ship_by);
  Set(data, "carrier", content.carrier);
  Set(data, "tracking_code", content.tracking_code);
  Set(data, "note", Lines(content.note));
  data.set("paid", content.paid);
  data.set("awaits_card", content.awaits_card);
  data.set("awaits_transfer", content.awaits_transfer);
  data.set("cash_on_delivery", content.cash_on_delivery);
  Set(data, "iban", content.iban);
  Set(data, "reference", content.reference);
  Set(data, "amount_due", content.amount_due);
  Set(data, "deadline", content.deadline);
  Set(data, "cancel_reason", content.cancel_reason);
  Set(data, "refund", content.refund);
  data.set("card_not_charged", content.card_not_charged);
  data.set("optional_mail", CategoryOf(mail) != v1::CATEGORY_TRANSACTIONAL);
  return data;
}

}  // namespace

StatusOr<MailText> Render(Template mail, const MailContent& content) {
  const std::string name = NameOf(mail);
  Data data = ToData(mail, content);
  MailText result;
  ASSIGN_OR_RETURN(const std::string subject, Fill(name + ".subject", Escape::kNone, data));
  result.subject = OneLine(subject);
  ASSIGN_OR_RETURN(const std::string text, Fill(name + ".txt", Escape::kNone, data));
  ASSIGN_OR_RETURN(const std::string html, Fill(name + ".html", Escape::kHtml, data));
  data.set("subject", result.subject);
  data.set("text", Tidy(text));
  data.set("html", html);
  ASSIGN_OR_RETURN(const std::string whole, Fill("layout.txt", Escape::kNone, data));
  result.text = Tidy(whole);
  ASSIGN_OR_RETURN(result.html, Fill("layout.html", Escape::kHtml, data));
  return result;
}

MailContent SampleContent() {
  return {.store_name = "Souk",
          .shop_name = "Your shop",
          .seller_name = "Amina",
          .buyer_name = "Sam Sample",
          .order_id = "8f14e45f.1",
          .lines = {{.title = "Tea bowl, moss glaze", .quantity = 2, .amount = "EUR 48.00"},
                    {.title = "Linen towel", .quantity = 1, .amount = "EUR 14.00"}},
          .remaining = {},
          .items_total = "EUR 62.00",
          .shipping_total = "EUR 4.90",
          .total = "EUR 66.90",
          .delivery_option = "Parcel",
          .address = {"Sam Sample", "Example Street 1", "12345 Exampleton"},
          .arrives = "Thursday, 12 March 2026 to Saturday, 14 March 2026",
          .ship_by = "Tuesday, 10 March 2026, 18:00",
          .carrier = "Example Post",
          .tracking_code = "EX123456789",
          .note = "",
          .paid = true,
          .awaits_card = false,
          .awaits_transfer = false,
          .cash_on_delivery = false,
          .iban = "DE02 1203 0000 0000 2020 51",
          .reference = "SOUK-8F14-E45F",
          .amount_due = "EUR 66.90",
          .deadline = "Saturday, 14 March 2026, 12:00 UTC",
          .cancel_reason = "The shop could not send it in time.",
          .refund = "EUR 66.90",
          .card_not_charged = false};
}

}  // namespace souk::notification
