// The RPCs with which sellers describe products: parse, execute, render. Rules are in
// product.cc; reading products is in product_query_service.h.
#pragma once

#include <cstdint>
#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/product.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

class ProductService {
 public:
  // `engine` must outlive the service. `low_stock_level` is that of new products.
  ProductService(Engine& engine, std::int64_t low_stock_level)
      : engine_(engine), low_stock_level_(low_stock_level) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::CreateProductResponse>> CreateProduct(CallContext call, v1::CreateProductRequest request);
  Task<StatusOr<v1::ReviseProductResponse>> ReviseProduct(CallContext call, v1::ReviseProductRequest request);
  Task<StatusOr<v1::AttachMediaResponse>> AttachMedia(CallContext call, v1::AttachMediaRequest request);
  Task<StatusOr<v1::DetachMediaResponse>> DetachMedia(CallContext call, v1::DetachMediaRequest request);
  Task<StatusOr<v1::ReorderMediaResponse>> ReorderMedia(CallContext call, v1::ReorderMediaRequest request);
  Task<StatusOr<v1::SetPriceResponse>> SetPrice(CallContext call, v1::SetPriceRequest request);
  Task<StatusOr<v1::SetDeliveryProfileResponse>> SetDeliveryProfile(CallContext call,
                                                                    v1::SetDeliveryProfileRequest request);
  Task<StatusOr<v1::PublishProductResponse>> PublishProduct(CallContext call,
                                                            v1::PublishProductRequest request);
  Task<StatusOr<v1::UnpublishProductResponse>> UnpublishProduct(CallContext call,
                                                                v1::UnpublishProductRequest request);
  Task<StatusOr<v1::ArchiveProductResponse>> ArchiveProduct(CallContext call,
                                                            v1::ArchiveProductRequest request);

  // Executes `command` on a product of the caller.
  template <typename Response, typename Command>
  Task<StatusOr<Response>> Change(CallContext call, std::string request_id, std::string product_id,
                                  Command command);

  Engine& engine_;
  const std::int64_t low_stock_level_;
};

}  // namespace souk::catalog
