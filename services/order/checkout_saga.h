// How a checkout becomes orders, across five services. Read Place from top to bottom:
//
//   freeze cart -> offers and quotes -> compare the total -> hold stock -> authorise
//     -> PLACE THE GROUP AND ALL ORDERS in one transaction (the pivot)
//     -> commit holds -> complete cart
//
// Before the pivot a rejection undoes everything in reverse: void the payment, release the
// holds, unfreeze the cart. After it, there is only forward. The saga is an effect: after a
// crash it begins again and finds its place by the checkout's state; calls that are made
// twice carry the same request ids. What it says to each service: frozen_cart.h,
// stock_holds.h, checkout_payment.h.
#pragma once

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/module/module.h"
#include "services/order/checkout.h"
#include "services/order/checkout_run.h"
#include "services/order/order.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::order {

// How long things may take.
struct CheckoutPolicy {
  absl::Duration stock_hold = absl::Minutes(15);
  absl::Duration payment_wait = absl::Hours(1);    // While nobody knows the outcome.
  absl::Duration action_wait = absl::Minutes(15);  // For the buyer to confirm with the bank.
  absl::Duration expire_after = absl::Hours(24);   // An open checkout with which nobody goes on.
  v1::OrderPolicy order;                           // Of the orders that are placed.

  // Everything up to the payment; shorter than the hold, so that the hold outlives it.
  absl::Duration attempt_limit() const { return stock_hold * 2 / 3; }
};

class CheckoutSaga {
 public:
  // The references must outlive the saga.
  CheckoutSaga(Engine& engine, Channels& channels, CheckoutPolicy policy);

  // Makes it the handler of all effects and timers of checkouts.
  void Register();

 private:
  using State = v1::CheckoutState;
  using Intent = payment::v1::PaymentIntent;

  Task<Status> Place(Effect effect);
  Task<Status> Settle(Effect effect);
  Task<Status> Expire(Effect effect);

  // Up to the pivot, or until the payment has to be waited for. An error that is not
  // transient ends the attempt.
  // What is done with a state hands it on: nobody has it when the engine changes it next.
  Task<Status> Advance(CheckoutRun run, Shared<State> checkout);
  Task<StatusOr<Shared<State>>> FreezeAndPrice(CheckoutRun run, Shared<State> checkout);
  Task<StatusOr<Shared<State>>> Hold(CheckoutRun run, Shared<State> checkout);
  Task<StatusOr<Intent>> Pay(CheckoutRun run, Shared<State> checkout);
  Task<Status> WaitForPayment(CheckoutRun run, Shared<State> checkout, Intent intent);
  Task<Status> PlaceOrders(CheckoutRun run, Shared<State> checkout, Intent intent);
  Task<Status> Undo(CheckoutRun run, Shared<State> checkout);

  CheckoutRun RunOf(const Effect& effect, const State& checkout);
  // Until when an attempt has its cart and its stock, unless it waits for its payment.
  absl::Time HeldUntil(const State& checkout) const;

  Engine& engine_;
  Channels& channels_;
  const CheckoutPolicy policy_;
};

}  // namespace souk::order
