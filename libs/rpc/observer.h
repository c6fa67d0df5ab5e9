// Lets metrics and logs see how calls end, before details are hidden from the client.
#pragma once

#include <functional>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk::rpc {

struct CallOutcome {
  // "/souk.order.v1.OrderService/PlaceOrder".
  std::string_view method;
  const Status& status;
  // From the acceptance to the answer; of a stream, until its end.
  absl::Duration duration;
};

// Called on the thread that serves. Must not block.
using CallObserver = std::function<void(const CallOutcome&)>;

}  // namespace souk::rpc
