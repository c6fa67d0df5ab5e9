#include "services/order/cancellation.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/uuid.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::order {
namespace {

std::string WordFor(v1::CancelReason reason) {
  return absl::AsciiStrToLower(v1::CancelReason_Name(reason).substr(sizeof "CANCEL_REASON_" - 1));
}

}  // namespace

Task<StatusOr<Shared<v1::OrderState>>> Cancellation::Run(OrderId id, Cancel cancel, CommandMetadata metadata,
                                                         rpc::CallOptions options) {
  const Shared<v1::OrderState> order = co_await Try(engine_.Read<Order>(id));
  // Before that nothing can leave, and after that it is known here.
  if (order->state() == v1::OrderState::STATE_AWAITING_DISPATCH && !AnyDispatched(*order)) {
    co_await Try(StopShipment(id, cancel, metadata.request_id, std::move(options)));
  }
  co_return co_await engine_.Execute<Order>(id, cancel, std::move(metadata));
}

Task<Status> Cancellation::StopShipment(OrderId id, Cancel cancel, std::string request_id,
                                        rpc::CallOptions options) {
  shipping::v1::StopShipmentRequest stop;
  stop.set_request_id(DerivedUuid("stop", request_id, id.str()));
  stop.set_order_id(id.str());
  stop.set_reason(WordFor(cancel.reason));
  const auto stopped = co_await rpc::Call<shipping::v1::StopShipmentResponse>(
      channels_.To("shipping"), std::move(options), std::move(stop));
  if (absl::IsNotFound(stopped.status())) {
    co_return Unavailable("shipping has not heard of the order yet; try again in a moment");
  }
  co_return stopped.status();
}

}  // namespace souk::order
