#include "services/order/checkout_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/card_number.h"
#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "services/order/contact.h"

namespace souk::order {
namespace {

using State = v1::CheckoutState;

// PlaceOrder waits at most so long, and answers so long before the caller's deadline.
constexpr absl::Duration kPlacementWaitMax = absl::Seconds(20);
constexpr absl::Duration kAnswerMargin = absl::Milliseconds(200);
constexpr std::size_t kTokenSizeMax = 100;

Status NoSuchCheckout() { return NotFound("no such checkout"); }

// A BCP 47 tag as far as we care: letters, digits and hyphens.
bool IsLanguageCode(std::string_view text) {
  constexpr std::size_t kSizeMax = 35;  // RFC 5646, section 4.4.1.
  return text.size() >= 2 && text.size() <= kSizeMax &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

Status CheckPaymentMethod(const v1::SelectPaymentMethodRequest& request) {
  const bool card = request.method() == v1::PAYMENT_METHOD_CARD;
  if (request.method() == v1::PAYMENT_METHOD_UNSPECIFIED || !v1::PaymentMethod_IsValid(request.method())) {
    return InvalidField("method", "is required");
  }
  if (card != !request.card_token().empty() || request.card_token().size() > kTokenSizeMax) {
    return InvalidField("card_token", "must be given with a card, and only then");
  }
  if (ContainsCardNumber(request.card_token())) {
    return InvalidField("card_token", "looks like a card number; send the provider's token instead");
  }
  return OkStatus();
}

Status CheckTotalField(const type::v1::Money& total) {
  if (!MinorUnitDigits(total.currency_code()).ok()) {
    return InvalidField("expected_total.currency_code", "must be a currency of ISO 4217");
  }
  if (total.minor_units() < 0) return InvalidField("expected_total.minor_units", "must not be negative");
  return OkStatus();
}

bool Sells(std::string_view seller_id, const cart::v1::Cart& cart) {
  return std::any_of(cart.items().begin(), cart.items().end(),
                     [&](const cart::v1::CartItem& item) { return item.seller_id() == seller_id; });
}

}  // namespace

CheckoutService::CheckoutService(Engine& engine, Channels& channels, SubjectKeys& keys, CheckoutPolicy policy)
    : engine_(engine), keys_(keys), preview_(channels), policy_(std::move(policy)) {}

void CheckoutService::AddTo(rpc::Router& router) {
  constexpr rpc::Callers kOwners = rpc::kGuests | rpc::kBuyers;
  router.Add<&CheckoutService::StartCheckout>(*this, kOwners);
  router.Add<&CheckoutService::SetAddress>(*this, kOwners);
  router.Add<&CheckoutService::SelectDelivery>(*this, kOwners);
  router.Add<&CheckoutService::SelectPaymentMethod>(*this, kOwners);
  router.Add<&CheckoutService::PlaceOrder>(*this, kOwners);
  router.Add<&CheckoutService::GetCheckout>(*this, kOwners | rpc::kOperators);
  router.Add<&CheckoutService::CancelCheckout>(*this, kOwners);
}

Task<StatusOr<v1::StartCheckoutResponse>> CheckoutService::StartCheckout(CallContext call,
                                                                         v1::StartCheckoutRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("cart_id", request.cart_id()));
  const std::string language = request.language_code().empty() ? "en" : request.language_code();
  if (!IsLanguageCode(language))
    co_return InvalidField("language_code", "must be a BCP 47 tag, such as \"en\"");
  cart::v1::Cart cart = co_await Try(preview_.GetCart(call, request.cart_id()));
  const std::string buyer_id = BuyerIdOf(call.principal);
  if (buyer_id.empty() || cart.buyer_id() != buyer_id) co_return NotFound("no such cart");

  const CheckoutId id = CheckoutIdFor(request.cart_id());
  Start start{.checkout_id = id.str(),
              .cart_id = request.cart_id(),
              .buyer_id = buyer_id,
              .language_code = language,
              .expire_after = policy_.expire_after};
  const Shared<State> state =
      co_await Try(engine_.Execute<Checkout>(id, std::move(start), std::move(metadata)));
  v1::StartCheckoutResponse response;
  *response.mutable_checkout() = co_await Try(RenderPriced(call, state, std::move(cart)));
  co_return response;
}

Task<StatusOr<v1::SetAddressResponse>> CheckoutService::SetAddress(CallContext call,
                                                                   v1::SetAddressRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  Shared<State> before = co_await Try(FindOwn(call, id));
  co_await Try(CheckContact(request.contact()));
  const type::v1::Sealed sealed =
      co_await Try(SealContact(keys_, before->buyer_id(), request.contact(), request.request_id()));
  order::SetAddress command{.contact = sealed,
                            .region_code = request.contact().address().region_code(),
                            .postal_code = request.contact().address().postal_code()};
  before.Release();
  const Shared<State> state =
      co_await Try(engine_.Execute<Checkout>(id, std::move(command), std::move(metadata)));
  v1::SetAddressResponse response;
  *response.mutable_checkout() = co_await Try(RenderPriced(call, state));
  co_return response;
}

Task<StatusOr<v1::SelectDeliveryResponse>> CheckoutService::SelectDelivery(
    CallContext call, v1::SelectDeliveryRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  Shared<State> before = co_await Try(FindOwn(call, id));
  co_await Try(CheckId("seller_id", request.seller_id()));
  co_await Try(CheckId("option_id", request.option_id()));
  cart::v1::Cart cart = co_await Try(preview_.GetCart(call, before->cart_id()));
  order::SelectDelivery command{.seller_id = request.seller_id(),
                                .option_id = request.option_id(),
                                .seller_in_cart = Sells(request.seller_id(), cart)};
  before.Release();
  const Shared<State> state =
      co_await Try(engine_.Execute<Checkout>(id, std::move(command), std::move(metadata)));
  v1::SelectDeliveryResponse response;
  *response.mutable_checkout() = co_await Try(RenderPriced(call, state, std::move(cart)));
  co_return response;
}

Task<StatusOr<v1::SelectPaymentMethodResponse>> CheckoutService::SelectPaymentMethod(
    CallContext call, v1::SelectPaymentMethodRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  co_await Try(FindOwn(call, id));
  co_await Try(CheckPaymentMethod(request));
  order::SelectPaymentMethod command{.method = request.method(), .card_token = request.card_token()};
  const Shared<State> state =
      co_await Try(engine_.Execute<Checkout>(id, std::move(command), std::move(metadata)));
  v1::SelectPaymentMethodResponse response;
  *response.mutable_checkout() = co_await Try(RenderPriced(call, state));
  co_return response;
}

Task<StatusOr<v1::PlaceOrderResponse>> CheckoutService::PlaceOrder(CallContext call,
                                                                   v1::PlaceOrderRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  co_await Try(FindOwn(call, id));
  co_await Try(CheckTotalField(request.expected_total()));
  RequestPlacement command{.expected_total = request.expected_total(),
                           .attempt_limit = policy_.attempt_limit()};
  co_await Try(engine_.Execute<Checkout>(id, std::move(command), std::move(metadata)));

  const Shared<State> state = co_await Try(AwaitSaga(id, call.deadline));
  if (state->state() == State::STATE_OPEN) co_return ToStatus(state->failure());
  if (state->state() == State::STATE_CANCELLED || state->state() == State::STATE_EXPIRED) {
    co_return IllegalTransition("the checkout was cancelled or has expired; start it again");
  }
  v1::PlaceOrderResponse response;
  *response.mutable_checkout() = Render(*state);
  co_return response;
}

Task<StatusOr<v1::GetCheckoutResponse>> CheckoutService::GetCheckout(CallContext call,
                                                                     v1::GetCheckoutRequest request) {
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  const Shared<State> state = co_await Try(FindOwn(call, id));
  v1::GetCheckoutResponse response;
  *response.mutable_checkout() = co_await Try(RenderPriced(call, state));
  co_return response;
}

Task<StatusOr<v1::CancelCheckoutResponse>> CheckoutService::CancelCheckout(
    CallContext call, v1::CancelCheckoutRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const CheckoutId id = co_await Try(CheckoutId::Parse(request.checkout_id()));
  co_await Try(FindOwn(call, id));
  co_await Try(engine_.Execute<Checkout>(id, order::CancelCheckout{}, std::move(metadata)));
  const Shared<State> state = co_await Try(AwaitSaga(id, call.deadline));
  v1::CancelCheckoutResponse response;
  *response.mutable_checkout() = Render(*state);
  co_return response;
}

StatusOr<Shared<State>> CheckoutService::FindOwn(const CallContext& call, const CheckoutId& id) const {
  ASSIGN_OR_RETURN(Shared<State> state, engine_.Read<Checkout>(id));
  if (state->state() == State::STATE_UNSPECIFIED) return NoSuchCheckout();
  if (!call.principal.IsOperator() && state->buyer_id() != BuyerIdOf(call.principal)) return NoSuchCheckout();
  return state;
}

Task<StatusOr<Shared<State>>> CheckoutService::AwaitSaga(CheckoutId id, absl::Time deadline) {
  const absl::Time now = engine_.scheduler().Now();
  const absl::Time until = std::min(deadline, now + kPlacementWaitMax) - kAnswerMargin;
  Shared<State> state = co_await Try(engine_.Read<Checkout>(id));
  if (!InProgress(state->state())) co_return state;
  state.Release();
  const Status waited = co_await engine_.AwaitEffect<Checkout>(id, kPlaceEffect, "", until);
  if (!waited.ok() && !absl::IsDeadlineExceeded(waited)) co_return waited;
  co_return engine_.Read<Checkout>(id);
}

v1::Checkout CheckoutService::Render(const State& state) const {
  v1::Checkout checkout;
  checkout.set_checkout_id(state.checkout_id());
  checkout.set_cart_id(state.cart_id());
  checkout.set_buyer_id(state.buyer_id());
  checkout.set_state(state.state());
  if (const StatusOr<v1::Contact> contact = OpenContact(keys_, state.contact()); contact.ok()) {
    *checkout.mutable_contact() = *contact;
  }
  checkout.set_language_code(state.language_code());
  checkout.set_payment_method(state.payment_method());
  if (state.has_failure()) *checkout.mutable_last_failure() = state.failure();
  const bool paying = AwaitsPayment(state.state()) || state.state() == State::STATE_PLACED;
  if (paying) {
    const CheckoutId id = CheckoutId::Of(state.checkout_id());
    checkout.set_payment_intent_id(PaymentIntentIdFor(id, state.attempt()));
  }
  if (state.has_wait_until_time()) *checkout.mutable_payment_wait_until_time() = state.wait_until_time();
  *checkout.mutable_order_ids() = state.order_ids();
  *checkout.mutable_expire_time() = state.expire_time();
  if (state.state() == State::STATE_OPEN) return checkout;
  for (const v1::OrderSnapshot& order : state.orders()) {
    v1::CheckoutPart& part = *checkout.add_parts();
    part.set_seller_id(order.seller_id());
    *part.mutable_lines() = order.lines();
    part.set_selected_option_id(order.delivery().option_id());
    *part.mutable_items_total() = order.items_total();
    *part.mutable_shipping_total() = order.shipping_total();
  }
  if (state.has_total()) *checkout.mutable_total() = state.total();
  return checkout;
}

Task<StatusOr<v1::Checkout>> CheckoutService::RenderPriced(CallContext call, Shared<State> state,
                                                           std::optional<cart::v1::Cart> cart) {
  v1::Checkout checkout = Render(*state);
  if (state->state() != State::STATE_OPEN) co_return checkout;
  if (!cart.has_value()) cart = co_await Try(preview_.GetCart(call, state->cart_id()));
  co_return co_await preview_.Price(std::move(call), std::move(state), *std::move(cart), std::move(checkout));
}

}  // namespace souk::order
