// Page tokens of List RPCs: where the last page ended, bound to the query it was for.
// A token carries no authority: the query is checked like that of a first page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk {

inline constexpr std::int32_t kPageSizeDefault = 50;
inline constexpr std::int32_t kPageSizeMax = 200;

// 1 to kPageSizeMax; kPageSizeDefault for 0. INVALID_ARGUMENT for a negative size.
StatusOr<std::int32_t> PageSize(std::int32_t requested);

// `query` is whatever else the request says, such as "seller/s-1?state=2".
std::string EncodePageToken(std::string_view query, std::string_view last_key);

// The last key; "" for the empty token, which asks for the first page. INVALID_ARGUMENT
// when the token is damaged or belongs to another query.
StatusOr<std::string> DecodePageToken(std::string_view query, std::string_view token);

}  // namespace souk
