// The RPCs with which sellers keep their stock: parse, execute, render. Rules are in stock.cc.
#pragma once

#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/stock_keeper.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

class StockService {
 public:
  // Both must outlive the service.
  StockService(Engine& engine, StockKeeper& keeper) : engine_(engine), keeper_(keeper) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::ReceiveStockResponse>> ReceiveStock(CallContext call, v1::ReceiveStockRequest request);
  Task<StatusOr<v1::AdjustStockResponse>> AdjustStock(CallContext call, v1::AdjustStockRequest request);
  Task<StatusOr<v1::SetLowStockLevelResponse>> SetLowStockLevel(CallContext call,
                                                                v1::SetLowStockLevelRequest request);
  Task<StatusOr<v1::ReturnStockResponse>> ReturnStock(CallContext call, v1::ReturnStockRequest request);
  Task<StatusOr<v1::GetStockResponse>> GetStock(CallContext call, v1::GetStockRequest request);

  // Executes `command` on the stock of a product of the caller.
  template <typename Response, typename Command>
  Task<StatusOr<Response>> Change(CallContext call, std::string request_id, std::string product_id,
                                  Command command);

  Engine& engine_;
  StockKeeper& keeper_;
};

}  // namespace souk::catalog
