// No card number may get into a log: what looks like one is refused at the door.
#pragma once

#include <string>
#include <string_view>

namespace souk {

// True when `text` contains a run of 13 to 19 digits, perhaps with spaces and hyphens
// between them, that passes the check of Luhn (ISO/IEC 7812-1), as card numbers do.
inline bool ContainsCardNumber(std::string_view text) {
  constexpr std::size_t kDigitsMin = 13;
  constexpr std::size_t kDigitsMax = 19;
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9') {
      digits.clear();
      continue;
    }
    digits.push_back(c);
    int sum = 0;
    for (std::size_t i = 0; i < digits.size() && i < kDigitsMax; ++i) {
      const int digit = digits[digits.size() - 1 - i] - '0';
      const int weighted = i % 2 == 0 ? digit : digit * 2;
      sum += weighted > 9 ? weighted - 9 : weighted;
      if (i + 1 >= kDigitsMin && sum % 10 == 0) return true;
    }
  }
  return false;
}

}  // namespace souk
