// The RPCs with which everyone reads products: one, a list, a search.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/router.h"
#include "services/catalog/product_page.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

class ProductQueryService {
 public:
  // Both must outlive the service.
  ProductQueryService(Engine& engine, rpc::Channel& shipping) : engine_(engine), pages_(engine, shipping) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::GetProductResponse>> GetProduct(CallContext call, v1::GetProductRequest request);
  Task<StatusOr<v1::ListProductsResponse>> ListProducts(CallContext call, v1::ListProductsRequest request);
  Task<StatusOr<v1::SearchProductsResponse>> SearchProducts(CallContext call,
                                                            v1::SearchProductsRequest request);

  Engine& engine_;
  ProductPages pages_;
};

}  // namespace souk::catalog
