// One attempt to place the orders of a checkout, as one run of the saga sees it: what it is
// called at other services, and how they are called. Calls that are made twice carry the
// same request ids, whichever run makes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "libs/base/task.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/engine.h"
#include "libs/module/module.h"
#include "libs/rpc/channel.h"
#include "services/order/checkout.h"

namespace souk::order {

struct CheckoutRun {
  // Both must outlive the run.
  Engine& engine;
  Channels& channels;
  CheckoutId id;
  int attempt = 0;
  Effect effect;

  // Of the attempt, in all runs: what request ids and ids at other services derive from.
  std::string Name() const { return id.str() + "/" + std::to_string(attempt); }
  std::string HoldId(std::string_view product_id) const { return DerivedUuid("hold", Name(), product_id); }
  std::string IntentId() const { return PaymentIntentIdFor(id, attempt); }

  // Calls `service` with a request id that depends on the attempt and the content alone.
  template <typename Response, typename Request>
  Task<StatusOr<Response>> Call(std::string_view service, Request request) const {
    request.set_request_id(
        DerivedUuid(std::string(Request::descriptor()->name()), Name(), request.SerializeAsString()));
    return Ask<Response>(service, std::move(request));
  }

  // The same for a request that has no id.
  template <typename Response, typename Request>
  Task<StatusOr<Response>> Ask(std::string_view service, Request request) const {
    constexpr absl::Duration kTimeout = absl::Seconds(10);  // Real time.
    rpc::CallOptions options;
    options.deadline = engine.scheduler().Now() + kTimeout;
    options.correlation_id = effect.correlation_id;
    return rpc::Call<Response>(channels.To(service), std::move(options), std::move(request));
  }
};

// An error of undoing what was never done is none.
inline Status UnlessNotFound(const Status& status) { return absl::IsNotFound(status) ? OkStatus() : status; }

}  // namespace souk::order
