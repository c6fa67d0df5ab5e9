// What an open checkout would come to if it were placed now: asks the cart, the catalogue
// and the shipping service, reserves nothing. The numbers are those that the saga finds a
// moment later, unless something changes in between.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/module/module.h"
#include "libs/rpc/call_context.h"
#include "services/order/checkout_pricing.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"

namespace souk::order {

class CheckoutPreview {
 public:
  // `channels` must outlive the preview.
  explicit CheckoutPreview(Channels& channels) : channels_(channels) {}

  // The cart with its owner, as the cart service tells. NOT_FOUND.
  Task<StatusOr<cart::v1::Cart>> GetCart(rpc::CallContext call, std::string cart_id);

  // Adds parts, total and problems to `checkout`, which shows `state` of this cart.
  Task<StatusOr<v1::Checkout>> Price(rpc::CallContext call, Shared<v1::CheckoutState> state,
                                     cart::v1::Cart cart, v1::Checkout checkout);

 private:
  using DeliveryOptions = google::protobuf::RepeatedPtrField<v1::DeliveryOption>;
  Task<StatusOr<DeliveryOptions>> Options(rpc::CallContext call,
                                          shipping::v1::ListDeliveryOffersRequest request);

  Channels& channels_;
};

}  // namespace souk::order
