#include "libs/base/strong_id.h"

#include "absl/strings/ascii.h"

namespace souk {

Status CheckId(std::string_view field, std::string_view text) {
  if (text.empty()) return InvalidField(field, "is required");
  if (text.size() > kIdSizeMax) {
    return InvalidField(field, absl::StrFormat("must have at most %d characters", kIdSizeMax));
  }
  for (const char c : text) {
    const bool allowed = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                         std::string_view("._~:-").find(c) != std::string_view::npos;
    if (!allowed) return InvalidField(field, "may contain letters, digits and . _ ~ : - only");
  }
  return OkStatus();
}

}  // namespace souk
