#include "libs/base/request_field.h"

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"

namespace souk {

StatusOr<absl::Time> RequestTime(std::string_view field, const google::protobuf::Timestamp& proto) {
  constexpr std::int64_t kSecondsEnd = 253'402'300'800;  // The beginning of the year 10000.
  const bool is_time = 0 <= proto.seconds() && proto.seconds() < kSecondsEnd && 0 <= proto.nanos() &&
                       proto.nanos() < 1'000'000'000;
  if (!is_time) return InvalidField(field, "must be a time in the years 1970 to 9999");
  return FromProto(proto);
}

Status CheckSize(std::string_view field, std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return OkStatus();
  return InvalidField(field, absl::StrFormat("must be at most %d bytes", bytes_max));
}

}  // namespace souk
