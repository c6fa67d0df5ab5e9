// Whose things a caller may see and change. What is not the caller's is NOT_FOUND, with
// the very text that an unknown id gets.
#pragma once

#include <string_view>

#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "services/catalog/product.h"
#include "services/catalog/seller.h"

namespace souk::catalog {

// True for the seller herself.
inline bool IsOwner(const rpc::CallContext& call, std::string_view seller_id) {
  return call.principal.IsSeller(seller_id);
}
// True for whoever may read all that a seller may.
inline bool MayRead(const rpc::CallContext& call, std::string_view seller_id) {
  return IsOwner(call, seller_id) || call.principal.IsOperator() || call.principal.IsService();
}

// The seller `seller_id`, who must be registered and the caller.
StatusOr<Shared<v1::SellerState>> ReadOwnSeller(const Engine& engine, const rpc::CallContext& call,
                                                std::string_view seller_id);
// The product, which must be the caller's.
StatusOr<Shared<v1::ProductState>> ReadOwnProduct(const Engine& engine, const rpc::CallContext& call,
                                                  std::string_view product_id);
// The product, if the caller may see it: all that is published by a seller in good
// standing, and one's own.
StatusOr<Shared<v1::ProductState>> ReadVisibleProduct(const Engine& engine, const rpc::CallContext& call,
                                                      std::string_view product_id);

}  // namespace souk::catalog
