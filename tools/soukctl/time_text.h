// Times and places in logs, as users type them and see them.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk::ctl {

// "2017-02-01", "2017-02-01 12:00:00" or "2017-02-01T12:00:00Z", in UTC unless it says
// otherwise. `say` ends the error: what may be typed.
StatusOr<absl::Time> ParseTimeText(const std::string& text,
                                   const std::string& say = "2017-02-01 or 2017-02-01T12:00:00Z");

// "2017-02-01 12:00:00", in UTC, as tables show it.
std::string TimeText(const google::protobuf::Timestamp& time);

// A moment of a log.
struct Moment {
  std::uint64_t position = UINT64_MAX;       // Up to here, included,
  absl::Time time = absl::InfiniteFuture();  // and nothing that was recorded later.
};
// "1234" is a position, anything else a time.
StatusOr<Moment> ParseMoment(const std::string& text);

}  // namespace souk::ctl
