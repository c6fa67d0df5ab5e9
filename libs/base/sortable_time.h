#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace souk {

// 20 digits that sort as times do: microseconds since 1970, shifted so that years
// before it have no minus sign. For keys of index rows.
inline std::string SortableTime(absl::Time time) {
  constexpr std::int64_t kShift = std::int64_t{1} << 62;
  return absl::StrFormat("%020d", absl::ToUnixMicros(time) + kShift);
}

}  // namespace souk
