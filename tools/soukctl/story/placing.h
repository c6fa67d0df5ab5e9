// Placing an order, and waiting for what comes of it.
#pragma once

#include <string>

#include "libs/base/status.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

// Returns the checkout, which is PLACED. A placement may take longer than its request, as
// when a service or the payment provider cannot be reached: then it waits, and on a store
// whose clock is moved by hand it moves the clock. An attempt that timed out is followed by
// another one.
StatusOr<order::v1::Checkout> Place(StoreClient& store, const std::string& buyer,
                                    order::v1::PlaceOrderRequest request);

}  // namespace souk::ctl
