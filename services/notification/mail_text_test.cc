#include "services/notification/mail_text.h"

#include <catch2/catch.hpp>
#include <string>

namespace souk::notification {
namespace {

MailText MustRender(Template mail, const MailContent& content) {
  const StatusOr<MailText> text = Render(mail, content);
  INFO(NameOf(mail) << ": " << text.status().ToString());
  REQUIRE(text.ok());
  return *text;
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("every mail says something, with everything known and with nothing known") {
  for (const Template mail : kTemplates) {
    for (const MailContent& content :
         {SampleContent(), MailContent{.store_name = "Souk", .order_id = "g.1"}}) {
      const MailText text = MustRender(mail, content);
      INFO(NameOf(mail) << "\n" << text.text << "\n" << text.html);
      CHECK(text.subject.size() > 10);
      CHECK(text.subject.find('\n') == std::string::npos);
      CHECK(text.text.size() > 100);
      CHECK(Has(text.html, "</html>"));
      for (const std::string& part : {text.subject, text.text, text.html}) {
        CHECK_FALSE(Has(part, "{{"));
        CHECK_FALSE(Has(part, "}}"));
      }
      CHECK_FALSE(Has(text.text, "\n\n\n"));
      CHECK_FALSE(Has(text.text, "&amp;"));
      CHECK_FALSE(Has(text.text, " ,"));
      CHECK_FALSE(Has(text.text, " ."));
    }
  }
}

TEST_CASE("the dispatch mail says what is in the parcel, who carries it and when it arrives") {
  MailContent content = SampleContent();
  content.note = "Dear Sam,\n\nenjoy the bowls!\n";
  content.remaining = {{.title = "Teapot", .quantity = 1, .amount = ""}};
  CHECK(MustRender(Template::kOrderDispatched, content).text == R"(Hello Sam Sample,

Your shop has sent your parcel. In it:

  2 x Tea bowl, moss glaze, EUR 48.00
  1 x Linen towel, EUR 14.00

Carrier: Example Post
Tracking code: EX123456789
Expect it: Thursday, 12 March 2026 to Saturday, 14 March 2026.

Still to come, in another parcel:

  1 x Teapot

A personal note from Your shop:

  Dear Sam,

  enjoy the bowls!

Your order number is 8f14e45f.1. Please tell us when you have it in your hands.

--
Souk - nice, quick and honest, we hope. If something is wrong, just answer this mail.
)");
}

TEST_CASE(
    "the personal note is in the confirmation and in the dispatch mail; without one there is no block") {
  for (const Template mail : {Template::kOrderConfirmation, Template::kOrderDispatched}) {
    MailContent content = SampleContent();
    CHECK_FALSE(Has(MustRender(mail, content).text, "personal note"));
    CHECK_FALSE(Has(MustRender(mail, content).html, "personal note"));
    content.note = " \n ";
    CHECK_FALSE(Has(MustRender(mail, content).html, "personal note"));
    content.note = "Thank you!\nAmina";
    CHECK(Has(MustRender(mail, content).text, "  Thank you!\n  Amina\n"));
    CHECK(Has(MustRender(mail, content).html, "Thank you!<br>\nAmina<br>"));
  }
}

TEST_CASE("what people write is escaped in HTML and left as it is in plain text") {
  MailContent content = SampleContent();
  content.shop_name = "<b>Tom & \"Co\"</b>";
  content.note = "1 < 2 <script>alert(1)</script>";
  const MailText text = MustRender(Template::kOrderConfirmation, content);
  CHECK(Has(text.text, "<b>Tom & \"Co\"</b>"));
  CHECK(Has(text.text, "1 < 2 <script>"));
  CHECK_FALSE(Has(text.html, "<script>"));
  CHECK_FALSE(Has(text.html, "<b>Tom"));
  CHECK(Has(text.html, "&lt;b&gt;Tom &amp; &quot;Co&quot;&lt;/b&gt;"));
  CHECK(Has(text.subject, "<b>Tom & \"Co\"</b>"));
}

TEST_CASE("what people write cannot forge a line, and is no template") {
  MailContent content = SampleContent();
  content.buyer_name = "Sam\n\nPlease pay to DE00 0000";
  content.shop_name = "{{total}} {{> items_block}}";
  const MailText text = MustRender(Template::kOrderConfirmation, content);
  CHECK(Has(text.text, "Hello Sam Please pay to DE00 0000,\n"));
  CHECK(Has(text.text, "{{total}} {{> items_block}}"));
}

TEST_CASE("the confirmation tells how it is paid") {
  MailContent content = SampleContent();
  CHECK(Has(MustRender(Template::kOrderConfirmation, content).text, "It is paid"));
  content.paid = false;
  content.awaits_card = true;
  CHECK(Has(MustRender(Template::kOrderConfirmation, content).text, "as soon as the money is there"));
  CHECK_FALSE(Has(MustRender(Template::kOrderConfirmation, content).text, "It is paid"));
  content.awaits_card = false;
  content.awaits_transfer = true;
  CHECK(Has(MustRender(Template::kOrderConfirmation, content).text, "bank transfer"));
  content.awaits_transfer = false;
  content.cash_on_delivery = true;
  CHECK(Has(MustRender(Template::kOrderConfirmation, content).text, "Please have EUR 66.90 ready"));
}

TEST_CASE("the cancellation tells what is paid back, or that nothing is") {
  MailContent content = SampleContent();
  CHECK(Has(MustRender(Template::kOrderCancelled, content).text, "You get EUR 66.90 back"));
  content.refund = "";
  CHECK(Has(MustRender(Template::kOrderCancelled, content).text, "Nothing was paid"));
  content.card_not_charged = true;
  CHECK(Has(MustRender(Template::kOrderCancelled, content).text, "Your card was not charged"));
  CHECK_FALSE(Has(MustRender(Template::kOrderCancelled, content).text, "Nothing was paid"));
}

TEST_CASE("payment instructions have amount, account, reference and deadline") {
  const std::string text = MustRender(Template::kPaymentInstructions, SampleContent()).text;
  CHECK(Has(text, "Amount:    EUR 66.90"));
  CHECK(Has(text, "DE02 1203 0000 0000 2020 51"));
  CHECK(Has(text, "SOUK-8F14-E45F"));
  CHECK(Has(text, "Saturday, 14 March 2026, 12:00 UTC"));
}

TEST_CASE("only invitations say how to opt out") {
  for (const Template mail : kTemplates) {
    const bool optional = CategoryOf(mail) != v1::CATEGORY_TRANSACTIONAL;
    CHECK(Has(MustRender(mail, SampleContent()).text, "unsubscribe") == optional);
    CHECK(optional == (mail == Template::kReviewInvitation));
  }
}

TEST_CASE("names of templates are unique and found again") {
  for (const Template mail : kTemplates) CHECK(TemplateOf(NameOf(mail)) == mail);
  CHECK(TemplateOf("order_dispatched") == Template::kOrderDispatched);
  CHECK_FALSE(TemplateOf("no_such_template").has_value());
}

}  // namespace
}  // namespace souk::notification
