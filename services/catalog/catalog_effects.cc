#include "services/catalog/catalog_effects.h"

#include <string>
#include <utility>
#include <vector>

#include "libs/eventsourcing/page.h"
#include "services/catalog/product.h"
#include "services/catalog/review.h"
#include "services/catalog/seller.h"

namespace souk::catalog {

void CatalogEffects::Register() {
  engine_.OnEffect<Seller>(kStartVacationTimer, [this](Effect effect) {
    return OnVacationTimer<StartVacation>(std::move(effect));
  });
  engine_.OnEffect<Seller>(kFinishVacationTimer, [this](Effect effect) {
    return OnVacationTimer<FinishVacation>(std::move(effect));
  });
  engine_.OnEffect<Seller>(kTellProductsEffect,
                           [this](Effect effect) { return OnTellProducts(std::move(effect)); });
  engine_.OnEffect<Product>(kCheckSellerEffect,
                            [this](Effect effect) { return OnCheckSeller(std::move(effect)); });
  engine_.OnEffect<Stock>(kExpireHoldTimer,
                          [this](Effect effect) { return OnExpireHold(std::move(effect)); });
  engine_.OnEffect<Review>(kRateSellerEffect,
                           [this](Effect effect) { return OnRateSeller(std::move(effect)); });
}

template <typename Command>
Task<Status> CatalogEffects::OnVacationTimer(Effect effect) {
  co_await Try(engine_.Execute<Seller>(SellerId::Of(effect.aggregate_id), Command{}, effect.Metadata()));
  co_return OkStatus();
}

Task<Status> CatalogEffects::OnTellProducts(Effect effect) {
  constexpr std::size_t kPage = 200;
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Read<Seller>(SellerId::Of(effect.aggregate_id)));
  const SetSellerAvailability command{.active = seller->state() == v1::SellerState::STATE_ACTIVE,
                                      .on_vacation = seller->on_vacation(),
                                      .version = seller->availability_version()};
  IndexQuery query{.index = "products_by_seller", .prefix = effect.aggregate_id + "/", .limit = kPage};
  for (;;) {
    const std::vector<IndexRow> rows = co_await Try(engine_.Query(query));
    if (rows.empty()) co_return OkStatus();
    for (const IndexRow& row : rows) {
      const ProductId id = ProductId::Of(IdInKey(row.key));
      // The version is part of the step: another attempt may have more recent news.
      const std::string step = absl::StrFormat("%s/%d", id.str(), command.version);
      co_await Try(engine_.Execute<Product>(id, command, effect.Metadata(step)));
    }
    query.after = rows.back().key;
  }
}

Task<Status> CatalogEffects::OnCheckSeller(Effect effect) {
  const ProductId id = ProductId::Of(effect.aggregate_id);
  const Shared<v1::ProductState> product = co_await Try(engine_.Read<Product>(id));
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Read<Seller>(SellerId::Of(product->seller_id())));
  const SetSellerAvailability command{.active = seller->state() == v1::SellerState::STATE_ACTIVE,
                                      .on_vacation = seller->on_vacation(),
                                      .version = seller->availability_version()};
  const std::string step = absl::StrFormat("%d", command.version);
  co_await Try(engine_.Execute<Product>(id, command, effect.Metadata(step)));
  co_return OkStatus();
}

Task<Status> CatalogEffects::OnExpireHold(Effect effect) {
  co_await Try(keeper_.Execute(StockId::Of(effect.aggregate_id), ExpireHolds{}, effect.Metadata()));
  co_return OkStatus();
}

Task<Status> CatalogEffects::OnRateSeller(Effect effect) {
  const Shared<v1::ReviewState> review =
      co_await Try(engine_.Read<Review>(ReviewId::Of(effect.aggregate_id)));
  RateSeller command{.review_id = review->review_id(), .score = review->score()};
  co_await Try(
      engine_.Execute<Seller>(SellerId::Of(review->seller_id()), std::move(command), effect.Metadata()));
  co_return OkStatus();
}

}  // namespace souk::catalog
