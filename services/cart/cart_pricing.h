// How a cart looks to its buyer at present prices, and what has changed since she last
// touched each line: pure.
#pragma once

#include <functional>
#include <string>

#include "souk/cart/v1/cart_events.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/cart/v1/offer_events.pb.h"

namespace souk::cart {

// The present offer of a product; null when it is not known. Valid until the next call.
using FindOffer = std::function<const v1::Offer*(const std::string& product_id)>;

// Totals are sums of integers: subtotal = sum of the items' totals. An item that cannot be
// bought, or is priced in another currency than the first that can, has the total zero.
v1::Cart RenderCart(const v1::CartState& state, const FindOffer& find_offer);

}  // namespace souk::cart
