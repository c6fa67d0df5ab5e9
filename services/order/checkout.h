// The checkout aggregate: a cart on its way to becoming orders. It is a process manager:
// its state says how far the saga (checkout_saga.h) has come, and its events drive it.
//
//   OPEN -> PLACING -> STOCK_HELD -> PLACED
//    ^         |          |-> PAYMENT_PENDING, ACTION_REQUIRED -> PLACED
//    |         v          v            |
//    |------ UNDOING <----+------------|       UNDOING -> CANCELLED when the buyer asked
//   OPEN -> CANCELLED, EXPIRED -> OPEN (started again)
//
// Its id is derived from the cart, so that a cart has one checkout and one purchase, ever.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/order/v1/checkout_events.pb.h"

namespace souk::order {

// -- What the buyer does --

struct Start {
  std::string checkout_id;
  std::string cart_id;
  std::string buyer_id;
  std::string language_code;
  absl::Duration expire_after;  // Given up when nothing came of it so long after the start.
};

struct SetAddress {
  type::v1::Sealed contact;
  std::string region_code;
  std::string postal_code;
};

struct SelectDelivery {
  std::string seller_id;
  std::string option_id;
  bool seller_in_cart = false;  // Something in the cart is hers, saleable or not.
};

struct SelectPaymentMethod {
  v1::PaymentMethod method = v1::PAYMENT_METHOD_UNSPECIFIED;
  std::string card_token;
};

// Begins an attempt. While one for the same total is under way, and when the orders are
// placed already, nothing happens: the second click of a double click.
struct RequestPlacement {
  type::v1::Money expected_total;
  absl::Duration attempt_limit;  // For everything but the payment.
};

struct CancelCheckout {};

// -- What the saga finds out; each is for one attempt, and nothing when it came further --

struct RecordPrices {
  int attempt = 0;
  std::vector<v1::OrderSnapshot> orders;  // Without payment, contact and time.
};

struct RecordStockHeld {
  int attempt = 0;
};

// The payment is not decided: ask again after `poll_after`, and give up at last at
// `wait_limit` after the first time.
struct RecordPaymentWait {
  int attempt = 0;
  bool action_required = false;  // It is the buyer who is waited for.
  absl::Duration poll_after;
  absl::Duration wait_limit;
};

// Something was heard of the payment: look at it now. Nothing when nobody waits for it.
struct Resume {};

struct RejectAttempt {
  int attempt = 0;
  v1::CheckoutFailure failure;
};

// Everything that the attempt had done is undone.
struct EndAttempt {
  int attempt = 0;
  absl::Duration expire_after;
};

// Part of the transaction that places the orders: the pivot.
struct MarkPlaced {
  int attempt = 0;
  std::vector<std::string> order_ids;
};

struct Settle {};

// -- Timers and effects --

struct Expire {};

inline constexpr char kPlaceEffect[] = "place";    // The saga up to the pivot, or all undone.
inline constexpr char kSettleEffect[] = "settle";  // The saga after the pivot.
inline constexpr char kExpireTimer[] = "expire";

struct Checkout {
  static constexpr const char* kName = "checkout";
  using Id = StrongId<Checkout>;
  using State = v1::CheckoutState;
  using Event = v1::CheckoutEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& checkout, const Start& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const SetAddress& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const SelectDelivery& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const SelectPaymentMethod& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const RequestPlacement& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const CancelCheckout& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const RecordPrices& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const RecordStockHeld& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const RecordPaymentWait& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const Resume& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const RejectAttempt& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const EndAttempt& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const MarkPlaced& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const Settle& command, absl::Time now);
  static StatusOr<Events> Decide(const State& checkout, const Expire& command, absl::Time now);

  static void Evolve(State& checkout, const Event& event);
  static void React(const Id& id, const State& checkout, const Event& event, absl::Time now,
                    Reactions& reactions);
};
using CheckoutId = Checkout::Id;

// The one checkout of a cart.
CheckoutId CheckoutIdFor(std::string_view cart_id);

// The payment of one attempt.
std::string PaymentIntentIdFor(const CheckoutId& id, int attempt);

// True while the saga is at work and the buyer has to wait.
bool InProgress(v1::CheckoutState::State state);
// True while the saga waits for the outcome of the payment.
bool AwaitsPayment(v1::CheckoutState::State state);

// A failure to store, and back.
v1::CheckoutFailure ToFailure(const Status& status);
Status ToStatus(const v1::CheckoutFailure& failure);

}  // namespace souk::order
