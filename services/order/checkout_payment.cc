#include "services/order/checkout_payment.h"

#include <utility>

#include "libs/base/proto_time.h"

namespace souk::order {
namespace {

using Intent = payment::v1::PaymentIntent;

payment::v1::PaymentMethod ToPayment(v1::PaymentMethod method) {
  // The values are the same; a test compares the names.
  return static_cast<payment::v1::PaymentMethod>(method);
}

}  // namespace

Task<StatusOr<Intent>> BeginPayment(CheckoutRun run, Shared<v1::CheckoutState> checkout,
                                    absl::Duration transfer_wait) {
  payment::v1::CreatePaymentIntentRequest create;
  create.set_intent_id(run.IntentId());
  create.set_group_id(run.id.str());
  create.set_buyer_id(checkout->buyer_id());
  *create.mutable_amount() = checkout->total();
  create.set_method(ToPayment(checkout->payment_method()));
  create.set_card_token(checkout->card_token());
  if (checkout->payment_method() == v1::PAYMENT_METHOD_BANK_TRANSFER) {
    *create.mutable_expire_time() = ToProto(FromProto(checkout->request_time()) + transfer_wait);
  }
  for (const v1::OrderSnapshot& order : checkout->orders()) {
    payment::v1::CreatePaymentIntentRequest::Share& share = *create.add_shares();
    share.set_order_id(order.order_id());
    share.set_seller_id(order.seller_id());
    *share.mutable_amount() = order.total();
    *share.mutable_items() = order.items_total();
    *share.mutable_shipping() = order.shipping_total();
  }
  payment::v1::CreatePaymentIntentResponse created =
      co_await Try(run.Call<payment::v1::CreatePaymentIntentResponse>("payment", std::move(create)));
  if (checkout->payment_method() != v1::PAYMENT_METHOD_CARD)
    co_return std::move(*created.mutable_payment_intent());
  payment::v1::AuthorizePaymentRequest authorize;
  authorize.set_intent_id(run.IntentId());
  payment::v1::AuthorizePaymentResponse authorized =
      co_await Try(run.Call<payment::v1::AuthorizePaymentResponse>("payment", std::move(authorize)));
  co_return std::move(*authorized.mutable_payment_intent());
}

Task<StatusOr<Intent>> LookUpPayment(CheckoutRun run) {
  payment::v1::GetPaymentIntentRequest ask;
  ask.set_intent_id(run.IntentId());
  payment::v1::GetPaymentIntentResponse response =
      co_await Try(run.Ask<payment::v1::GetPaymentIntentResponse>("payment", std::move(ask)));
  co_return std::move(*response.mutable_payment_intent());
}

Task<Status> VoidPayment(CheckoutRun run) {
  payment::v1::VoidPaymentRequest give_up;
  give_up.set_intent_id(run.IntentId());
  give_up.set_reason("checkout_failed");
  const auto voided = co_await run.Call<payment::v1::VoidPaymentResponse>("payment", std::move(give_up));
  co_return UnlessNotFound(voided.status());
}

StatusOr<bool> IsSecured(const Intent& intent) {
  switch (intent.state()) {
    case Intent::STATE_AUTHORIZED:
    case Intent::STATE_AWAITING_FUNDS:  // Bank transfer and cash come after placement.
    case Intent::STATE_FUNDED:
      return true;
    case Intent::STATE_CREATED:
    case Intent::STATE_PROCESSING:
    case Intent::STATE_ACTION_REQUIRED:
    case Intent::STATE_UNKNOWN:
      return false;
    case Intent::STATE_DECLINED:
      return Rejected(
          "PAYMENT_DECLINED",
          {{"decline_code", intent.decline_code()}, {"retryable", intent.retryable() ? "true" : "false"}},
          "the card was declined: %s", intent.decline_code());
    case Intent::STATE_VOIDED:
    case Intent::STATE_EXPIRED:
      return Rejected("PAYMENT_DECLINED", {{"decline_code", "voided"}, {"retryable", "true"}},
                      "the payment was given up");
    case Intent::STATE_UNSPECIFIED:
    case payment::v1::PaymentIntent_State_PaymentIntent_State_INT_MIN_SENTINEL_DO_NOT_USE_:
    case payment::v1::PaymentIntent_State_PaymentIntent_State_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return Internal("a payment intent has no state");
}

}  // namespace souk::order
