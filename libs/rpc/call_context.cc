#include "libs/rpc/call_context.h"

#include "libs/base/strong_id.h"

namespace souk::rpc {

StatusOr<CommandMetadata> CallContext::Metadata(std::string_view request_id) const {
  RETURN_IF_ERROR(CheckId("request_id", request_id));
  return CommandMetadata{
      .request_id = std::string(request_id),
      .fingerprint = fingerprint,
      .actor = ActorOf(principal),
      .correlation_id = correlation_id.empty() ? std::string(request_id) : correlation_id,
      .causation_id = "",
      .traceparent = traceparent,
  };
}

}  // namespace souk::rpc
