#include "services/catalog/topics.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "services/catalog/product.h"
#include "services/catalog/review.h"
#include "services/catalog/seller.h"
#include "services/catalog/stock.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"

namespace souk::catalog {
namespace {

// For stored and public events whose fields agree in names and meaning.
template <typename Public, typename Stored>
PublicEvent AboutSeller(const Stored& stored) {
  Public event;
  event.set_seller_id(stored.seller_id());
  return PublicEvent::Of(event);
}
template <typename Public, typename Stored>
PublicEvent AboutProduct(const Stored& stored) {
  Public event;
  event.set_product_id(stored.product_id());
  event.set_seller_id(stored.seller_id());
  return PublicEvent::Of(event);
}
template <typename Public, typename Stored>
PublicEvent AboutQuantity(const Stored& stored) {
  Public event;
  event.set_product_id(stored.product_id());
  event.set_seller_id(stored.seller_id());
  event.set_available_quantity(stored.available_quantity());
  return PublicEvent::Of(event);
}

PublicEvent Registered(const v1::SellerRegistered& stored) {
  events::v1::SellerRegistered event;
  event.set_seller_id(stored.seller_id());
  event.set_shop_name(stored.shop_name());
  event.set_language_code(stored.language_code());
  return PublicEvent::Of(event);
}

PublicEvent Suspended(const v1::SellerSuspended& stored) {
  events::v1::SellerSuspended event;
  event.set_seller_id(stored.seller_id());
  event.set_reason(stored.reason());
  return PublicEvent::Of(event);
}

std::optional<PublicEvent> FromSeller(const v1::SellerEvent& stored) {
  switch (stored.kind_case()) {
    case v1::SellerEvent::kRegistered:
      return Registered(stored.registered());
    case v1::SellerEvent::kApproved:
      return AboutSeller<events::v1::SellerApproved>(stored.approved());
    case v1::SellerEvent::kSuspended:
      return Suspended(stored.suspended());
    case v1::SellerEvent::kReinstated:
      return AboutSeller<events::v1::SellerReinstated>(stored.reinstated());
    case v1::SellerEvent::kVacationStarted:
      return AboutSeller<events::v1::SellerVacationStarted>(stored.vacation_started());
    case v1::SellerEvent::kVacationEnded:
      if (!stored.vacation_ended().had_started()) return std::nullopt;
      return AboutSeller<events::v1::SellerVacationEnded>(stored.vacation_ended());
    case v1::SellerEvent::kProfileChanged:
    case v1::SellerEvent::kVacationScheduled:
    case v1::SellerEvent::kRated:
    case v1::SellerEvent::KIND_NOT_SET:
      return std::nullopt;
  }
}

events::v1::AvailabilityBand PublicBand(v1::AvailabilityBand band) {
  if (band == v1::AVAILABILITY_BAND_IN) return events::v1::AVAILABILITY_BAND_IN;
  if (band == v1::AVAILABILITY_BAND_LOW) return events::v1::AVAILABILITY_BAND_LOW;
  return events::v1::AVAILABILITY_BAND_OUT;
}

PublicEvent OfferChanged(const v1::Offer& stored) {
  events::v1::OfferChanged event;
  event.set_product_id(stored.product_id());
  event.set_seller_id(stored.seller_id());
  event.set_title(stored.title());
  if (stored.prices_size() > 0) *event.mutable_price() = stored.prices(0);
  event.set_saleable(stored.saleable());
  event.set_available_band(PublicBand(stored.availability()));
  event.set_offer_version(stored.offer_version());
  *event.mutable_prices() = stored.prices();
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  event.set_available_quantity(static_cast<std::int32_t>(std::min(stored.available_quantity(), kMax)));
  return PublicEvent::Of(event);
}

std::optional<PublicEvent> FromProduct(const v1::ProductEvent& stored) {
  switch (stored.kind_case()) {
    case v1::ProductEvent::kPublished:
      return AboutProduct<events::v1::ProductPublished>(stored.published());
    case v1::ProductEvent::kUnpublished:
      return AboutProduct<events::v1::ProductUnpublished>(stored.unpublished());
    case v1::ProductEvent::kArchived:
      return AboutProduct<events::v1::ProductArchived>(stored.archived());
    case v1::ProductEvent::kOfferChanged:
      return OfferChanged(stored.offer_changed().offer());
    case v1::ProductEvent::kCreated:
    case v1::ProductEvent::kDescribed:
    case v1::ProductEvent::kMediaAttached:
    case v1::ProductEvent::kMediaDetached:
    case v1::ProductEvent::kMediaReordered:
    case v1::ProductEvent::kPriceSet:
    case v1::ProductEvent::kDeliveryProfileSet:
    case v1::ProductEvent::kAvailabilityChanged:
    case v1::ProductEvent::kSellerAvailabilityChanged:
    case v1::ProductEvent::kRated:
    case v1::ProductEvent::KIND_NOT_SET:
      return std::nullopt;
  }
}

std::optional<PublicEvent> FromStock(const v1::StockEvent& stored) {
  switch (stored.kind_case()) {
    case v1::StockEvent::kLowReached:
      return AboutQuantity<events::v1::LowStockReached>(stored.low_reached());
    case v1::StockEvent::kDepleted:
      return AboutProduct<events::v1::StockDepleted>(stored.depleted());
    case v1::StockEvent::kReplenished:
      return AboutQuantity<events::v1::StockReplenished>(stored.replenished());
    case v1::StockEvent::kOpened:
    case v1::StockEvent::kReceived:
    case v1::StockEvent::kAdjusted:
    case v1::StockEvent::kLowLevelSet:
    case v1::StockEvent::kReserved:
    case v1::StockEvent::kReservationExtended:
    case v1::StockEvent::kReservationExpired:
    case v1::StockEvent::kReservationReleased:
    case v1::StockEvent::kAllocated:
    case v1::StockEvent::kAllocationReleased:
    case v1::StockEvent::kDispatched:
    case v1::StockEvent::kReturned:
    case v1::StockEvent::kSettledEarly:
    case v1::StockEvent::KIND_NOT_SET:
      return std::nullopt;
  }
}

PublicEvent Submitted(const v1::ReviewSubmitted& stored) {
  events::v1::ReviewSubmitted event;
  event.set_review_id(stored.review_id());
  event.set_product_id(stored.product_id());
  event.set_seller_id(stored.seller_id());
  event.set_buyer_id(stored.buyer_id());
  event.set_order_id(stored.order_id());
  event.set_line_id(stored.line_id());
  event.set_score(stored.score());
  *event.mutable_submit_time() = stored.submit_time();
  return PublicEvent::Of(event);
}

PublicEvent Answered(const v1::ReviewAnswered& stored) {
  events::v1::ReviewAnswered event;
  event.set_review_id(stored.review_id());
  event.set_product_id(stored.product_id());
  event.set_seller_id(stored.seller_id());
  event.set_buyer_id(stored.buyer_id());
  event.set_order_id(stored.order_id());
  return PublicEvent::Of(event);
}

std::optional<PublicEvent> FromReview(const v1::ReviewEvent& stored) {
  switch (stored.kind_case()) {
    case v1::ReviewEvent::kSubmitted:
      return Submitted(stored.submitted());
    case v1::ReviewEvent::kAnswered:
      return Answered(stored.answered());
    case v1::ReviewEvent::kPurchaseRecorded:
    case v1::ReviewEvent::kPurchaseDispatched:
    case v1::ReviewEvent::kPurchaseReceived:
    case v1::ReviewEvent::kPurchaseCancelled:
    case v1::ReviewEvent::KIND_NOT_SET:
      return std::nullopt;
  }
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() == Seller::kName) return Publish(record, FromSeller);
  if (record.aggregate() == Product::kName) return Publish(record, FromProduct);
  if (record.aggregate() == Stock::kName) return Publish(record, FromStock);
  if (record.aggregate() == Review::kName) return Publish(record, FromReview);
  return std::nullopt;  // Photos are nobody else's business.
}

}  // namespace souk::catalog
