// How a product's state follows from its events, and what queries see of it.
#include <algorithm>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/catalog/product.h"

namespace souk::catalog {
namespace {

constexpr absl::Duration kPriceHistory = absl::Hours(30 * 24);

// Ends the present price of that currency, forgets those that ended long before, and puts
// the new one behind them. The order of the currencies stays.
void SetPresentPrice(v1::ProductState& product, const v1::PriceSet& set) {
  const std::vector<v1::PricePoint> before(product.prices().begin(), product.prices().end());
  const absl::Time oldest_end = FromProto(set.start_time()) - kPriceHistory;
  product.clear_prices();
  v1::PricePoint present;
  *present.mutable_price() = set.price();
  *present.mutable_start_time() = set.start_time();
  bool placed = false;
  for (const v1::PricePoint& point : before) {
    const bool same_currency = point.price().currency_code() == set.price().currency_code();
    if (same_currency && point.has_end_time() && FromProto(point.end_time()) <= oldest_end) continue;
    v1::PricePoint* const kept = product.add_prices();
    *kept = point;
    if (!same_currency || point.has_end_time()) continue;
    *kept->mutable_end_time() = set.start_time();
    *product.add_prices() = present;
    placed = true;
  }
  if (!placed) *product.add_prices() = present;
}

void Attach(v1::ProductState& product, const v1::ProductMedia& media) {
  for (v1::ProductMedia& present : *product.mutable_media()) {
    if (present.media_id() != media.media_id()) continue;
    present = media;
    return;
  }
  *product.add_media() = media;
}

void Detach(v1::ProductState& product, std::string_view media_id) {
  auto& media = *product.mutable_media();
  media.erase(std::remove_if(media.begin(), media.end(),
                             [media_id](const v1::ProductMedia& m) { return m.media_id() == media_id; }),
              media.end());
}

void Reorder(v1::ProductState& product, const v1::ProductMediaReordered& reordered) {
  const std::vector<v1::ProductMedia> before(product.media().begin(), product.media().end());
  product.clear_media();
  for (const std::string& media_id : reordered.media_ids()) {
    for (const v1::ProductMedia& media : before) {
      if (media.media_id() == media_id) *product.add_media() = media;
    }
  }
}

}  // namespace

void Product::Evolve(State& product, const Event& event) {
  switch (event.kind_case()) {
    case Event::kCreated: {
      const v1::ProductCreated& created = event.created();
      product.set_state(State::STATE_DRAFT);
      product.set_product_id(created.product_id());
      product.set_seller_id(created.seller_id());
      *product.mutable_texts() = created.texts();
      product.set_category(created.category());
      product.set_weight_grams(created.weight_grams());
      product.set_availability(v1::AVAILABILITY_BAND_OUT);
      *product.mutable_create_time() = created.create_time();
      break;
    }
    case Event::kDescribed: {
      const v1::ProductDescribed& described = event.described();
      if (described.texts_size() > 0) *product.mutable_texts() = described.texts();
      if (described.has_category()) product.set_category(described.category());
      if (described.has_weight_grams()) product.set_weight_grams(described.weight_grams());
      break;
    }
    case Event::kMediaAttached:
      Attach(product, event.media_attached().media());
      break;
    case Event::kMediaDetached:
      Detach(product, event.media_detached().media_id());
      break;
    case Event::kMediaReordered:
      Reorder(product, event.media_reordered());
      break;
    case Event::kPriceSet:
      SetPresentPrice(product, event.price_set());
      break;
    case Event::kDeliveryProfileSet:
      product.set_delivery_profile_id(event.delivery_profile_set().delivery_profile_id());
      break;
    case Event::kPublished:
      product.set_state(State::STATE_PUBLISHED);
      *product.mutable_publish_time() = event.published().publish_time();
      break;
    case Event::kUnpublished:
      product.set_state(State::STATE_UNPUBLISHED);
      break;
    case Event::kArchived:
      product.set_state(State::STATE_ARCHIVED);
      break;
    case Event::kAvailabilityChanged:
      product.set_availability(event.availability_changed().availability());
      product.set_available_quantity(event.availability_changed().available_quantity());
      break;
    case Event::kSellerAvailabilityChanged:
      product.set_seller_active(event.seller_availability_changed().seller_active());
      product.set_seller_on_vacation(event.seller_availability_changed().seller_on_vacation());
      product.set_seller_version(event.seller_availability_changed().seller_version());
      break;
    case Event::kRated:
      product.mutable_rating()->set_score_sum(product.rating().score_sum() + event.rated().score());
      product.mutable_rating()->set_score_count(product.rating().score_count() + 1);
      break;
    case Event::kOfferChanged:
      *product.mutable_offer() = event.offer_changed().offer();
      break;
    case Event::KIND_NOT_SET:
      break;  // The engine refuses these.
  }
}

void Product::React(const Id&, const State&, const Event& event, absl::Time, Reactions& reactions) {
  if (event.has_created()) reactions.Start({.kind = kCheckSellerEffect});
}

void Product::Index(const Id& id, const State& product, IndexRows& rows) {
  if (product.state() == State::STATE_UNSPECIFIED) return;
  const std::string created = SortableTime(FromProto(product.create_time())) + "/" + id.str();
  const std::string& seller = product.seller_id();
  rows.Add("products_by_seller", seller + "/" + created);
  rows.Add("products_by_seller_state",
           absl::StrFormat("%s/%d/%s", seller, static_cast<int>(product.state()), created));
  if (!IsSaleable(product)) return;
  const std::string published = SortableTime(FromProto(product.publish_time())) + "/" + id.str();
  rows.Add("products_listed", published);
  rows.Add("products_listed_by_seller", seller + "/" + published);
  if (!product.category().empty()) {
    rows.Add("products_listed_by_category", product.category() + "/" + published);
  }
}

bool IsSaleable(const v1::ProductState& product) {
  return product.state() == v1::ProductState::STATE_PUBLISHED && product.seller_active() &&
         !product.seller_on_vacation();
}

v1::AvailabilityBand BandOf(std::int64_t available, std::int64_t low_level) {
  if (available <= 0) return v1::AVAILABILITY_BAND_OUT;
  return available <= low_level ? v1::AVAILABILITY_BAND_LOW : v1::AVAILABILITY_BAND_IN;
}

std::vector<type::v1::Money> PresentPrices(const v1::ProductState& product) {
  std::vector<type::v1::Money> prices;
  for (const v1::PricePoint& point : product.prices()) {
    if (!point.has_end_time()) prices.push_back(point.price());
  }
  return prices;
}

std::optional<type::v1::Money> PriceIn(const v1::ProductState& product, std::string_view currency_code) {
  for (const v1::PricePoint& point : product.prices()) {
    if (point.has_end_time()) continue;
    if (currency_code.empty() || point.price().currency_code() == currency_code) return point.price();
  }
  return std::nullopt;
}

std::optional<type::v1::Money> LowestPriceBefore(const v1::ProductState& product,
                                                 std::string_view currency_code) {
  std::optional<type::v1::Money> lowest;
  for (const v1::PricePoint& point : product.prices()) {
    if (!point.has_end_time() || point.price().currency_code() != currency_code) continue;
    if (!lowest.has_value() || point.price().minor_units() < lowest->minor_units()) lowest = point.price();
  }
  return lowest;
}

Status NoSuchProduct(std::string_view product_id) { return NotFound("no product %s", product_id); }

}  // namespace souk::catalog
