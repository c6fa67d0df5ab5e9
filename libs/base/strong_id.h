#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"

namespace souk {

// The longest id, in bytes. UUIDs have 36; ids may be derived by adding a suffix.
inline constexpr std::size_t kIdSizeMax = 80;

// OK when `text` may be an id: 1 to kIdSizeMax of [A-Za-z0-9._~:-]. INVALID_ARGUMENT
// that names `field` otherwise. The separators of keys are not among them.
Status CheckId(std::string_view field, std::string_view text);

// A string id of one kind. Ids of different kinds do not convert to each other.
// `Tag::kName` is the singular noun, "order"; the request field is then "order_id".
template <typename Tag>
class StrongId {
 public:
  // An id that nothing has.
  StrongId() = default;

  // For ids that come from outside.
  static StatusOr<StrongId> Parse(std::string_view text) {
    RETURN_IF_ERROR(CheckId(std::string(Tag::kName) + "_id", text));
    return StrongId(std::string(text));
  }
  // For ids that we made or stored ourselves.
  static StrongId Of(std::string text) { return StrongId(std::move(text)); }

  const std::string& str() const { return value_; }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const StrongId& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

}  // namespace souk
