#include "tools/soukctl/story/placing.h"

#include "absl/time/clock.h"
#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk::ctl {

using order::v1::Checkout;
using order::v1::CheckoutState;

namespace {

constexpr char kOperator[] = "operator/marketplace";
constexpr int kAttemptsMax = 10;
constexpr int kLooksMax = 200;
constexpr absl::Duration kPause = absl::Milliseconds(200);
constexpr std::int64_t kStepSeconds = 30;

// Lets some time pass: ours, or the store's.
Status Wait(StoreClient& store) {
  ASSIGN_OR_RETURN(const auto now,
                   store.Call<admin::v1::GetTimeResponse>(kOperator, admin::v1::GetTimeRequest()));
  if (!now.manual()) {
    absl::SleepFor(kPause);
    return OkStatus();
  }
  admin::v1::AdvanceTimeRequest step;
  step.set_seconds(kStepSeconds);
  return store.Call<admin::v1::AdvanceTimeResponse>(kOperator, step).status();
}

StatusOr<Checkout> PlaceOnce(StoreClient& store, const std::string& buyer,
                             const order::v1::PlaceOrderRequest& request) {
  ASSIGN_OR_RETURN(const auto placed, store.Call<order::v1::PlaceOrderResponse>(buyer, request));
  Checkout checkout = placed.checkout();
  for (int looks = 0; looks < kLooksMax; ++looks) {
    const CheckoutState::State state = checkout.state();
    if (state == CheckoutState::STATE_PLACED) return checkout;
    if (state == CheckoutState::STATE_OPEN || state == CheckoutState::STATE_CANCELLED ||
        state == CheckoutState::STATE_EXPIRED) {
      return Rejected(checkout.last_failure().reason(), {}, "the order was not placed");
    }
    RETURN_IF_ERROR(Wait(store));
    order::v1::GetCheckoutRequest look;
    look.set_checkout_id(request.checkout_id());
    ASSIGN_OR_RETURN(const auto looked, store.Call<order::v1::GetCheckoutResponse>(buyer, look));
    checkout = looked.checkout();
  }
  return absl::DeadlineExceededError(absl::StrFormat("the order is not placed; its checkout is %s",
                                                     CheckoutState::State_Name(checkout.state())));
}

}  // namespace

StatusOr<Checkout> Place(StoreClient& store, const std::string& buyer, order::v1::PlaceOrderRequest request) {
  const std::string request_id = request.request_id();
  for (int attempt = 1;; ++attempt) {
    StatusOr<Checkout> placed = PlaceOnce(store, buyer, request);
    const std::string reason = Reason(placed.status());
    const bool timed_out = reason == "ATTEMPT_TIMED_OUT" || reason == "PAYMENT_TIMED_OUT";
    if (!timed_out || attempt == kAttemptsMax) return placed;
    request.set_request_id(DerivedUuid("place-again", request_id, std::to_string(attempt)));
  }
}

}  // namespace souk::ctl
