#include "tools/soukctl/time_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "libs/base/proto_time.h"

namespace souk::ctl {

StatusOr<absl::Time> ParseTimeText(const std::string& text, const std::string& say) {
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", absl::RFC3339_full}) {
    if (absl::ParseTime(format, text, absl::UTCTimeZone(), &time, &error)) return time;
  }
  return InvalidArgument("\"%s\" is no time: say %s", text, say);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(time), absl::UTCTimeZone());
}

StatusOr<Moment> ParseMoment(const std::string& text) {
  Moment moment;
  if (!text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    if (absl::SimpleAtoi(text, &moment.position)) return moment;
    return InvalidArgument("\"%s\" is no position", text);
  }
  ASSIGN_OR_RETURN(moment.time,
                   ParseTimeText(text, "a position such as 1234, 2017-02-01 or 2017-02-01T12:00:00Z"));
  return moment;
}

}  // namespace souk::ctl
