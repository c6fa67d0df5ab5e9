#include "services/catalog/product_page.h"

#include <algorithm>
#include <utility>

#include "services/catalog/product.h"
#include "services/catalog/render.h"
#include "services/catalog/seller.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::catalog {
namespace {

// How long a reader waits for the delivery offers.
constexpr absl::Duration kShippingTimeout = absl::Seconds(2);

v1::DeliveryOffer OfferFrom(const shipping::v1::DeliveryOffer& theirs) {
  v1::DeliveryOffer offer;
  offer.set_option_id(theirs.option_id());
  offer.set_display_name(theirs.display_name());
  offer.set_carrier(theirs.carrier());
  offer.set_pickup(theirs.pickup());
  *offer.mutable_cost() = theirs.cost();
  if (theirs.has_free_over()) *offer.mutable_free_over() = theirs.free_over();
  if (theirs.has_free_over_missing()) *offer.mutable_free_over_missing() = theirs.free_over_missing();
  *offer.mutable_ship_by_time() = theirs.ship_by_time();
  *offer.mutable_arrive_from() = theirs.arrive_from();
  *offer.mutable_arrive_until() = theirs.arrive_until();
  offer.set_time_zone(theirs.time_zone());
  return offer;
}

shipping::v1::ListDeliveryOffersRequest RequestFor(const v1::ProductState& product,
                                                   const ProductPages::Reader& reader) {
  shipping::v1::ListDeliveryOffersRequest request;
  shipping::v1::DeliveryLine& line = *request.add_lines();
  line.set_product_id(product.product_id());
  line.set_quantity(reader.quantity);
  line.set_weight_grams(static_cast<std::int32_t>(product.weight_grams()));  // Bounded in product.cc.
  if (auto price = PriceIn(product, "")) *line.mutable_unit_price() = *std::move(price);
  line.set_profile_id(product.delivery_profile_id());
  request.mutable_destination()->set_region_code(reader.destination.region_code());
  request.mutable_destination()->set_postal_code(reader.destination.postal_code());
  return request;
}

}  // namespace

Task<StatusOr<v1::ProductPage>> ProductPages::Make(rpc::CallContext call, Shared<v1::ProductState> product,
                                                   Reader reader) {
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Read<Seller>(SellerId::Of(product->seller_id())));
  v1::ProductPage page;
  *page.mutable_seller() = RenderCard(*seller);
  page.set_return_terms(seller->return_terms());
  if (!product->delivery_profile_id().empty()) {
    co_await AddDeliveryOffers(std::move(call), &*product, std::move(reader), &page);
  }
  co_return page;
}

Task<> ProductPages::AddDeliveryOffers(rpc::CallContext call, const v1::ProductState* product, Reader reader,
                                       v1::ProductPage* page) {
  rpc::CallOptions options{.deadline = std::min(call.deadline, engine_.scheduler().Now() + kShippingTimeout),
                           .correlation_id = call.correlation_id,
                           .traceparent = call.traceparent};
  const StatusOr<shipping::v1::ListDeliveryOffersResponse> offers =
      co_await rpc::Call<shipping::v1::ListDeliveryOffersResponse>(shipping_, std::move(options),
                                                                   RequestFor(*product, reader));
  page->set_delivery_offers_unavailable(!offers.ok());
  if (!offers.ok()) co_return;
  for (const shipping::v1::DeliveryOffer& offer : offers->offers()) {
    *page->add_delivery_offers() = OfferFrom(offer);
  }
  if (offers->undeliverable_reason() != shipping::v1::UNDELIVERABLE_REASON_UNSPECIFIED) {
    page->set_undeliverable_reason(shipping::v1::UndeliverableReason_Name(offers->undeliverable_reason()));
  }
}

}  // namespace souk::catalog
