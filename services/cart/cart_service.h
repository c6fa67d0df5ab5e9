// The RPCs of the cart: parse, execute, render. Rules are in cart.cc.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/cart/cart.h"
#include "services/cart/offer_book.h"
#include "souk/cart/v1/cart_service.pb.h"

namespace souk::cart {

struct CartServiceOptions {
  // After how long without a change a cart expires.
  absl::Duration guest_cart_expire_after = absl::Hours(24 * 30);
  absl::Duration account_cart_expire_after = absl::Hours(24 * 90);
};

class CartService {
 public:
  // Both must outlive the service.
  CartService(Engine& engine, OfferBook& offers, CartServiceOptions options)
      : engine_(engine), offers_(offers), options_(options) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::CreateCartResponse>> CreateCart(CallContext call, v1::CreateCartRequest request);
  Task<StatusOr<v1::GetCartResponse>> GetCart(CallContext call, v1::GetCartRequest request);
  Task<StatusOr<v1::ListCartsResponse>> ListCarts(CallContext call, v1::ListCartsRequest request);
  Task<StatusOr<v1::AddItemResponse>> AddItem(CallContext call, v1::AddItemRequest request);
  Task<StatusOr<v1::SetItemQuantityResponse>> SetItemQuantity(CallContext call,
                                                              v1::SetItemQuantityRequest request);
  Task<StatusOr<v1::RemoveItemResponse>> RemoveItem(CallContext call, v1::RemoveItemRequest request);
  Task<StatusOr<v1::MergeCartsResponse>> MergeCarts(CallContext call, v1::MergeCartsRequest request);
  Task<StatusOr<v1::FreezeCartResponse>> FreezeCart(CallContext call, v1::FreezeCartRequest request);
  Task<StatusOr<v1::UnfreezeCartResponse>> UnfreezeCart(CallContext call, v1::UnfreezeCartRequest request);
  Task<StatusOr<v1::CompleteCartResponse>> CompleteCart(CallContext call, v1::CompleteCartRequest request);

  // Executes a command that carries an offer. When it is refused because of the offer, the
  // catalog is asked whether that is still so.
  template <typename Command>
  Task<StatusOr<Shared<v1::CartState>>> ExecuteWithOffer(Cart::Id id, Command command,
                                                         CommandMetadata metadata, CallContext call);

  // The cart at present prices. Before it warns that there is too little of something, the
  // catalog is asked.
  Task<v1::Cart> Render(Shared<v1::CartState> state, CallContext call);

  Engine& engine_;
  OfferBook& offers_;
  const CartServiceOptions options_;
};

}  // namespace souk::cart
