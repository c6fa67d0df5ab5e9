// Carts that tests start from, as their events: of buyer b, since noon of 2026-03-02; and what
// she puts in, a lamp of which there are five, and a vase of which there are many.
#pragma once

#include <string>
#include <utility>

#include "libs/testing/spec.h"
#include "services/cart/cart.h"

namespace souk::cart {

inline constexpr char kCreated[] =
    "created { cart_id: 'c' buyer_id: 'b' create_time { seconds: 1772452800 } expire_after { seconds: "
    "2592000 } }";
inline constexpr char kLamp2[] =
    "item_added { line { product_id: 'lamp' seller_id: 's' quantity: 2 unit_price { currency_code: 'EUR' "
    "minor_units: 1500 } offer_version: 1 title: 'Lamp' } added_quantity: 2 change_time { seconds: "
    "1772452800 } }";
inline constexpr char kFrozen[] = "frozen { checkout_id: 'k' expire_time { seconds: 1772453700 } }";
inline constexpr char kCompleted[] = "completed { checkout_id: 'k' complete_time { seconds: 1772452800 } }";
inline constexpr char kExpired[] = "expired { expire_time { seconds: 1772452800 } }";
inline constexpr char kMerged[] =
    "merged { target_cart_id: 't' moved_lines { product_id: 'lamp' quantity: 2 } change_time { seconds: "
    "1772452800 } }";
inline constexpr char kUnfrozenByTime[] = "unfrozen { checkout_id: 'k' reason: REASON_EXPIRED }";

inline v1::Offer Lamp() {
  return testing::FromText<v1::Offer>(
      "product_id: 'lamp' seller_id: 's' title: 'Lamp' price { currency_code: 'EUR' minor_units: 1500 } "
      "saleable: true available_quantity: 5 offer_version: 1");
}

inline v1::Offer Vase() {
  return testing::FromText<v1::Offer>(
      "product_id: 'vase' seller_id: 't' title: 'Vase' price { currency_code: 'EUR' minor_units: 4000 } "
      "saleable: true available_quantity: 2000 offer_version: 7");
}

inline AddItem Add(v1::Offer offer, int quantity) {
  return {.caller = {.buyer_id = "b", .etag = ""}, .offer = std::move(offer), .quantity = quantity};
}

inline SetItemQuantity Set(v1::Offer offer, int quantity) {
  return {.caller = {.buyer_id = "b", .etag = ""}, .offer = std::move(offer), .quantity = quantity};
}

inline RemoveItem Remove(std::string product_id) {
  return {.caller = {.buyer_id = "b", .etag = ""}, .product_id = std::move(product_id)};
}

inline Freeze FreezeBy(std::string checkout_id, absl::Duration duration = absl::Minutes(15)) {
  return {.checkout_id = std::move(checkout_id),
          .expire_time = testing::Noon() + duration,
          .buyer_id = "",
          .etag = ""};
}

}  // namespace souk::cart
