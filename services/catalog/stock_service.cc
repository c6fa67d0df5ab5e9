#include "services/catalog/stock_service.h"

#include <utility>

#include "services/catalog/access.h"
#include "services/catalog/render.h"

namespace souk::catalog {

void StockService::AddTo(rpc::Router& router) {
  using namespace rpc;
  router.Add<&StockService::ReceiveStock>(*this, kSellers);
  router.Add<&StockService::AdjustStock>(*this, kSellers);
  router.Add<&StockService::SetLowStockLevel>(*this, kSellers);
  router.Add<&StockService::ReturnStock>(*this, kSellers);
  router.Add<&StockService::GetStock>(*this, kSellers | kOperators | kServices);
}

Task<StatusOr<v1::ReceiveStockResponse>> StockService::ReceiveStock(CallContext call,
                                                                    v1::ReceiveStockRequest request) {
  return Change<v1::ReceiveStockResponse>(std::move(call), request.request_id(), request.product_id(),
                                          catalog::ReceiveStock{.quantity = request.quantity()});
}

Task<StatusOr<v1::AdjustStockResponse>> StockService::AdjustStock(CallContext call,
                                                                  v1::AdjustStockRequest request) {
  return Change<v1::AdjustStockResponse>(
      std::move(call), request.request_id(), request.product_id(),
      catalog::AdjustStock{.delta = request.delta(), .reason = request.reason()});
}

Task<StatusOr<v1::SetLowStockLevelResponse>> StockService::SetLowStockLevel(
    CallContext call, v1::SetLowStockLevelRequest request) {
  return Change<v1::SetLowStockLevelResponse>(std::move(call), request.request_id(), request.product_id(),
                                              catalog::SetLowStockLevel{.low_level = request.low_level()});
}

Task<StatusOr<v1::ReturnStockResponse>> StockService::ReturnStock(CallContext call,
                                                                  v1::ReturnStockRequest request) {
  return Change<v1::ReturnStockResponse>(
      std::move(call), request.request_id(), request.product_id(),
      catalog::ReturnStock{.order_id = request.order_id(), .quantity = request.quantity()});
}

Task<StatusOr<v1::GetStockResponse>> StockService::GetStock(CallContext call, v1::GetStockRequest request) {
  const StockId id = co_await Try(StockId::Parse(request.product_id()));
  const Shared<v1::StockState> stock = co_await Try(engine_.Read<Stock>(id));
  if (stock->product_id().empty() || !MayRead(call, stock->seller_id())) {
    co_return NoSuchProduct(request.product_id());
  }
  v1::GetStockResponse response;
  *response.mutable_stock() = Render(*stock);
  co_return response;
}

template <typename Response, typename Command>
Task<StatusOr<Response>> StockService::Change(CallContext call, std::string request_id,
                                              std::string product_id, Command command) {
  CommandMetadata metadata = co_await Try(call.Metadata(request_id));
  co_await Try(ReadOwnProduct(engine_, call, product_id));
  const auto render = [](const v1::StockState& stock) { return Render(stock); };
  Response response;
  *response.mutable_stock() =
      co_await Try(keeper_.Execute(StockId::Of(product_id), std::move(command), std::move(metadata), render));
  co_return response;
}

}  // namespace souk::catalog
