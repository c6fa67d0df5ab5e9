// The payment of an attempt, as the payment service has it.
#pragma once

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "services/order/checkout_run.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::order {

// Asks for the money of all orders: a card is authorised; a bank transfer is awaited for so
// long, counted from when the buyer asked to place the orders.
Task<StatusOr<payment::v1::PaymentIntent>> BeginPayment(CheckoutRun run, Shared<v1::CheckoutState> checkout,
                                                        absl::Duration transfer_wait);

Task<StatusOr<payment::v1::PaymentIntent>> LookUpPayment(CheckoutRun run);

// Gives up what was begun. Fine when nothing was.
Task<Status> VoidPayment(CheckoutRun run);

// True when the orders can be placed, false while that is open, an error when they cannot.
StatusOr<bool> IsSecured(const payment::v1::PaymentIntent& intent);

}  // namespace souk::order
