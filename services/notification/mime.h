// A mail as bytes: RFC 5322 headers, and the text twice, plain and in HTML, for the reader
// to choose (RFC 2046 multipart/alternative).
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk::notification {

struct Mailbox {
  std::string name;     // May be empty, and in any language.
  std::string address;  // "anna@example.org"
};

struct MimeMessage {
  Mailbox from;
  Mailbox to;
  std::string subject;  // In any language; made into one line.
  std::string text;     // Lines end with "\n".
  std::string html;
  std::string id;  // Unique; becomes the left side of Message-ID. [A-Za-z0-9.-]
  absl::Time date;
  bool unsubscribable = false;  // Adds List-Unsubscribe: a mail back to the sender.
};

// An address that can be written into a mail: local part, '@' and domain, ASCII, without
// spaces, control characters and quoting. INVALID_ARGUMENT otherwise; the message does
// not repeat the address.
Status CheckMailAddress(std::string_view address);

// "Souk <post@souk.example>" or an address alone.
StatusOr<Mailbox> ParseMailbox(std::string_view text);

// The message with CRLF line ends. The same message gives the same bytes. Both addresses
// must pass CheckMailAddress.
std::string Compose(const MimeMessage& message);

// The parts of it, for tests and for whoever composes something else.
std::string EncodeHeaderText(std::string_view text, std::size_t column);  // RFC 2047
std::string EncodeQuotedPrintable(std::string_view text);                 // RFC 2045

}  // namespace souk::notification
