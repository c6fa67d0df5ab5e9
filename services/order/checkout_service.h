// The RPCs of souk.order.v1.CheckoutService: parse, check whose it is, execute, render.
#pragma once

#include <optional>
#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/module/module.h"
#include "libs/rpc/router.h"
#include "services/order/checkout.h"
#include "services/order/checkout_preview.h"
#include "services/order/checkout_saga.h"
#include "souk/order/v1/checkout_service.pb.h"

namespace souk::order {

class CheckoutService {
 public:
  using CallContext = rpc::CallContext;

  // The references must outlive the service.
  CheckoutService(Engine& engine, Channels& channels, SubjectKeys& keys, CheckoutPolicy policy);

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::StartCheckoutResponse>> StartCheckout(CallContext call, v1::StartCheckoutRequest request);
  Task<StatusOr<v1::SetAddressResponse>> SetAddress(CallContext call, v1::SetAddressRequest request);
  Task<StatusOr<v1::SelectDeliveryResponse>> SelectDelivery(CallContext call,
                                                            v1::SelectDeliveryRequest request);
  Task<StatusOr<v1::SelectPaymentMethodResponse>> SelectPaymentMethod(CallContext call,
                                                                      v1::SelectPaymentMethodRequest request);
  Task<StatusOr<v1::PlaceOrderResponse>> PlaceOrder(CallContext call, v1::PlaceOrderRequest request);
  Task<StatusOr<v1::GetCheckoutResponse>> GetCheckout(CallContext call, v1::GetCheckoutRequest request);
  Task<StatusOr<v1::CancelCheckoutResponse>> CancelCheckout(CallContext call,
                                                            v1::CancelCheckoutRequest request);

 private:
  using State = v1::CheckoutState;

  // The caller's own checkout; NOT_FOUND for anyone else's.
  StatusOr<Shared<State>> FindOwn(const CallContext& call, const CheckoutId& id) const;
  // Waits while the saga is at work, and returns the state then, or near the deadline.
  Task<StatusOr<Shared<State>>> AwaitSaga(CheckoutId id, absl::Time deadline);
  v1::Checkout Render(const State& state) const;
  // With prices while it is open. `cart`: as just read; is asked for when it is not given.
  Task<StatusOr<v1::Checkout>> RenderPriced(CallContext call, Shared<State> state,
                                            std::optional<cart::v1::Cart> cart = std::nullopt);

  Engine& engine_;
  SubjectKeys& keys_;
  CheckoutPreview preview_;
  const CheckoutPolicy policy_;
};

}  // namespace souk::order
