#include "services/catalog/render.h"

#include "absl/strings/match.h"
#include "services/catalog/product.h"
#include "services/catalog/stock.h"
#include "services/catalog/stock_index.h"

namespace souk::catalog {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// The text in `language_code`, or in its language without region, or the first.
const v1::LocalizedText& TextIn(const v1::ProductState& product, std::string_view language_code) {
  const std::string_view language = language_code.substr(0, language_code.find('-'));
  const v1::LocalizedText* best = nullptr;
  for (const v1::LocalizedText& text : product.texts()) {
    const std::string_view code = text.language_code();
    if (absl::EqualsIgnoreCase(View(code), View(language_code))) return text;
    const bool same_language = absl::EqualsIgnoreCase(View(code.substr(0, code.find('-'))), View(language));
    if (best == nullptr && same_language) best = &text;
  }
  if (best != nullptr) return *best;
  return product.texts_size() > 0 ? product.texts(0) : v1::LocalizedText::default_instance();
}

v1::StockHold::State StateOf(v1::EndedReservation::End end) {
  if (end == v1::EndedReservation::END_EXPIRED) return v1::StockHold::STATE_EXPIRED;
  if (end == v1::EndedReservation::END_DISPATCHED) return v1::StockHold::STATE_DISPATCHED;
  return v1::StockHold::STATE_RELEASED;
}

}  // namespace

v1::Seller Render(const v1::SellerState& state) {
  v1::Seller seller;
  seller.set_seller_id(state.seller_id());
  seller.set_state(state.state());
  seller.set_shop_name(state.shop_name());
  seller.set_story(state.story());
  seller.set_shop_note(state.shop_note());
  seller.set_photo_media_id(state.photo_media_id());
  seller.set_return_terms(state.return_terms());
  seller.set_language_code(state.language_code());
  if (state.has_vacation()) *seller.mutable_vacation() = state.vacation();
  seller.set_on_vacation(state.on_vacation());
  *seller.mutable_rating() = state.rating();
  *seller.mutable_create_time() = state.register_time();
  return seller;
}

v1::SellerCard RenderCard(const v1::SellerState& state) {
  v1::SellerCard card;
  card.set_seller_id(state.seller_id());
  card.set_shop_name(state.shop_name());
  card.set_story(state.story());
  card.set_shop_note(state.shop_note());
  card.set_photo_media_id(state.photo_media_id());
  *card.mutable_rating() = state.rating();
  card.set_on_vacation(state.on_vacation());
  if (state.has_vacation()) *card.mutable_vacation() = state.vacation();
  return card;
}

v1::Product Render(const v1::ProductState& state, std::string_view language_code) {
  v1::Product product;
  product.set_product_id(state.product_id());
  product.set_seller_id(state.seller_id());
  product.set_state(state.state());
  const v1::LocalizedText& text = TextIn(state, language_code);
  product.set_title(text.title());
  product.set_description(text.description());
  product.set_language_code(text.language_code());
  *product.mutable_texts() = state.texts();
  product.set_category(state.category());
  product.set_weight_grams(state.weight_grams());
  *product.mutable_media() = state.media();
  for (type::v1::Money& price : PresentPrices(state)) {
    v1::ProductPrice& shown = *product.add_prices();
    if (auto lowest = LowestPriceBefore(state, price.currency_code())) {
      *shown.mutable_lowest_price_30_days() = *std::move(lowest);
    }
    *shown.mutable_price() = std::move(price);
  }
  product.set_delivery_profile_id(state.delivery_profile_id());
  product.set_availability(state.availability());
  product.set_saleable(IsSaleable(state));
  *product.mutable_rating() = state.rating();
  *product.mutable_create_time() = state.create_time();
  if (state.has_publish_time()) *product.mutable_publish_time() = state.publish_time();
  return product;
}

v1::Stock Render(const v1::StockState& state) {
  v1::Stock stock;
  stock.set_product_id(state.product_id());
  stock.set_on_hand_quantity(state.on_hand());
  stock.set_allocated_quantity(state.allocated());
  stock.set_held_quantity(state.held());
  stock.set_available_quantity(Available(state));
  stock.set_low_level(state.low_level());
  stock.set_availability(BandOf(Available(state), state.low_level()));
  return stock;
}

v1::Media Render(const v1::MediaState& state) {
  v1::Media media;
  media.set_media_id(state.media_id());
  media.set_seller_id(state.seller_id());
  media.set_sha256(state.sha256());
  media.set_size_bytes(state.size_bytes());
  media.set_content_type(state.content_type());
  media.set_width(state.width());
  media.set_height(state.height());
  return media;
}

v1::Review Render(const v1::ReviewState& state) {
  v1::Review review;
  review.set_review_id(state.review_id());
  review.set_product_id(state.product_id());
  review.set_seller_id(state.seller_id());
  review.set_state(state.state());
  review.set_score(state.score());
  review.set_text(state.text());
  *review.mutable_submit_time() = state.submit_time();
  if (state.has_answer_time()) {
    review.set_answer(state.answer());
    *review.mutable_answer_time() = state.answer_time();
  }
  return review;
}

v1::StockHold RenderHold(const v1::StockState& state, std::string_view hold_id) {
  v1::StockHold hold;
  hold.set_product_id(state.product_id());
  hold.set_hold_id(std::string(hold_id));
  if (const v1::Reservation* const reservation = FindReservation(state, hold_id)) {
    const bool held = reservation->order_id().empty();
    hold.set_state(held ? v1::StockHold::STATE_HELD : v1::StockHold::STATE_COMMITTED);
    hold.set_quantity(reservation->quantity());
    if (held) *hold.mutable_expire_time() = reservation->expire_time();
    hold.set_order_id(reservation->order_id());
  } else if (const v1::EndedReservation* const ended = FindEnded(state, hold_id)) {
    hold.set_state(StateOf(ended->end()));
    hold.set_order_id(ended->order_id());
  }
  return hold;
}

}  // namespace souk::catalog
