#include "libs/base/form_text.h"

#include <algorithm>

namespace souk {

bool IsMailAddress(std::string_view text) {
  constexpr std::size_t kSizeMax = 254;
  const std::size_t at = text.find('@');
  if (text.size() > kSizeMax || at == std::string_view::npos || at == 0 || at + 1 == text.size())
    return false;
  if (text.find('@', at + 1) != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("()<>[]:;\\,\"").find(c) == std::string_view::npos;
  });
}

bool IsOneLine(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.find_first_not_of(' ') != std::string_view::npos &&
         std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace souk
