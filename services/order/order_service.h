// The RPCs of souk.order.v1.OrderService: parse, check whose it is, execute, render.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/router.h"
#include "services/order/cancellation.h"
#include "services/order/order.h"
#include "souk/order/v1/order_service.pb.h"

namespace souk::order {

class OrderService {
 public:
  using CallContext = rpc::CallContext;

  // The references must outlive the service.
  OrderService(Engine& engine, SubjectKeys& keys, Cancellation& cancellation)
      : engine_(engine), keys_(keys), cancellation_(cancellation) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::GetOrderGroupResponse>> GetOrderGroup(CallContext call, v1::GetOrderGroupRequest request);
  Task<StatusOr<v1::GetOrderResponse>> GetOrder(CallContext call, v1::GetOrderRequest request);
  Task<StatusOr<v1::ListOrdersResponse>> ListOrders(CallContext call, v1::ListOrdersRequest request);
  Task<StatusOr<v1::GetOrderCountersResponse>> GetOrderCounters(CallContext call,
                                                                v1::GetOrderCountersRequest request);
  Task<StatusOr<v1::CancelOrderResponse>> CancelOrder(CallContext call, v1::CancelOrderRequest request);
  Task<StatusOr<v1::ConfirmReceiptResponse>> ConfirmReceipt(CallContext call,
                                                            v1::ConfirmReceiptRequest request);
  Task<StatusOr<v1::AttachPersonalNoteResponse>> AttachPersonalNote(CallContext call,
                                                                    v1::AttachPersonalNoteRequest request);
  Task<StatusOr<v1::GetOrderJourneyResponse>> GetOrderJourney(CallContext call,
                                                              v1::GetOrderJourneyRequest request);

 private:
  // The order, if the caller is its buyer, its seller or an operator; else NOT_FOUND.
  StatusOr<Shared<v1::OrderState>> Find(const CallContext& call, const OrderId& id) const;
  v1::Order Render(const Principal& viewer, const v1::OrderState& state) const;

  Engine& engine_;
  SubjectKeys& keys_;
  Cancellation& cancellation_;
};

}  // namespace souk::order
