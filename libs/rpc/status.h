// Errors on the wire: google.rpc.Status with ErrorInfo for a reason, BadRequest for
// fields, and RetryInfo for what may succeed later. There is always a reason, so that
// clients need look nowhere else; an error that has none is told by its code, "NOT_FOUND".
#pragma once

#include <grpcpp/support/status.h>

#include "libs/base/status.h"

namespace souk::rpc {

// `domain` of our ErrorInfo.
inline constexpr char kErrorDomain[] = "souk";

// What a client is shown of `status`: the same, but the texts of INTERNAL, UNKNOWN and
// DATA_LOSS, which tell of our insides, become "internal error".
Status ForClient(const Status& status);

// ToGrpc shows what ForClient shows. FromGrpc brings reason, values (sorted by name) and
// fields back; a reason that only repeats the code it leaves out.
grpc::Status ToGrpc(const Status& status);
Status FromGrpc(const grpc::Status& status);

}  // namespace souk::rpc
