// Stock that tests start from, as its events: product p-1, of which five came in and two are
// held for order o-1 from noon on.
#pragma once

#include <cstdint>

#include "libs/testing/spec.h"
#include "services/catalog/stock.h"

namespace souk::catalog {

inline constexpr char kOpened[] = R"pb(opened { product_id: "p-1" seller_id: "s-1" low_level: 2 })pb";
inline constexpr char kReceived5[] = R"pb(received { quantity: 5 })pb";
// Until noon + 15 min.
inline constexpr char kHeld2[] = R"pb(reserved {
                                        hold_id: "h-1"
                                        quantity: 2
                                        expire_time { seconds: 1772453700 }
                                      })pb";
inline constexpr char kHeld5[] = R"pb(reserved {
                                        hold_id: "h-1"
                                        quantity: 5
                                        expire_time { seconds: 1772453700 }
                                      })pb";
inline constexpr char kReleased[] = R"pb(reservation_released { hold_id: "h-1" quantity: 2 })pb";
inline constexpr char kExpired[] = R"pb(reservation_expired { hold_id: "h-1" quantity: 2 })pb";
inline constexpr char kAllocated[] = R"pb(allocated { hold_id: "h-1" order_id: "o-1" quantity: 2 })pb";
inline constexpr char kDispatched[] = R"pb(dispatched { order_id: "o-1" quantity: 2 })pb";

inline HoldStock Hold(const char* hold_id, std::int64_t quantity, absl::Duration time = absl::Minutes(15)) {
  return {.hold_id = hold_id, .quantity = quantity, .expire_time = testing::Noon() + time};
}

}  // namespace souk::catalog
