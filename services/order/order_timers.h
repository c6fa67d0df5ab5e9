// What happens to an order when a time has passed: each timer becomes a command, and one
// that comes too late changes nothing.
#pragma once

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "services/order/cancellation.h"
#include "services/order/order.h"

namespace souk::order {

class OrderTimers {
 public:
  // Both must outlive the object.
  OrderTimers(Engine& engine, Cancellation& cancellation) : engine_(engine), cancellation_(cancellation) {}

  // Makes it the handler of all timers of orders.
  void Register();

 private:
  Task<Status> CancelOverdue(Effect effect);
  Task<Status> Receive(Effect effect);
  template <typename Command>
  Task<Status> Fire(Effect effect, Command command);

  Engine& engine_;
  Cancellation& cancellation_;
};

}  // namespace souk::order
