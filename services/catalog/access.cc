#include "services/catalog/access.h"

namespace souk::catalog {

StatusOr<Shared<v1::SellerState>> ReadOwnSeller(const Engine& engine, const rpc::CallContext& call,
                                                std::string_view seller_id) {
  ASSIGN_OR_RETURN(const SellerId id, SellerId::Parse(seller_id));
  if (!IsOwner(call, seller_id)) return NoSuchSeller(seller_id);
  ASSIGN_OR_RETURN(Shared<v1::SellerState> seller, engine.Read<Seller>(id));
  if (seller->state() == v1::SellerState::STATE_UNSPECIFIED) return NoSuchSeller(seller_id);
  return seller;
}

StatusOr<Shared<v1::ProductState>> ReadOwnProduct(const Engine& engine, const rpc::CallContext& call,
                                                  std::string_view product_id) {
  ASSIGN_OR_RETURN(const ProductId id, ProductId::Parse(product_id));
  ASSIGN_OR_RETURN(Shared<v1::ProductState> product, engine.Read<Product>(id));
  if (product->product_id().empty() || !IsOwner(call, product->seller_id())) return NoSuchProduct(product_id);
  return product;
}

StatusOr<Shared<v1::ProductState>> ReadVisibleProduct(const Engine& engine, const rpc::CallContext& call,
                                                      std::string_view product_id) {
  ASSIGN_OR_RETURN(const ProductId id, ProductId::Parse(product_id));
  ASSIGN_OR_RETURN(Shared<v1::ProductState> product, engine.Read<Product>(id));
  const bool shown = product->state() == v1::ProductState::STATE_PUBLISHED && product->seller_active();
  if (product->product_id().empty() || (!shown && !MayRead(call, product->seller_id()))) {
    return NoSuchProduct(product_id);
  }
  return product;
}

}  // namespace souk::catalog
