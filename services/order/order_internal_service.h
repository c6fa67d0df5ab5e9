// The RPCs of souk.order.v1.OrderInternalService: what other services ask of this one.
#pragma once

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/router.h"
#include "souk/order/v1/order_service.pb.h"

namespace souk::order {

class OrderInternalService {
 public:
  // The references must outlive the service.
  OrderInternalService(Engine& engine, SubjectKeys& keys) : engine_(engine), keys_(keys) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::GetOrderContactResponse>> GetOrderContact(rpc::CallContext call,
                                                              v1::GetOrderContactRequest request);

 private:
  Engine& engine_;
  SubjectKeys& keys_;
};

}  // namespace souk::order
