#include "services/cart/offer_book.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "souk/catalog/v1/catalog_internal_service.pb.h"

namespace souk::cart {
namespace {

// Beyond so many the cache starts anew: about 40 MB.
constexpr std::size_t kCachedMax = 100'000;

v1::Offer FromAnswer(const catalog::v1::GetOffersResponse::Offer& answer) {
  constexpr std::int64_t kQuantityLimit = std::numeric_limits<std::int32_t>::max();
  v1::Offer offer;
  offer.set_product_id(answer.product_id());
  offer.set_seller_id(answer.seller_id());
  offer.set_title(answer.title());
  *offer.mutable_price() = answer.price();
  offer.set_saleable(answer.saleable());
  offer.set_available_quantity(
      static_cast<std::int32_t>(std::clamp<std::int64_t>(answer.available_quantity(), 0, kQuantityLimit)));
  offer.set_offer_version(answer.offer_version());
  return offer;
}

v1::Offer FromChange(const catalog::events::v1::OfferChanged& changed) {
  v1::Offer offer;
  offer.set_product_id(changed.product_id());
  offer.set_seller_id(changed.seller_id());
  offer.set_title(changed.title());
  *offer.mutable_price() = changed.price();
  offer.set_saleable(changed.saleable());
  offer.set_offer_version(changed.offer_version());
  offer.set_available_quantity(std::max(changed.available_quantity(), 0));
  return offer;
}

}  // namespace

const v1::Offer* OfferBook::Find(const std::string& product_id) {
  if (const auto cached = offers_.find(product_id); cached != offers_.end()) return &cached->second;
  const StatusOr<Shared<v1::OfferState>> stored = engine_.Read<Offer>(ProductId::Of(product_id));
  if (!stored.ok() || !(*stored)->has_offer()) return nullptr;
  Remember((*stored)->offer());
  return &offers_.find(product_id)->second;
}

Task<StatusOr<v1::Offer>> OfferBook::Get(ProductId product_id, rpc::CallContext call) {
  if (const v1::Offer* const known = Find(product_id.str()); known != nullptr) co_return *known;
  std::vector<std::string> product_ids;
  product_ids.push_back(product_id.str());
  co_await Try(Refresh(std::move(product_ids), std::move(call)));
  const v1::Offer* const known = Find(product_id.str());
  if (known == nullptr) co_return NotFound("no such product");
  co_return *known;
}

Task<Status> OfferBook::Refresh(std::vector<std::string> product_ids, rpc::CallContext call) {
  catalog::v1::GetOffersRequest request;
  for (std::string& product_id : product_ids) request.add_product_ids(std::move(product_id));
  rpc::CallOptions options{
      .deadline = call.deadline, .correlation_id = call.correlation_id, .traceparent = call.traceparent};
  const catalog::v1::GetOffersResponse response = co_await Try(
      rpc::Call<catalog::v1::GetOffersResponse>(catalog_, std::move(options), std::move(request)));
  for (const auto& answer : response.offers()) {
    RecordAnswer command{.offer = FromAnswer(answer)};
    CommandMetadata metadata{.actor = "service/cart", .correlation_id = call.correlation_id};
    const Shared<v1::OfferState> state = co_await Try(
        engine_.Execute<Offer>(ProductId::Of(answer.product_id()), std::move(command), std::move(metadata)));
    Remember(state->offer());
  }
  co_return OkStatus();
}

Task<Status> OfferBook::TakeChange(catalog::events::v1::OfferChanged changed, CommandMetadata metadata) {
  const ProductId product_id = co_await Try(ProductId::Parse(changed.product_id()));
  RecordChange command{.offer = FromChange(changed)};
  const Shared<v1::OfferState> state =
      co_await Try(engine_.Execute<Offer>(product_id, std::move(command), std::move(metadata)));
  Remember(state->offer());
  co_return OkStatus();
}

void OfferBook::Remember(const v1::Offer& offer) {
  if (offers_.size() >= kCachedMax) offers_.clear();
  v1::Offer& cached = offers_[offer.product_id()];
  if (cached.offer_version() <= offer.offer_version()) cached = offer;
}

}  // namespace souk::cart
