// What the page of a product shows beside the product: how to get it, who sells it and on
// which terms. The delivery offers are the shipping service's; a page is shown without
// them rather than not at all.
#pragma once

#include <cstdint>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/channel.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/catalog/v1/product_events.pb.h"

namespace souk::catalog {

class ProductPages {
 public:
  // Both must outlive the object.
  ProductPages(Engine& engine, rpc::Channel& shipping) : engine_(engine), shipping_(shipping) {}

  struct Reader {
    v1::ProductDestination destination;  // Empty when it is not known.
    std::int32_t quantity = 1;
  };
  Task<StatusOr<v1::ProductPage>> Make(rpc::CallContext call, Shared<v1::ProductState> product,
                                       Reader reader);

 private:
  Task<> AddDeliveryOffers(rpc::CallContext call, const v1::ProductState* product, Reader reader,
                           v1::ProductPage* page);

  Engine& engine_;
  rpc::Channel& shipping_;
};

}  // namespace souk::catalog
