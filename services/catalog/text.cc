#include "services/catalog/text.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/form_text.h"

namespace souk::catalog {
namespace {

// U+00C0 to U+017F without case and accent; a space for the two signs among them.
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin.size() == 0x180 - 0xC0);

// The code point at `text[i]`; moves `i` behind it. Damaged bytes are spaces.
char32_t NextCodePoint(std::string_view text, std::size_t& i) {
  const auto lead = static_cast<unsigned char>(text[i++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  if (more == 0) return U' ';
  char32_t code = lead & (0x3Fu >> more);
  for (int n = 0; n < more; ++n) {
    if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return U' ';
    code = code << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
  }
  return code;
}

// The folded letter or digit, or a space for what separates words. Knows the case of
// Latin, Greek and Cyrillic; other scripts have none or are taken as they are.
char32_t Fold(char32_t code) {
  if (code < 0x80) {
    const auto ascii = static_cast<unsigned char>(code);
    if (!absl::ascii_isalnum(ascii)) return U' ';
    return static_cast<unsigned char>(absl::ascii_tolower(ascii));
  }
  if (code < 0xC0) return U' ';
  if (code < 0x180) return static_cast<unsigned char>(kLatin[code - 0xC0]);
  if (code >= 0x391 && code <= 0x3A9) return code + 0x20;
  if (code >= 0x410 && code <= 0x42F) return code + 0x20;
  if (code >= 0x400 && code <= 0x40F) return code + 0x50;
  if (code >= 0x300 && code <= 0x36F) return 0;       // Combining accents.
  if (code >= 0x2000 && code <= 0x2BFF) return U' ';  // Punctuation, arrows, symbols.
  if (code >= 0x3000 && code <= 0x303F) return U' ';  // Punctuation of East Asia.
  if (code >= 0xFE00 && code <= 0xFE6F) return U' ';  // Variation marks and small forms.
  return code;
}

void Append(std::string& word, char32_t code) {
  const auto put = [&word](char32_t bits) { word.push_back(static_cast<char>(bits)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

std::size_t CharacterCount(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

void CheckText(std::vector<FieldViolation>& violations, std::string_view field, std::string_view text,
               LengthRange range) {
  const std::size_t count = CharacterCount(text);
  if (count < range.min) {
    violations.push_back({std::string(field), range.min == 1 ? "is required" : "is too short"});
  } else if (count > range.max) {
    violations.push_back(
        {std::string(field), absl::StrFormat("has %d characters; at most %d are allowed", count, range.max)});
  }
  for (const char c : text) {
    if (!absl::ascii_iscntrl(static_cast<unsigned char>(c)) || c == '\n' || c == '\r' || c == '\t') continue;
    violations.push_back({std::string(field), "has a control character"});
    return;
  }
}

void CheckLine(std::vector<FieldViolation>& violations, std::string_view field, std::string_view text,
               LengthRange range) {
  const std::size_t before = violations.size();
  CheckText(violations, field, text, range);
  if (violations.size() == before && !text.empty() && !IsOneLine(text)) {
    violations.push_back({std::string(field), "must be one line of text"});
  }
}

void CheckLanguage(std::vector<FieldViolation>& violations, std::string_view field, std::string_view code) {
  bool good = code.size() >= 2 && code.size() <= 35 && code.front() != '-' && code.back() != '-';
  for (const char c : code) good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-');
  if (!good) violations.push_back({std::string(field), "must be a BCP 47 tag, such as \"en\" or \"pt-BR\""});
}

std::vector<std::string> Words(std::string_view text) {
  constexpr std::size_t kWordBytesMax = 60;  // Longer words are cut: keys stay short.
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t code = Fold(NextCodePoint(text, i));
    if (code == 0) continue;
    if (code != U' ') {
      if (word.size() < kWordBytesMax) Append(word, code);
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace souk::catalog
