// Days between absl::CivilDay and google.type.Date.
#pragma once

#include <google/type/date.pb.h>

#include <cstdint>

#include "absl/time/civil_time.h"

namespace souk::shipping {

inline google::type::Date ToProtoDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<std::int32_t>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

inline absl::CivilDay FromProtoDate(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// False for the 30th of February, and for dates without year, month or day.
inline bool IsDate(const google::type::Date& date) {
  const absl::CivilDay day = FromProtoDate(date);
  return date.year() >= 1970 && date.year() <= 9999 && day.year() == date.year() &&
         day.month() == date.month() && day.day() == date.day();
}

}  // namespace souk::shipping
