// What callers send in the fields of a request.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk {

// The instant that the request's field `field` says. INVALID_ARGUMENT outside of the years
// 1970 to 9999, in which all that we compute with days stays within every type.
StatusOr<absl::Time> RequestTime(std::string_view field, const google::protobuf::Timestamp& proto);

// INVALID_ARGUMENT that names `field` when `text` is longer than `bytes_max`.
Status CheckSize(std::string_view field, std::string_view text, std::size_t bytes_max);

// What people say of why they do something: RequestRefund and the like.
inline constexpr std::size_t kReasonBytesMax = 500;

}  // namespace souk
