// Cancels an order, but none that has left. What has left is known to shipping first, and here
// only when its event has come: which may be much later, when a broker is down. So shipping is
// asked before; it then lets nothing leave any more.
//
// Between the two steps the shipment is stopped and the order is not yet cancelled. Whoever
// could not do the second step does both again: she who asked, or the timer of orders that are
// not dispatched in time.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/module/module.h"
#include "libs/rpc/channel.h"
#include "services/order/order.h"

namespace souk::order {

class Cancellation {
 public:
  // Both must outlive the object.
  Cancellation(Engine& engine, Channels& channels) : engine_(engine), channels_(channels) {}

  // FAILED_PRECONDITION ORDER_DISPATCHED when it has left; UNAVAILABLE while that cannot be told.
  Task<StatusOr<Shared<v1::OrderState>>> Run(OrderId id, Cancel cancel, CommandMetadata metadata,
                                             rpc::CallOptions options);

 private:
  Task<Status> StopShipment(OrderId id, Cancel cancel, std::string request_id, rpc::CallOptions options);

  Engine& engine_;
  Channels& channels_;
};

}  // namespace souk::order
