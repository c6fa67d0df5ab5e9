#include "services/order/checkout.h"

#include <algorithm>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"

namespace souk::order {
namespace {

using State = Checkout::State;
using Event = Checkout::Event;
using Events = Checkout::Events;

std::string NameOf(State::State state) {
  constexpr std::size_t kPrefix = sizeof("STATE_") - 1;
  return State::State_Name(state).substr(kPrefix);
}

bool Same(const type::v1::Money& a, const type::v1::Money& b) {
  return a.currency_code() == b.currency_code() && a.minor_units() == b.minor_units();
}

Status BusyOr(const State& checkout, std::string_view what) {
  if (checkout.state() == State::STATE_UNSPECIFIED) return NotFound("no such checkout");
  if (InProgress(checkout.state()) || AwaitsPayment(checkout.state())) {
    return Rejected("CHECKOUT_IN_PROGRESS", {}, "the orders are being placed; it cannot be %s now", what);
  }
  return IllegalTransition("the checkout is %s; it cannot be %s", NameOf(checkout.state()), what);
}

// Whether the buyer may still change it.
Status CheckOpen(const State& checkout) {
  return checkout.state() == State::STATE_OPEN ? OkStatus() : BusyOr(checkout, "changed");
}

// What stands in the way of an attempt; OK when nothing does.
Status CheckComplete(const State& checkout) {
  const auto missing = [](std::string what) {
    return Rejected("CHECKOUT_INCOMPLETE", {{"missing", what}}, "the checkout has no %s yet", what);
  };
  if (!checkout.has_contact()) return missing("address");
  if (checkout.payment_method() == v1::PAYMENT_METHOD_UNSPECIFIED) return missing("payment_method");
  return OkStatus();
}

bool IsAttempt(const State& checkout, int attempt, std::initializer_list<State::State> states) {
  return checkout.attempt() == attempt &&
         std::find(states.begin(), states.end(), checkout.state()) != states.end();
}

}  // namespace

StatusOr<Events> Checkout::Decide(const State& checkout, const Start& command, absl::Time now) {
  const bool ended = checkout.state() == State::STATE_CANCELLED || checkout.state() == State::STATE_EXPIRED;
  if (checkout.state() != State::STATE_UNSPECIFIED && !ended) return Events();
  Events events(1);
  v1::CheckoutStarted& started = *events[0].mutable_started();
  started.set_checkout_id(command.checkout_id);
  started.set_cart_id(command.cart_id);
  started.set_buyer_id(command.buyer_id);
  started.set_language_code(command.language_code);
  *started.mutable_expire_time() = ToProto(now + command.expire_after);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const SetAddress& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(checkout));
  if (checkout.contact().SerializeAsString() == command.contact.SerializeAsString()) return Events();
  Events events(1);
  v1::CheckoutAddressSet& set = *events[0].mutable_address_set();
  *set.mutable_contact() = command.contact;
  set.set_region_code(command.region_code);
  set.set_postal_code(command.postal_code);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const SelectDelivery& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(checkout));
  for (const v1::DeliverySelection& chosen : checkout.deliveries()) {
    if (chosen.seller_id() == command.seller_id && chosen.option_id() == command.option_id) return Events();
  }
  if (!command.seller_in_cart) {
    return Rejected("SELLER_NOT_IN_CART", {{"seller_id", command.seller_id}},
                    "nothing in the cart is sold by %s; `parts` of the checkout name the sellers",
                    command.seller_id);
  }
  Events events(1);
  v1::DeliverySelection& selection = *events[0].mutable_delivery_selected()->mutable_selection();
  selection.set_seller_id(command.seller_id);
  selection.set_option_id(command.option_id);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const SelectPaymentMethod& command, absl::Time) {
  RETURN_IF_ERROR(CheckOpen(checkout));
  if (checkout.payment_method() == command.method && checkout.card_token() == command.card_token)
    return Events();
  Events events(1);
  events[0].mutable_payment_method_selected()->set_method(command.method);
  events[0].mutable_payment_method_selected()->set_card_token(command.card_token);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const RequestPlacement& command, absl::Time now) {
  if (checkout.state() == State::STATE_PLACED) return Events();
  if (checkout.state() != State::STATE_OPEN) {
    const Status busy = BusyOr(checkout, "placed");
    const bool again =
        Reason(busy) == "CHECKOUT_IN_PROGRESS" && Same(checkout.expected_total(), command.expected_total);
    if (!again) return busy;
    return Events();
  }
  RETURN_IF_ERROR(CheckComplete(checkout));
  Events events(1);
  v1::CheckoutPlacementRequested& requested = *events[0].mutable_placement_requested();
  requested.set_attempt(checkout.attempt() + 1);
  *requested.mutable_expected_total() = command.expected_total;
  *requested.mutable_request_time() = ToProto(now);
  *requested.mutable_attempt_expire_time() = ToProto(now + command.attempt_limit);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const CancelCheckout&, absl::Time) {
  if (checkout.state() == State::STATE_CANCELLED || checkout.state() == State::STATE_EXPIRED) return Events();
  if (checkout.state() == State::STATE_UNDOING && checkout.cancel_requested()) return Events();
  Events events(1);
  if (checkout.state() == State::STATE_OPEN) {
    events[0].mutable_cancelled();
    return events;
  }
  if (AwaitsPayment(checkout.state())) {
    events[0].mutable_cancel_requested();
    return events;
  }
  return BusyOr(checkout, "cancelled");
}

StatusOr<Events> Checkout::Decide(const State& checkout, const RecordPrices& command, absl::Time) {
  if (!IsAttempt(checkout, command.attempt, {State::STATE_PLACING}) || checkout.orders_size() > 0)
    return Events();
  Events events(1);
  v1::CheckoutPriced& priced = *events[0].mutable_priced();
  *priced.mutable_orders() = {command.orders.begin(), command.orders.end()};
  priced.mutable_total()->set_currency_code(checkout.expected_total().currency_code());
  std::int64_t total = 0;
  for (const v1::OrderSnapshot& order : command.orders) total += order.total().minor_units();
  priced.mutable_total()->set_minor_units(total);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const RecordStockHeld& command, absl::Time) {
  if (!IsAttempt(checkout, command.attempt, {State::STATE_PLACING}) || checkout.orders_size() == 0)
    return Events();
  Events events(1);
  events[0].mutable_stock_held();
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const RecordPaymentWait& command, absl::Time now) {
  const State::State next =
      command.action_required ? State::STATE_ACTION_REQUIRED : State::STATE_PAYMENT_PENDING;
  if (!IsAttempt(checkout, command.attempt,
                 {State::STATE_STOCK_HELD, State::STATE_PAYMENT_PENDING, State::STATE_ACTION_REQUIRED})) {
    return Events();
  }
  const absl::Time until =
      checkout.state() == next ? FromProto(checkout.wait_until_time()) : now + command.wait_limit;
  const absl::Time poll = std::min(now + command.poll_after, until);
  Events events(1);
  if (command.action_required) {
    *events[0].mutable_action_required()->mutable_poll_time() = ToProto(poll);
    *events[0].mutable_action_required()->mutable_wait_until_time() = ToProto(until);
  } else {
    *events[0].mutable_payment_pending()->mutable_poll_time() = ToProto(poll);
    *events[0].mutable_payment_pending()->mutable_wait_until_time() = ToProto(until);
  }
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const Resume&, absl::Time) {
  if (!AwaitsPayment(checkout.state())) return Events();
  Events events(1);
  events[0].mutable_resumed();
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const RejectAttempt& command, absl::Time) {
  if (!IsAttempt(checkout, command.attempt,
                 {State::STATE_PLACING, State::STATE_STOCK_HELD, State::STATE_PAYMENT_PENDING,
                  State::STATE_ACTION_REQUIRED})) {
    return Events();
  }
  Events events(1);
  *events[0].mutable_attempt_rejected()->mutable_failure() = command.failure;
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const EndAttempt& command, absl::Time now) {
  if (!IsAttempt(checkout, command.attempt, {State::STATE_UNDOING})) return Events();
  Events events(1);
  if (checkout.cancel_requested()) {
    events[0].mutable_cancelled();
    return events;
  }
  v1::CheckoutAttemptFailed& failed = *events[0].mutable_attempt_failed();
  failed.set_attempt(command.attempt);
  *failed.mutable_failure() = checkout.failure();
  *failed.mutable_expire_time() = ToProto(now + command.expire_after);
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const MarkPlaced& command, absl::Time) {
  if (IsAttempt(checkout, command.attempt, {State::STATE_PLACED})) return Events();
  if (!IsAttempt(checkout, command.attempt,
                 {State::STATE_STOCK_HELD, State::STATE_PAYMENT_PENDING, State::STATE_ACTION_REQUIRED})) {
    return IllegalTransition("attempt %d of the checkout has ended", command.attempt);
  }
  Events events(1);
  *events[0].mutable_placed()->mutable_order_ids() = {command.order_ids.begin(), command.order_ids.end()};
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const Settle&, absl::Time) {
  if (checkout.state() != State::STATE_PLACED) return BusyOr(checkout, "settled");
  if (checkout.settled()) return Events();
  Events events(1);
  events[0].mutable_settled();
  return events;
}

StatusOr<Events> Checkout::Decide(const State& checkout, const Expire&, absl::Time now) {
  if (checkout.state() != State::STATE_OPEN || now < FromProto(checkout.expire_time())) return Events();
  Events events(1);
  events[0].mutable_expired();
  return events;
}

CheckoutId CheckoutIdFor(std::string_view cart_id) {
  return CheckoutId::Of(DerivedUuid("checkout", cart_id));
}

std::string PaymentIntentIdFor(const CheckoutId& id, int attempt) {
  return DerivedUuid("payment-intent", id.str(), std::to_string(attempt));
}

bool InProgress(v1::CheckoutState::State state) {
  return state == State::STATE_PLACING || state == State::STATE_STOCK_HELD || state == State::STATE_UNDOING;
}

bool AwaitsPayment(v1::CheckoutState::State state) {
  return state == State::STATE_PAYMENT_PENDING || state == State::STATE_ACTION_REQUIRED;
}

v1::CheckoutFailure ToFailure(const Status& status) {
  v1::CheckoutFailure failure;
  failure.set_code(static_cast<std::int32_t>(status.code()));
  failure.set_reason(Reason(status));
  for (const auto& [name, value] : ValuesOfReason(status)) {
    v1::FailureValue& entry = *failure.add_values();
    entry.set_name(name);
    entry.set_value(value);
  }
  failure.set_message(std::string(status.message()));
  return failure;
}

Status ToStatus(const v1::CheckoutFailure& failure) {
  Status status(static_cast<absl::StatusCode>(failure.code()), failure.message());
  if (failure.reason().empty()) return status;
  ReasonValues values;
  for (const v1::FailureValue& value : failure.values()) values.emplace_back(value.name(), value.value());
  return WithReason(std::move(status), failure.reason(), std::move(values));
}

}  // namespace souk::order
