#include "services/order/checkout_saga.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "services/order/checkout_payment.h"
#include "services/order/frozen_cart.h"
#include "services/order/order_group.h"
#include "services/order/stock_holds.h"

namespace souk::order {
namespace {

using State = v1::CheckoutState;
using Intent = payment::v1::PaymentIntent;

// Between questions to the payment service: it tells us by an event, too.
constexpr absl::Duration kPollPauseMin = absl::Seconds(5);
constexpr absl::Duration kPollPauseMax = absl::Minutes(5);
// Holds outlive the wait for the payment by so much.
constexpr absl::Duration kHoldMargin = absl::Minutes(5);

// The business wait for the payment is over.
Status TimedOut() { return Rejected("PAYMENT_TIMED_OUT", {}, "the payment was not confirmed in time"); }

bool Waits(const State& checkout) { return AwaitsPayment(checkout.state()); }

}  // namespace

CheckoutSaga::CheckoutSaga(Engine& engine, Channels& channels, CheckoutPolicy policy)
    : engine_(engine), channels_(channels), policy_(std::move(policy)) {}

void CheckoutSaga::Register() {
  engine_.OnEffect<Checkout>(kPlaceEffect, [this](Effect effect) { return Place(std::move(effect)); });
  engine_.OnEffect<Checkout>(kSettleEffect, [this](Effect effect) { return Settle(std::move(effect)); });
  engine_.OnEffect<Checkout>(kExpireTimer, [this](Effect effect) { return Expire(std::move(effect)); });
}

CheckoutRun CheckoutSaga::RunOf(const Effect& effect, const State& checkout) {
  return {.engine = engine_,
          .channels = channels_,
          .id = CheckoutId::Of(effect.aggregate_id),
          .attempt = checkout.attempt(),
          .effect = effect};
}

absl::Time CheckoutSaga::HeldUntil(const State& checkout) const {
  return FromProto(checkout.request_time()) + policy_.stock_hold;
}

Task<Status> CheckoutSaga::Place(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  Shared<State> checkout = co_await Try(engine_.Read<Checkout>(id));
  const CheckoutRun run = RunOf(effect, *checkout);
  if (checkout->state() != State::STATE_UNDOING) {
    const bool late =
        InProgress(checkout->state()) && engine_.clock().Now() >= FromProto(checkout->attempt_expire_time());
    Status status = WithReason(Unavailable("the orders could not be placed in time"), "ATTEMPT_TIMED_OUT");
    if (!late) status = co_await Advance(run, std::move(checkout));
    if (status.ok() || (IsTransient(status) && !late)) co_return status;
    const RejectAttempt reject{.attempt = run.attempt, .failure = ToFailure(status)};
    checkout = co_await Try(engine_.Execute<Checkout>(id, reject, effect.Metadata("reject")));
  }
  if (checkout->state() != State::STATE_UNDOING || checkout->attempt() != run.attempt) co_return OkStatus();
  co_return co_await Undo(run, checkout);
}

Task<Status> CheckoutSaga::Advance(CheckoutRun run, Shared<State> checkout) {
  if (checkout->state() == State::STATE_PLACING && checkout->orders_size() == 0) {
    checkout = co_await Try(FreezeAndPrice(run, std::move(checkout)));
  }
  if (checkout->state() == State::STATE_PLACING) checkout = co_await Try(Hold(run, std::move(checkout)));
  if (checkout->state() != State::STATE_STOCK_HELD && !Waits(*checkout)) co_return OkStatus();
  const Intent intent = co_await Try(Pay(run, checkout));
  const bool secured = co_await Try(IsSecured(intent));
  if (!secured) co_return co_await WaitForPayment(run, checkout, intent);
  co_return co_await PlaceOrders(run, std::move(checkout), intent);
}

Task<StatusOr<Shared<State>>> CheckoutSaga::FreezeAndPrice(CheckoutRun run, Shared<State> checkout) {
  cart::v1::FreezeCartResponse frozen = co_await Try(FreezeCart(run, checkout, HeldUntil(*checkout)));
  RecordPrices record{.attempt = run.attempt, .orders = {}};
  record.orders = co_await Try(PriceCart(run, std::move(checkout), std::move(frozen)));
  co_return co_await engine_.Execute<Checkout>(run.id, std::move(record), run.effect.Metadata("price"));
}

Task<StatusOr<Shared<State>>> CheckoutSaga::Hold(CheckoutRun run, Shared<State> checkout) {
  const absl::Time until = HeldUntil(*checkout);
  co_await Try(HoldStock(run, std::move(checkout), until));
  const RecordStockHeld record{.attempt = run.attempt};
  co_return co_await engine_.Execute<Checkout>(run.id, record, run.effect.Metadata("hold"));
}

Task<StatusOr<Intent>> CheckoutSaga::Pay(CheckoutRun run, Shared<State> checkout) {
  if (!Waits(*checkout)) {
    const absl::Duration transfer_wait = absl::Seconds(policy_.order.unpaid_cancel_after().seconds());
    co_return co_await BeginPayment(run, checkout, transfer_wait);
  }
  const absl::Time until = FromProto(checkout->wait_until_time());
  if (engine_.clock().Now() >= until + kHoldMargin) co_return TimedOut();  // The holds are gone, too.
  co_return co_await LookUpPayment(run);
}

// Never guesses: looks again later, or sooner when the payment service says something.
// Recording the wait starts the saga anew at that time. What is held stays held.
Task<Status> CheckoutSaga::WaitForPayment(CheckoutRun run, Shared<State> checkout, Intent intent) {
  if (Waits(*checkout) && engine_.clock().Now() >= FromProto(checkout->wait_until_time()))
    co_return TimedOut();
  const bool action_required = intent.state() == Intent::STATE_ACTION_REQUIRED;
  const RecordPaymentWait record{
      .attempt = run.attempt,
      .action_required = action_required,
      .poll_after = std::min(kPollPauseMax, kPollPauseMin * (1 << std::min(checkout->polls(), 10))),
      .wait_limit = action_required ? policy_.action_wait : policy_.payment_wait};
  checkout = co_await Try(engine_.Execute<Checkout>(
      run.id, record, run.effect.Metadata("wait-" + std::to_string(checkout->polls()))));
  if (!Waits(*checkout)) co_return OkStatus();
  const absl::Time until = FromProto(checkout->wait_until_time()) + kHoldMargin;
  co_await Try(ExtendHolds(run, checkout, until));
  co_await Try(FreezeCart(run, checkout, until));
  co_return OkStatus();
}

// The pivot: all orders, or none.
Task<Status> CheckoutSaga::PlaceOrders(CheckoutRun run, Shared<State> checkout, Intent intent) {
  MarkPlaced mark{.attempt = run.attempt, .order_ids = {}};
  PlaceGroup group;
  group.facts.set_group_id(run.id.str());
  group.facts.set_cart_id(checkout->cart_id());
  group.facts.set_buyer_id(checkout->buyer_id());
  *group.facts.mutable_total() = checkout->total();
  group.facts.set_payment_method(checkout->payment_method());
  group.facts.set_payment_intent_id(run.IntentId());
  std::vector<order::Place> orders;
  for (const v1::OrderSnapshot& draft : checkout->orders()) {
    order::Place& place = orders.emplace_back();
    place.policy = policy_.order;
    place.paid = intent.state() == Intent::STATE_FUNDED;
    place.snapshot = draft;
    v1::OrderSnapshot& snapshot = place.snapshot;
    snapshot.set_payment_method(checkout->payment_method());
    snapshot.set_payment_intent_id(run.IntentId());
    *snapshot.mutable_contact() = checkout->contact();
    snapshot.set_language_code(checkout->language_code());
    group.facts.add_order_ids(draft.order_id());
    mark.order_ids.push_back(draft.order_id());
  }
  const auto work = [&](Unit& unit) {
    RETURN_IF_ERROR(unit.Execute<Checkout>(run.id, mark));
    RETURN_IF_ERROR(unit.Execute<OrderGroup>(OrderGroupId::Of(run.id.str()), group));
    for (const order::Place& place : orders) {
      RETURN_IF_ERROR(unit.Execute<Order>(OrderId::Of(place.snapshot.order_id()), place));
    }
    return OkStatus();
  };
  const auto nothing = [](Unit&) { return OkStatus(); };
  CommandMetadata metadata = run.effect.Metadata("place");
  // It is the buyer who places the orders, whoever does it for her.
  metadata.actor = ActorOfBuyer(checkout->buyer_id());
  checkout.Release();
  co_return co_await engine_.Transact(run.id.str(), std::move(metadata), work, nothing);
}

Task<Status> CheckoutSaga::Undo(CheckoutRun run, Shared<State> checkout) {
  const std::string reason =
      checkout->cancel_requested() ? "CHECKOUT_CANCELLED" : checkout->failure().reason();
  // Once it was priced it may have come to a payment.
  if (checkout->orders_size() > 0) co_await Try(VoidPayment(run));
  co_await Try(ReleaseHolds(run, checkout));
  // Should another run have got here first, the cart may be in the next attempt already.
  const Shared<State> now = co_await Try(engine_.Read<Checkout>(run.id));
  if (now->state() != State::STATE_UNDOING || now->attempt() != run.attempt) co_return OkStatus();
  co_await Try(UnfreezeCart(run, checkout, reason));

  const EndAttempt end{.attempt = run.attempt, .expire_after = policy_.expire_after};
  co_await Try(engine_.Execute<Checkout>(run.id, end, run.effect.Metadata("end")));
  co_return OkStatus();
}

Task<Status> CheckoutSaga::Settle(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  Shared<State> checkout = co_await Try(engine_.Read<Checkout>(id));
  const CheckoutRun run = RunOf(effect, *checkout);
  co_await Try(CommitHolds(run, checkout, policy_.stock_hold));
  co_await Try(CompleteCart(run, std::move(checkout)));
  co_await Try(engine_.Execute<Checkout>(id, order::Settle{}, effect.Metadata("settle")));
  co_return OkStatus();
}

Task<Status> CheckoutSaga::Expire(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  co_await Try(engine_.Execute<Checkout>(id, order::Expire{}, effect.Metadata()));
  co_return OkStatus();
}

}  // namespace souk::order
