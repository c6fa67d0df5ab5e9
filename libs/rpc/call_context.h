// What a handler knows of a call beside the request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"

namespace souk::rpc {

struct CallContext {
  Principal principal;
  // Real time, not the business clock. Calls that this call makes inherit it.
  absl::Time deadline = absl::InfiniteFuture();
  // "/souk.order.v1.OrderService/PlaceOrder".
  std::string method;
  // Of method, caller and request; tells whether a repeated request_id has the same content.
  std::uint64_t fingerprint = 0;
  std::string correlation_id;
  std::string traceparent;

  // For the command this call is about. INVALID_ARGUMENT when `request_id` is not a usable id.
  StatusOr<CommandMetadata> Metadata(std::string_view request_id) const;
};

// Headers of a call.
inline constexpr char kPrincipalHeader[] = "x-souk-principal";
inline constexpr char kCorrelationHeader[] = "x-correlation-id";
inline constexpr char kTraceHeader[] = "traceparent";

}  // namespace souk::rpc
