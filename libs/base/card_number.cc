#include "libs/base/card_number.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"

namespace souk {
namespace {

constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;

// Of all groups but the last: telephone numbers have shorter ones.
constexpr std::size_t kGroupMin = 4;

// How the numbers of a card scheme begin, from `first` to `last`, and how long they are.
struct Issuer {
  std::string_view first;
  std::string_view last;
  std::size_t digits_min;
  std::size_t digits_max;
};

constexpr Issuer kIssuers[] = {
    {"2200", "2204", 16, 19},  // Mir
    {"2221", "2720", 16, 16},  // Mastercard
    {"300", "305", 14, 19},    // Diners Club
    {"34", "34", 15, 15},      // American Express
    {"3528", "3589", 16, 19},  // JCB
    {"36", "36", 14, 19},      // Diners Club
    {"37", "37", 15, 15},      // American Express
    {"38", "39", 14, 19},      // Diners Club
    {"4", "4", 13, 19},        // Visa
    {"50", "50", 13, 19},      // Maestro
    {"51", "55", 16, 16},      // Mastercard
    {"56", "58", 13, 19},      // Maestro
    {"6", "6", 13, 19},        // Maestro, Discover, UnionPay and others
};

bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int weighted = i % 2 == 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 == 0;
}

bool IsCardNumber(std::string_view digits) {
  for (const Issuer& issuer : kIssuers) {
    const std::string_view beginning = digits.substr(0, issuer.first.size());
    if (issuer.first <= beginning && beginning <= issuer.last && issuer.digits_min <= digits.size() &&
        digits.size() <= issuer.digits_max) {
      return PassesLuhn(digits);
    }
  }
  return false;
}

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// True when one or several neighbours in `groups` make a card number.
bool MakeCardNumber(const std::vector<std::string_view>& groups) {
  for (std::size_t begin = 0; begin < groups.size(); ++begin) {
    std::string digits;
    for (std::size_t i = begin; i < groups.size() && digits.size() <= kDigitsMax; ++i) {
      digits.append(groups[i]);
      if (IsCardNumber(digits)) return true;
      if (groups[i].size() < kGroupMin) break;
    }
  }
  return false;
}

// Whether digits beside `c` are part of something else than a number.
bool JoinsWords(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '+'; }

}  // namespace

bool ContainsCardNumber(std::string_view token) {
  std::string digits;
  for (const char c : token) {
    if (c == ' ' || c == '-' || c == '_') continue;
    if (!IsDigit(c)) {
      digits.clear();
      continue;
    }
    digits.push_back(c);
    for (std::size_t size = kDigitsMin; size <= digits.size() && size <= kDigitsMax; ++size) {
      if (PassesLuhn(std::string_view(digits).substr(digits.size() - size))) return true;
    }
  }
  return false;
}

bool HasCardNumber(std::string_view text) {
  std::vector<std::string_view> groups;  // With one space or hyphen between them.
  for (std::size_t i = 0; i < text.size();) {
    if (!IsDigit(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const bool alone = (i == 0 || !JoinsWords(text[i - 1])) && (end == text.size() || !JoinsWords(text[end]));
    if (alone) groups.push_back(text.substr(i, end - i));
    const bool goes_on =
        alone && end + 1 < text.size() && (text[end] == ' ' || text[end] == '-') && IsDigit(text[end + 1]);
    if (!goes_on) {
      if (MakeCardNumber(groups)) return true;
      groups.clear();
    }
    i = goes_on ? end + 1 : end;
  }
  return false;
}

Status CheckNoCardNumber(std::string_view field, std::string_view text) {
  if (!HasCardNumber(text)) return OkStatus();
  return WithReason(InvalidField(field, "has what looks like the number of a payment card; leave it out"),
                    "CARD_NUMBER");
}

}  // namespace souk
