// Instants that callers send.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string_view>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk {

// The instant that the request's field `field` says. INVALID_ARGUMENT outside of the years
// 1970 to 9999, in which all that we compute with days stays within every type.
StatusOr<absl::Time> RequestTime(std::string_view field, const google::protobuf::Timestamp& proto);

}  // namespace souk
