#include "services/notification/mime.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "libs/base/form_text.h"
#include "services/notification/text.h"

namespace souk::notification {
namespace {

constexpr std::size_t kLineSizeMax = 76;                       // RFC 2045 section 6.7, RFC 2047 section 2.
constexpr std::string_view kAtomSpecials = "()<>[]:;@\\,.\"";  // RFC 5322 section 3.2.3.

bool IsPrintable(char c) { return c >= 0x20 && c < 0x7f; }

// Bytes from the beginning of `text` that mean themselves in quoted-printable, up to the last
// that is not a space.
std::size_t LettersWithin(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && IsPrintable(text[size]) && text[size] != '=') ++size;
  while (size > 0 && text[size - 1] == ' ') --size;
  return size;
}

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsPrintable) && text.find("=?") == std::string_view::npos;
}

// Bytes from the beginning of `text` that fit into `size_max` without cutting a character.
std::size_t WholeCharacters(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return text.size();
  std::size_t size = size_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return size;
}

std::string EncodeMailbox(const Mailbox& mailbox, std::size_t column) {
  const std::string name = OneLine(mailbox.name);
  if (name.empty()) return mailbox.address;
  std::string encoded;
  if (!IsPlainAscii(name) || name.size() > kLineSizeMax - column - 2) {
    encoded = EncodeHeaderText(name, column);
    // Plain text that is merely long is folded, which a phrase with specials must not be.
    if (encoded.find("=?") != 0 && name.find_first_of(kAtomSpecials) != std::string::npos) encoded = "";
  } else if (name.find_first_of(kAtomSpecials) == std::string::npos) {
    encoded = name;
  }
  if (encoded.empty()) {
    encoded = "\"";
    for (const char c : name) {
      if (c == '"' || c == '\\') encoded += '\\';
      encoded += c;
    }
    encoded += '"';
  }
  // On a line of its own when it may not fit; a fold is a space.
  const std::size_t last_line = encoded.size() - std::min(encoded.rfind('\n') + 1, encoded.size());
  const bool fits = column + last_line + mailbox.address.size() + 3 <= kLineSizeMax;
  return encoded + (fits ? " <" : "\r\n <") + mailbox.address + ">";
}

std::string Part(std::string_view boundary, std::string_view type, std::string_view body) {
  return absl::StrFormat(
      "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n",
      boundary, type, EncodeQuotedPrintable(body));
}

std::string_view DomainOf(std::string_view address) { return address.substr(address.rfind('@') + 1); }

}  // namespace

Status CheckMailAddress(std::string_view address) {
  return IsMailAddress(address) ? OkStatus() : InvalidArgument("not a mail address that can be written to");
}

StatusOr<Mailbox> ParseMailbox(std::string_view text) {
  Mailbox mailbox;
  const std::size_t open = text.rfind('<');
  if (open == std::string_view::npos) {
    mailbox.address = OneLine(text);
  } else {
    if (text.back() != '>') return InvalidArgument("expected `Name <address>` or an address alone");
    mailbox.name = OneLine(text.substr(0, open));
    mailbox.address = std::string(text.substr(open + 1, text.size() - open - 2));
  }
  RETURN_IF_ERROR(CheckMailAddress(mailbox.address));
  return mailbox;
}

std::string Compose(const MimeMessage& message) {
  // No line of quoted-printable text contains "=_", so no part contains the boundary.
  const std::string boundary = "=_" + message.id;
  std::string out;
  out += "From: " + EncodeMailbox(message.from, 6) + "\r\n";
  out += "To: " + EncodeMailbox(message.to, 4) + "\r\n";
  out += "Subject: " + EncodeHeaderText(OneLine(message.subject), 9) + "\r\n";
  out += "Date: " + absl::FormatTime("%a, %d %b %E4Y %H:%M:%S +0000", message.date, absl::UTCTimeZone()) +
         "\r\n";
  out += absl::StrFormat("Message-ID: <%s@%s>\r\n", message.id, DomainOf(message.from.address));
  out += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: nobody's holiday reply is wanted.
  if (message.unsubscribable) {
    out += absl::StrFormat("List-Unsubscribe:\r\n <mailto:%s?subject=unsubscribe%%20%s>\r\n",
                           message.from.address, message.id);
  }
  out += "MIME-Version: 1.0\r\n";
  out += absl::StrFormat("Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", boundary);
  out += Part(boundary, "text/plain", message.text);
  out += Part(boundary, "text/html", message.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

std::string EncodeHeaderText(std::string_view text, std::size_t column) {
  std::string out;
  if (IsPlainAscii(text)) {
    // Folds at spaces. A word that is longer than a line is left as it is.
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' ', 1), text.size());
      if (column + end > kLineSizeMax && text[0] == ' ' && !out.empty()) {
        out += "\r\n";
        column = 0;
      }
      out += text.substr(0, end);
      column += end;
      text.remove_prefix(end);
    }
    return out;
  }
  constexpr std::string_view kBegin = "=?UTF-8?B?";
  constexpr std::string_view kEnd = "?=";
  while (!text.empty()) {
    // Base64 makes 4 characters of 3 bytes; the longest word has 75 characters.
    const std::size_t room = std::min<std::size_t>(75, kLineSizeMax - column) - kBegin.size() - kEnd.size();
    const std::size_t size = std::max<std::size_t>(WholeCharacters(text, room / 4 * 3), 1);
    if (!out.empty()) out += "\r\n ";
    out += kBegin;
    out += absl::Base64Escape(std::string(text.substr(0, size)));
    out += kEnd;
    text.remove_prefix(size);
    column = 1;
  }
  return out;
}

std::string EncodeQuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);  // For the ends of lines.
  std::size_t column = 0;
  const auto put = [&](std::string_view piece, bool last_of_line) {
    // A soft break needs a column for its '=' unless the line ends here.
    if (column + piece.size() > kLineSizeMax - (last_of_line ? 0 : 1)) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Most of a text is put as it is, and not letter by letter.
    if (column > 0 && column < kLineSizeMax) {
      const std::size_t run = LettersWithin(text.substr(i, kLineSizeMax - 1 - column));
      out += text.substr(i, run);
      column += run;
      i += run;
      if (i == text.size()) break;
    }
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    const bool trailing_space = (c == ' ' || c == '\t') && last;
    // Mail programs of old quote lines that begin with "From ", and end at a lone ".".
    const bool delicate = column == 0 && (c == '.' || (c == 'F' && text.substr(i, 5) == "From "));
    if (((IsPrintable(c) && c != '=') || c == '\t') && !trailing_space && !delicate) {
      put(text.substr(i, 1), last);
    } else {
      constexpr char kDigits[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      const char escaped[] = {'=', kDigits[byte >> 4], kDigits[byte & 15]};
      put(std::string_view(escaped, sizeof escaped), last);
    }
  }
  return out;
}

}  // namespace souk::notification
