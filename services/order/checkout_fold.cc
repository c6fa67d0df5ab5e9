// What events make of a checkout, and which effects and timers they start.
#include <algorithm>

#include "libs/base/proto_time.h"
#include "services/order/checkout.h"

namespace souk::order {
namespace {

using State = Checkout::State;
using Event = Checkout::Event;

}  // namespace

void Checkout::Evolve(State& checkout, const Event& event) {
  switch (event.kind_case()) {
    case Event::kStarted:
      checkout.set_state(State::STATE_OPEN);
      checkout.set_checkout_id(event.started().checkout_id());
      checkout.set_cart_id(event.started().cart_id());
      checkout.set_buyer_id(event.started().buyer_id());
      checkout.set_language_code(event.started().language_code());
      *checkout.mutable_expire_time() = event.started().expire_time();
      checkout.clear_cancel_requested();
      checkout.clear_failure();
      break;
    case Event::kAddressSet:
      *checkout.mutable_contact() = event.address_set().contact();
      checkout.set_region_code(event.address_set().region_code());
      checkout.set_postal_code(event.address_set().postal_code());
      break;
    case Event::kDeliverySelected: {
      const v1::DeliverySelection& selection = event.delivery_selected().selection();
      auto& chosen = *checkout.mutable_deliveries();
      auto it = std::find_if(chosen.begin(), chosen.end(),
                             [&](const auto& d) { return d.seller_id() >= selection.seller_id(); });
      if (it != chosen.end() && it->seller_id() == selection.seller_id()) {
        *it = selection;
        break;
      }
      const auto index = it - chosen.begin();
      *chosen.Add() = selection;
      std::rotate(chosen.begin() + index, chosen.end() - 1, chosen.end());
      break;
    }
    case Event::kPaymentMethodSelected:
      checkout.set_payment_method(event.payment_method_selected().method());
      checkout.set_card_token(event.payment_method_selected().card_token());
      break;
    case Event::kPlacementRequested:
      checkout.set_state(State::STATE_PLACING);
      checkout.set_attempt(event.placement_requested().attempt());
      *checkout.mutable_expected_total() = event.placement_requested().expected_total();
      *checkout.mutable_request_time() = event.placement_requested().request_time();
      *checkout.mutable_attempt_expire_time() = event.placement_requested().attempt_expire_time();
      checkout.clear_orders();
      checkout.clear_total();
      checkout.clear_wait_until_time();
      checkout.clear_polls();
      checkout.clear_failure();
      break;
    case Event::kPriced:
      *checkout.mutable_orders() = event.priced().orders();
      *checkout.mutable_total() = event.priced().total();
      break;
    case Event::kStockHeld:
      checkout.set_state(State::STATE_STOCK_HELD);
      break;
    case Event::kPaymentPending:
      checkout.set_state(State::STATE_PAYMENT_PENDING);
      *checkout.mutable_wait_until_time() = event.payment_pending().wait_until_time();
      checkout.set_polls(checkout.polls() + 1);
      break;
    case Event::kActionRequired:
      checkout.set_state(State::STATE_ACTION_REQUIRED);
      *checkout.mutable_wait_until_time() = event.action_required().wait_until_time();
      checkout.set_polls(checkout.polls() + 1);
      break;
    case Event::kResumed:
      break;
    case Event::kAttemptRejected:
      checkout.set_state(State::STATE_UNDOING);
      *checkout.mutable_failure() = event.attempt_rejected().failure();
      break;
    case Event::kCancelRequested:
      checkout.set_state(State::STATE_UNDOING);
      checkout.set_cancel_requested(true);
      break;
    case Event::kAttemptFailed:
      checkout.set_state(State::STATE_OPEN);
      *checkout.mutable_failure() = event.attempt_failed().failure();
      *checkout.mutable_expire_time() = event.attempt_failed().expire_time();
      checkout.clear_wait_until_time();
      break;
    case Event::kPlaced:
      checkout.set_state(State::STATE_PLACED);
      *checkout.mutable_order_ids() = event.placed().order_ids();
      checkout.clear_wait_until_time();
      break;
    case Event::kSettled:
      checkout.set_settled(true);
      break;
    case Event::kCancelled:
      checkout.set_state(State::STATE_CANCELLED);
      checkout.clear_wait_until_time();
      break;
    case Event::kExpired:
      checkout.set_state(State::STATE_EXPIRED);
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

void Checkout::React(const Id&, const State& checkout, const Event& event, absl::Time, Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kStarted:
      reactions.Start({.kind = kExpireTimer, .due = FromProto(checkout.expire_time())});
      break;
    case Event::kPlacementRequested:
      reactions.Cancel(kExpireTimer);
      reactions.Start({.kind = kPlaceEffect});
      break;
    case Event::kPaymentPending:
      reactions.Start({.kind = kPlaceEffect, .due = FromProto(event.payment_pending().poll_time())});
      break;
    case Event::kActionRequired:
      reactions.Start({.kind = kPlaceEffect, .due = FromProto(event.action_required().poll_time())});
      break;
    case Event::kResumed:
    case Event::kCancelRequested:
      reactions.Start({.kind = kPlaceEffect});
      break;
    case Event::kAttemptFailed:
      reactions.Cancel(kPlaceEffect);
      reactions.Start({.kind = kExpireTimer, .due = FromProto(checkout.expire_time())});
      break;
    case Event::kPlaced:
      reactions.Cancel(kPlaceEffect);
      reactions.Start({.kind = kSettleEffect});
      break;
    case Event::kSettled:
      reactions.Cancel(kSettleEffect);
      break;
    case Event::kCancelled:
      reactions.Cancel(kPlaceEffect);
      reactions.Cancel(kExpireTimer);
      break;
    case Event::kExpired:
      reactions.Cancel(kExpireTimer);
      break;
    case Event::kAddressSet:
    case Event::kDeliverySelected:
    case Event::kPaymentMethodSelected:
    case Event::kPriced:
    case Event::kStockHeld:
    case Event::kAttemptRejected:
    case Event::KIND_NOT_SET:
      break;
  }
}

}  // namespace souk::order
