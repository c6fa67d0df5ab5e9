// The cart of a checkout while its orders are placed: nobody changes it, and it is priced as
// the other services say now.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "services/order/checkout_run.h"
#include "souk/cart/v1/cart_service.pb.h"

namespace souk::order {

// Freezes it, or keeps it frozen, until then.
Task<StatusOr<cart::v1::FreezeCartResponse>> FreezeCart(CheckoutRun run, Shared<v1::CheckoutState> checkout,
                                                        absl::Time until);

// What the buyer gets, and for how much: offers, delivery as she chose it, the shops' notes.
// ABORTED TOTAL_CHANGED when it is more than she agreed to.
Task<StatusOr<std::vector<v1::OrderSnapshot>>> PriceCart(CheckoutRun run, Shared<v1::CheckoutState> checkout,
                                                         cart::v1::FreezeCartResponse frozen);

// Lets the buyer change it again. Fine when there is none.
Task<Status> UnfreezeCart(CheckoutRun run, Shared<v1::CheckoutState> checkout, std::string reason);

// Its orders are placed.
Task<Status> CompleteCart(CheckoutRun run, Shared<v1::CheckoutState> checkout);

}  // namespace souk::order
