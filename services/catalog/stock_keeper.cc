#include "services/catalog/stock_keeper.h"

namespace souk::catalog {

Status StockKeeper::CheckSale(Unit& unit, const StockId& id, const HoldStock&) {
  ASSIGN_OR_RETURN(const v1::ProductState* const product, unit.Load<Product>(ProductId::Of(id.str())));
  if (product->product_id().empty()) return NoSuchProduct(id.str());
  if (product->state() != v1::ProductState::STATE_PUBLISHED) {
    return Rejected("PRODUCT_UNAVAILABLE", {{"product_id", id.str()}}, "product %s is not for sale",
                    id.str());
  }
  if (!IsSaleable(*product)) {
    return Rejected("SELLER_UNAVAILABLE", {{"product_id", id.str()}, {"seller_id", product->seller_id()}},
                    "seller of product %s does not sell at present", id.str());
  }
  return OkStatus();
}

Status StockKeeper::TellProduct(Unit& unit, const StockId& id) {
  ASSIGN_OR_RETURN(const v1::StockState* const stock, unit.Load<Stock>(id));
  const SetAvailability command{.available = Available(*stock), .low_level = stock->low_level()};
  return unit.Execute<Product>(ProductId::Of(id.str()), command);
}

}  // namespace souk::catalog
