#include "services/notification/mime.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "libs/testing/spec.h"
#include "services/notification/text.h"

namespace souk::notification {
namespace {

MimeMessage Sample() {
  return {.from = {"Souk", "post@souk.example"},
          .to = {"Anna", "anna@example.org"},
          .subject = "Hello",
          .text = "Hi\n",
          .html = "<p>Hi</p>\n",
          .id = "n-1",
          .date = testing::Noon()};
}

// The value of a header, unfolded.
std::string Header(const std::string& message, const std::string& name) {
  const std::string headers = message.substr(0, message.find("\r\n\r\n") + 2);
  const std::size_t begin = ("\r\n" + headers).find("\r\n" + name + ":");
  if (begin == std::string::npos) return "(none)";
  std::string value;
  std::size_t at = begin + name.size() + 1;
  for (; at < headers.size(); ++at) {
    if (headers.compare(at, 2, "\r\n") == 0) {
      if (headers[at + 2] != ' ') break;
      ++at;
      continue;
    }
    value += headers[at];
  }
  return OneLine(value);
}

TEST_CASE("a message is text and HTML under one set of headers") {
  const std::string expected =
      "From: Souk <post@souk.example>\r\n"
      "To: Anna <anna@example.org>\r\n"
      "Subject: Hello\r\n"
      "Date: Mon, 02 Mar 2026 12:00:00 +0000\r\n"
      "Message-ID: <n-1@souk.example>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/alternative;\r\n boundary=\"=_n-1\"\r\n"
      "\r\n"
      "--=_n-1\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "Hi\r\n\r\n"
      "--=_n-1\r\n"
      "Content-Type: text/html; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "<p>Hi</p>\r\n\r\n"
      "--=_n-1--\r\n";
  CHECK(Compose(Sample()) == expected);
}

TEST_CASE("only mails that one may opt out of say how") {
  MimeMessage message = Sample();
  CHECK(Header(Compose(message), "List-Unsubscribe") == "(none)");
  message.unsubscribable = true;
  CHECK(Header(Compose(message), "List-Unsubscribe") ==
        "<mailto:post@souk.example?subject=unsubscribe%20n-1>");
}

TEST_CASE("nothing in a name or subject makes a header of its own") {
  MimeMessage message = Sample();
  message.subject = "Hello\r\nBcc: eve@example.org\r\n\r\nbody";
  message.to.name = "Anna\r\nBcc: eve@example.org";
  const std::string composed = Compose(message);
  CHECK(Header(composed, "Bcc") == "(none)");
  CHECK(Header(composed, "Subject") == "Hello Bcc: eve@example.org body");
  CHECK(Header(composed, "To") == "\"Anna Bcc: eve@example.org\" <anna@example.org>");
}

TEST_CASE("headers in other alphabets are encoded words that decode to what was said") {
  CHECK(EncodeHeaderText("Grüße", 9) == "=?UTF-8?B?R3LDvMOfZQ==?=");
  MimeMessage message = Sample();
  message.from.name = "抹茶の店";
  CHECK(Header(Compose(message), "From") == "=?UTF-8?B?5oq56Iy244Gu5bqX?= <post@souk.example>");
}

TEST_CASE("encoded words are at most 75 long, and cut no character") {
  std::string subject;
  for (int i = 0; i < 60; ++i) subject += i % 2 == 0 ? "茶" : "ä";
  const std::string encoded = EncodeHeaderText(subject, 9);
  std::istringstream lines(encoded);
  std::string decoded;
  for (std::string word; lines >> word;) {
    CHECK(word.size() <= 75);
    REQUIRE(word.starts_with("=?UTF-8?B?"));
    std::string bytes;
    REQUIRE(absl::Base64Unescape(word.substr(10, word.size() - 12), &bytes));
    CHECK(IsUtf8(bytes));
    decoded += bytes;
  }
  CHECK(decoded == subject);
}

TEST_CASE("a subject that looks encoded is encoded") {
  CHECK(EncodeHeaderText("=?UTF-8?B?R3I=?=", 9).starts_with("=?UTF-8?B?PT9VVEY"));
}

TEST_CASE("long plain subjects are folded at spaces") {
  std::string subject;
  for (int i = 0; i < 30; ++i) subject += "word ";
  const std::string encoded = EncodeHeaderText(OneLine(subject), 9);
  CHECK(encoded.find("\r\n ") != std::string::npos);
  std::istringstream lines(encoded);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 77);
}

TEST_CASE("names with special characters are quoted") {
  MimeMessage message = Sample();
  message.to.name = "Tea, \"the\" shop";
  CHECK(Header(Compose(message), "To") == "\"Tea, \\\"the\\\" shop\" <anna@example.org>");
}

TEST_CASE("quoted-printable text keeps lines short and says everything") {
  CHECK(EncodeQuotedPrintable("a=b\n") == "a=3Db\r\n");
  CHECK(EncodeQuotedPrintable("Grüße\n") == "Gr=C3=BC=C3=9Fe\r\n");
  CHECK(EncodeQuotedPrintable("ends with space \n") == "ends with space=20\r\n");
  CHECK(EncodeQuotedPrintable(".\nFrom me\n") == "=2E\r\n=46rom me\r\n");
  CHECK(EncodeQuotedPrintable(std::string(76, 'x') + "\n") == std::string(76, 'x') + "\r\n");
  CHECK(EncodeQuotedPrintable(std::string(77, 'x')) == std::string(75, 'x') + "=\r\nxx");
  const std::string encoded = EncodeQuotedPrintable(std::string(500, '\xe4'));
  std::istringstream lines(encoded);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 77);  // With the CR.
}

TEST_CASE("addresses that could not be written to are refused without being repeated") {
  for (const char* address : {"anna@example.org", "a.b+c@example.co.uk"})
    CHECK(CheckMailAddress(address).ok());
  for (const char* address : {"", "anna", "@example.org", "anna@", "a@b@c", "an na@example.org",
                              "anna@example.org\r\nX", "<anna@example.org>", "änna@example.org"}) {
    const Status status = CheckMailAddress(address);
    INFO(address);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(status.message().find("anna") == absl::string_view::npos);
  }
}

TEST_CASE("the sender is an address with or without a name") {
  CHECK(ParseMailbox("Souk <post@souk.example>")->name == "Souk");
  CHECK(ParseMailbox("post@souk.example")->address == "post@souk.example");
  CHECK_FALSE(ParseMailbox("Souk <post@souk.example").ok());
  CHECK_FALSE(ParseMailbox("").ok());
}

TEST_CASE("notes: at most 1000 characters, no control characters") {
  CHECK(CheckNote("").ok());
  CHECK(CheckNote("Thank you!\nありがとう").ok());
  std::string longest;
  for (std::size_t i = 0; i < kNoteSizeMax; ++i) longest += "茶";
  CHECK(CheckNote(longest).ok());
  CHECK(absl::IsInvalidArgument(CheckNote(longest + "!")));
  CHECK(absl::IsInvalidArgument(CheckNote("bell\a")));
  CHECK(absl::IsInvalidArgument(CheckNote("not UTF-8: \xff")));
  CHECK(absl::IsInvalidArgument(CheckNote("overlong: \xc0\xaf")));
}

TEST_CASE("text as one line, and as lines") {
  CHECK(OneLine("  a\r\n\tb\x1b  c ") == "a b c");
  CHECK(OneLine("a\xe2\x80\xa8z") == "a z");  // U+2028, a line separator.
  CHECK(OneLine("\xff") == "\xef\xbf\xbd");
  CHECK(Lines("\n\nDear\r\n\nyou\n\n") == std::vector<std::string>{"Dear", "", "you"});
  CHECK(Lines("").empty());
}

}  // namespace
}  // namespace souk::notification
