#include "services/cart/cart_pricing.h"

#include <string>

#include "services/cart/cart.h"

namespace souk::cart {
namespace {

using Problem = v1::CartProblem;

Problem& AddProblem(v1::Cart& cart, Problem::Type type, const v1::CartLine& line, bool blocking) {
  Problem& problem = *cart.add_problems();
  problem.set_type(type);
  problem.set_product_id(line.product_id());
  problem.set_blocking(blocking);
  return problem;
}

void ComparePrices(v1::Cart& cart, const v1::CartLine& line, const v1::Offer& offer) {
  const auto before = line.unit_price().minor_units();
  const auto after = offer.price().minor_units();
  if (before == after) return;
  Problem& problem =
      AddProblem(cart, after > before ? Problem::TYPE_PRICE_UP : Problem::TYPE_PRICE_DOWN, line, false);
  *problem.mutable_price_before() = line.unit_price();
  *problem.mutable_price_after() = offer.price();
}

// Whether the line counts in the subtotal.
bool CompareWithOffer(v1::Cart& cart, const v1::CartLine& line, const v1::Offer* offer,
                      const std::string& currency) {
  if (offer == nullptr || !offer->saleable()) {
    AddProblem(cart, Problem::TYPE_UNAVAILABLE, line, true);
    return false;
  }
  if (offer->price().currency_code() != currency) {
    Problem& problem = AddProblem(cart, Problem::TYPE_CURRENCY_MISMATCH, line, true);
    *problem.mutable_price_before() = line.unit_price();
    *problem.mutable_price_after() = offer->price();
    return false;
  }
  ComparePrices(cart, line, *offer);
  if (offer->available_quantity() < line.quantity()) {
    Problem& problem = AddProblem(cart, Problem::TYPE_INSUFFICIENT_STOCK, line, true);
    problem.set_quantity_before(line.quantity());
    problem.set_quantity_after(offer->available_quantity());
  }
  if (offer->title() != line.title()) {
    Problem& problem = AddProblem(cart, Problem::TYPE_TITLE_CHANGED, line, false);
    problem.set_title_before(line.title());
    problem.set_title_after(offer->title());
  }
  return true;
}

// That of the first line which can be bought; else that which the buyer saw first.
std::string CurrencyOf(const v1::CartState& state, const FindOffer& find_offer) {
  for (const v1::CartLine& line : state.lines()) {
    const v1::Offer* const offer = find_offer(line.product_id());
    if (offer != nullptr && offer->saleable()) return offer->price().currency_code();
  }
  return state.lines().empty() ? "" : state.lines(0).unit_price().currency_code();
}

// A cart that ended looks as it did to its buyer at last.
bool IsOpen(const v1::CartState& state) {
  return state.state() == v1::CartState::STATE_ACTIVE || state.state() == v1::CartState::STATE_FROZEN;
}

v1::Offer OfferSeen(const v1::CartLine& line) {
  v1::Offer offer;
  *offer.mutable_price() = line.unit_price();
  offer.set_title(line.title());
  offer.set_offer_version(line.offer_version());
  offer.set_saleable(true);
  offer.set_available_quantity(line.quantity());
  return offer;
}

void AddItems(v1::Cart& cart, const v1::CartState& state, const FindOffer& find_present_offer) {
  v1::Offer seen;
  const FindOffer find_seen_offer = [&](const std::string& product_id) -> const v1::Offer* {
    const v1::CartLine* const line = FindLine(state, product_id);
    if (line == nullptr) return nullptr;
    seen = OfferSeen(*line);
    return &seen;
  };
  const FindOffer& find_offer = IsOpen(state) ? find_present_offer : find_seen_offer;
  const std::string currency = CurrencyOf(state, find_offer);
  std::int64_t subtotal = 0;
  int pieces = 0;
  for (const v1::CartLine& line : state.lines()) {
    const v1::Offer* const offer = find_offer(line.product_id());
    const bool counts = CompareWithOffer(cart, line, offer, currency);
    v1::CartItem& item = *cart.add_items();
    item.set_product_id(line.product_id());
    item.set_seller_id(line.seller_id());
    item.set_title(offer == nullptr ? line.title() : offer->title());
    item.set_quantity(line.quantity());
    *item.mutable_unit_price() = offer == nullptr ? line.unit_price() : offer->price();
    *item.mutable_unit_price_seen() = line.unit_price();
    item.set_offer_version(offer == nullptr ? line.offer_version() : offer->offer_version());
    const std::int64_t total = counts ? offer->price().minor_units() * line.quantity() : 0;
    item.mutable_total()->set_currency_code(currency);
    item.mutable_total()->set_minor_units(total);
    subtotal += total;
    pieces += line.quantity();
  }
  cart.set_item_count(pieces);
  if (state.lines().empty()) return;
  cart.mutable_subtotal()->set_currency_code(currency);
  cart.mutable_subtotal()->set_minor_units(subtotal);
}

}  // namespace

v1::Cart RenderCart(const v1::CartState& state, const FindOffer& find_offer) {
  v1::Cart cart;
  cart.set_cart_id(state.cart_id());
  cart.set_buyer_id(state.buyer_id());
  cart.set_state(state.state());
  cart.set_etag(EtagOf(state));
  AddItems(cart, state, find_offer);
  cart.set_checkout_id(state.checkout_id());
  if (state.has_freeze_expire_time()) *cart.mutable_freeze_expire_time() = state.freeze_expire_time();
  cart.set_merged_into_cart_id(state.merged_into_cart_id());
  *cart.mutable_create_time() = state.create_time();
  *cart.mutable_update_time() = state.change_time();
  return cart;
}

}  // namespace souk::cart
