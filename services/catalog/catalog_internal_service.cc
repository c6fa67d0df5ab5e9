#include "services/catalog/catalog_internal_service.h"

#include <optional>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/request_field.h"
#include "services/catalog/product.h"
#include "services/catalog/render.h"
#include "services/catalog/seller.h"

namespace souk::catalog {
namespace {

constexpr int kOffersMax = 200;

// What an offer tells of a stock.
struct Shelf {
  std::int64_t available = 0;
  std::int64_t low_level = 0;
};

// The offer, or nothing when the product has no price in the currency.
std::optional<v1::GetOffersResponse::Offer> OfferOf(const v1::ProductState& product, const Shelf& shelf,
                                                    std::string_view currency_code) {
  std::optional<type::v1::Money> price = PriceIn(product, currency_code);
  if (!price.has_value()) return std::nullopt;
  v1::GetOffersResponse::Offer offer;
  offer.set_product_id(product.product_id());
  offer.set_seller_id(product.seller_id());
  offer.set_title(product.texts_size() > 0 ? product.texts(0).title() : "");
  *offer.mutable_price() = *std::move(price);
  offer.set_weight_grams(product.weight_grams());
  offer.set_delivery_profile_id(product.delivery_profile_id());
  offer.set_available_quantity(shelf.available);
  offer.set_saleable(IsSaleable(product));
  offer.set_offer_version(product.offer().offer_version());
  offer.set_availability(BandOf(shelf.available, shelf.low_level));
  for (type::v1::Money& other : PresentPrices(product)) *offer.add_prices() = std::move(other);
  return offer;
}

}  // namespace

void CatalogInternalService::AddTo(rpc::Router& router) {
  using rpc::kServices;
  router.Add<&CatalogInternalService::GetOffers>(*this, kServices);
  router.Add<&CatalogInternalService::HoldStock>(*this, kServices);
  router.Add<&CatalogInternalService::ExtendHold>(*this, kServices);
  router.Add<&CatalogInternalService::CommitHold>(*this, kServices);
  router.Add<&CatalogInternalService::ReleaseHold>(*this, kServices);
  router.Add<&CatalogInternalService::GetSellerContact>(*this, kServices);
}

Task<StatusOr<v1::GetOffersResponse>> CatalogInternalService::GetOffers(CallContext,
                                                                        v1::GetOffersRequest request) {
  if (request.product_ids_size() > kOffersMax) co_return InvalidField("product_ids", "are more than 200");
  if (!request.currency_code().empty()) co_await Try(CheckId("currency_code", request.currency_code()));
  v1::GetOffersResponse response;
  const absl::Time now = engine_.clock().Now();
  for (const std::string& text : request.product_ids()) {
    const ProductId id = co_await Try(ProductId::Parse(text));
    const Shelf shelf =
        co_await Try(engine_.Read<Stock>(StockId::Of(text), [now](const v1::StockState& stock) {
          return Shelf{.available = AvailableAt(stock, now), .low_level = stock.low_level()};
        }));
    std::optional<v1::GetOffersResponse::Offer> offer =
        co_await Try(engine_.Read<Product>(id, [&](const v1::ProductState& product) {
          // None for what is unknown or was never published.
          return product.has_offer() ? OfferOf(product, shelf, request.currency_code()) : std::nullopt;
        }));
    if (!offer.has_value()) continue;
    const SellerId seller_id = SellerId::Of(offer->seller_id());
    offer->set_return_terms(co_await Try(engine_.Read<Seller>(
        seller_id, [](const v1::SellerState& seller) { return seller.return_terms(); })));
    *response.add_offers() = *std::move(offer);
  }
  co_return response;
}

Task<StatusOr<v1::HoldStockResponse>> CatalogInternalService::HoldStock(CallContext call,
                                                                        v1::HoldStockRequest request) {
  const absl::Time expire_time = co_await Try(RequestTime("expire_time", request.expire_time()));
  catalog::HoldStock command{
      .hold_id = request.hold_id(), .quantity = request.quantity(), .expire_time = expire_time};
  co_return co_await Change<v1::HoldStockResponse>(std::move(call), std::move(request), std::move(command));
}

Task<StatusOr<v1::ExtendHoldResponse>> CatalogInternalService::ExtendHold(CallContext call,
                                                                          v1::ExtendHoldRequest request) {
  const absl::Time expire_time = co_await Try(RequestTime("expire_time", request.expire_time()));
  co_await Try(CheckId("hold_id", request.hold_id()));
  catalog::ExtendHold command{.hold_id = request.hold_id(), .expire_time = expire_time};
  co_return co_await Change<v1::ExtendHoldResponse>(std::move(call), std::move(request), std::move(command));
}

Task<StatusOr<v1::CommitHoldResponse>> CatalogInternalService::CommitHold(CallContext call,
                                                                          v1::CommitHoldRequest request) {
  co_await Try(CheckId("hold_id", request.hold_id()));
  catalog::CommitHold command{.hold_id = request.hold_id(), .order_id = request.order_id()};
  co_return co_await Change<v1::CommitHoldResponse>(std::move(call), std::move(request), std::move(command));
}

Task<StatusOr<v1::ReleaseHoldResponse>> CatalogInternalService::ReleaseHold(CallContext call,
                                                                            v1::ReleaseHoldRequest request) {
  co_await Try(CheckId("hold_id", request.hold_id()));
  catalog::ReleaseHold command{.hold_id = request.hold_id()};
  co_return co_await Change<v1::ReleaseHoldResponse>(std::move(call), std::move(request), std::move(command));
}

Task<StatusOr<v1::GetSellerContactResponse>> CatalogInternalService::GetSellerContact(
    CallContext, v1::GetSellerContactRequest request) {
  const SellerId id = co_await Try(SellerId::Parse(request.seller_id()));
  const Shared<v1::SellerState> seller = co_await Try(engine_.Read<Seller>(id));
  if (seller->state() == v1::SellerState::STATE_UNSPECIFIED) co_return NoSuchSeller(id.str());
  v1::GetSellerContactResponse response;
  response.set_seller_id(id.str());
  response.set_name(co_await Try(keys_.Open(seller->contact_name())));
  response.set_email(co_await Try(keys_.Open(seller->contact_email())));
  response.set_shop_note(seller->shop_note());
  response.set_language_code(seller->language_code());
  response.set_shop_name(seller->shop_name());
  response.set_story(seller->story());
  co_return response;
}

template <typename Response, typename Request, typename Command>
Task<StatusOr<Response>> CatalogInternalService::Change(CallContext call, Request request, Command command) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const StockId id = co_await Try(StockId::Parse(request.product_id()));
  const auto render = [&request](const v1::StockState& stock) {
    return RenderHold(stock, request.hold_id());
  };
  Response response;
  *response.mutable_hold() =
      co_await Try(keeper_.Execute(id, std::move(command), std::move(metadata), render));
  co_return response;
}

}  // namespace souk::catalog
