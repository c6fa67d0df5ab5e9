#include "services/order/checkout_saga.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "services/order/order_group.h"
#include "souk/cart/v1/cart_service.pb.h"

namespace souk::order {
namespace {

using State = v1::CheckoutState;
using Intent = payment::v1::PaymentIntent;

// For a call to another service, in real time.
constexpr absl::Duration kCallTimeout = absl::Seconds(10);
// Between questions to the payment service: it tells us by an event, too.
constexpr absl::Duration kPollPauseMin = absl::Seconds(5);
constexpr absl::Duration kPollPauseMax = absl::Minutes(5);
// Holds outlive the wait for the payment by so much.
constexpr absl::Duration kHoldMargin = absl::Minutes(5);

// What is wanted of each product, in the order of their ids: all sagas take holds in the
// same order.
std::map<std::string, std::int64_t> Demand(const State& checkout) {
  std::map<std::string, std::int64_t> demand;
  for (const v1::OrderSnapshot& order : checkout.orders()) {
    for (const v1::OrderLine& line : order.lines()) demand[line.product_id()] += line.quantity();
  }
  return demand;
}

// An error of undoing what was never done is none.
Status UnlessNotFound(const Status& status) { return absl::IsNotFound(status) ? OkStatus() : status; }

// It is the buyer who places the orders, whoever does it for her: the reverse of BuyerIdOf.
std::string ActorOf(const std::string& buyer_id) {
  constexpr std::string_view kGuest = "guest:";
  if (!buyer_id.starts_with(kGuest)) return "buyer/" + buyer_id;
  return "guest/" + buyer_id.substr(kGuest.size());
}

// The business wait for the payment is over.
Status TimedOut() { return Rejected("PAYMENT_TIMED_OUT", {}, "the payment was not confirmed in time"); }

// True when the orders can be placed, false while that is open, an error when they cannot.
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

bool Waits(const State& checkout) { return AwaitsPayment(checkout.state()); }

payment::v1::PaymentMethod ToPayment(v1::PaymentMethod method) {
  // The values are the same; a test compares the names.
  return static_cast<payment::v1::PaymentMethod>(method);
}

}  // namespace

std::string CheckoutSaga::Run::Name() const { return id.str() + "/" + std::to_string(attempt); }

std::string CheckoutSaga::Run::HoldId(std::string_view product_id) const {
  return DerivedUuid("hold", Name(), product_id);
}

std::string CheckoutSaga::Run::IntentId() const { return PaymentIntentIdFor(id, attempt); }

CheckoutSaga::CheckoutSaga(Engine& engine, Channels& channels, CheckoutPolicy policy)
    : engine_(engine), channels_(channels), policy_(std::move(policy)) {}

void CheckoutSaga::Register() {
  engine_.OnEffect<Checkout>(kPlaceEffect, [this](Effect effect) { return Place(std::move(effect)); });
  engine_.OnEffect<Checkout>(kSettleEffect, [this](Effect effect) { return Settle(std::move(effect)); });
  engine_.OnEffect<Checkout>(kExpireTimer, [this](Effect effect) { return Expire(std::move(effect)); });
}

template <typename Response, typename Request>
Task<StatusOr<Response>> CheckoutSaga::Call(Run run, std::string_view service, Request request) {
  request.set_request_id(
      DerivedUuid(std::string(Request::descriptor()->name()), run.Name(), request.SerializeAsString()));
  return Ask<Response>(std::move(run), service, std::move(request));
}

template <typename Response, typename Request>
Task<StatusOr<Response>> CheckoutSaga::Ask(Run run, std::string_view service, Request request) {
  rpc::CallOptions options;
  options.deadline = engine_.scheduler().Now() + kCallTimeout;
  options.correlation_id = run.effect.correlation_id;
  return rpc::Call<Response>(channels_.To(service), std::move(options), std::move(request));
}

Task<Status> CheckoutSaga::Place(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  State checkout = co_await Try(engine_.Read<Checkout>(id));
  const Run run{.id = id, .attempt = checkout.attempt(), .effect = effect};
  if (checkout.state() != State::STATE_UNDOING) {
    const bool late =
        InProgress(checkout.state()) && engine_.clock().Now() >= FromProto(checkout.attempt_expire_time());
    Status status = WithReason(Unavailable("the orders could not be placed in time"), "ATTEMPT_TIMED_OUT");
    if (!late) status = co_await Advance(run);
    if (status.ok() || (IsTransient(status) && !late)) co_return status;
    const RejectAttempt reject{.attempt = run.attempt, .failure = ToFailure(status)};
    checkout = co_await Try(engine_.Execute<Checkout>(id, reject, effect.Metadata("reject")));
  }
  if (checkout.state() != State::STATE_UNDOING || checkout.attempt() != run.attempt) co_return OkStatus();
  co_return co_await Undo(run, std::move(checkout));
}

Task<Status> CheckoutSaga::Advance(Run run) {
  State checkout = co_await Try(engine_.Read<Checkout>(run.id));
  if (checkout.state() == State::STATE_PLACING && checkout.orders_size() == 0) {
    checkout = co_await Try(FreezeAndPrice(run, std::move(checkout)));
  }
  if (checkout.state() == State::STATE_PLACING) checkout = co_await Try(HoldStock(run, std::move(checkout)));
  if (checkout.state() != State::STATE_STOCK_HELD && !Waits(checkout)) co_return OkStatus();
  const Intent intent = co_await Try(Pay(run, checkout));
  const bool secured = co_await Try(IsSecured(intent));
  if (!secured) co_return co_await WaitForPayment(run, std::move(checkout), intent);
  co_return co_await PlaceOrders(run, std::move(checkout), intent);
}

Task<StatusOr<State>> CheckoutSaga::FreezeAndPrice(Run run, State checkout) {
  cart::v1::FreezeCartRequest freeze;
  freeze.set_cart_id(checkout.cart_id());
  freeze.set_checkout_id(run.id.str());
  freeze.set_buyer_id(checkout.buyer_id());
  *freeze.mutable_expire_time() = ToProto(FromProto(checkout.request_time()) + policy_.stock_hold);
  const cart::v1::FreezeCartResponse frozen =
      co_await Try(Call<cart::v1::FreezeCartResponse>(run, "cart", std::move(freeze)));

  std::vector<WantedProduct> wanted;
  catalog::v1::GetOffersRequest ask;
  for (const cart::v1::CartLine& line : frozen.lines()) {
    wanted.push_back({.product_id = line.product_id(), .quantity = line.quantity()});
    ask.add_product_ids(line.product_id());
  }
  const Offers offers = co_await Try(Ask<Offers>(run, "catalog", std::move(ask)));
  Draft draft = DraftOrders(run.id.str(), checkout.buyer_id(), wanted, offers);
  if (!draft.problems.empty()) co_return ToStatus(draft.problems.front());

  for (v1::OrderSnapshot& order : draft.orders) {
    const std::string option = SelectedOption(checkout, order.seller_id());
    const std::vector<shipping::v1::ShippingQuote> quotes =
        co_await Try(Quotes(run, checkout, order, offers));
    co_await Try(ApplyDelivery(option, quotes, order));
    const std::string note = co_await Try(ShopNote(run, order.seller_id()));
    order.set_shop_note(note);
  }
  co_await Try(CheckTotal(TotalOf(draft.orders), checkout.expected_total()));
  const RecordPrices record{.attempt = run.attempt, .orders = std::move(draft.orders)};
  co_return co_await engine_.Execute<Checkout>(run.id, record, run.effect.Metadata("price"));
}

Task<StatusOr<std::vector<shipping::v1::ShippingQuote>>> CheckoutSaga::Quotes(Run run, State checkout,
                                                                              v1::OrderSnapshot order,
                                                                              Offers offers) {
  shipping::v1::QuoteDeliveryRequest request;
  request.set_seller_id(order.seller_id());
  for (shipping::v1::DeliveryLine& line : DeliveryLinesOf(order, offers))
    *request.add_lines() = std::move(line);
  request.mutable_destination()->set_region_code(checkout.region_code());
  request.mutable_destination()->set_postal_code(checkout.postal_code());
  *request.mutable_placed_time() = checkout.request_time();
  const shipping::v1::QuoteDeliveryResponse response =
      co_await Try(Call<shipping::v1::QuoteDeliveryResponse>(run, "shipping", std::move(request)));
  co_return std::vector<shipping::v1::ShippingQuote>(response.quotes().begin(), response.quotes().end());
}

// The note is a courtesy: a shop whose data were erased has none.
Task<StatusOr<std::string>> CheckoutSaga::ShopNote(Run run, std::string seller_id) {
  catalog::v1::GetSellerContactRequest request;
  request.set_seller_id(std::move(seller_id));
  const StatusOr<catalog::v1::GetSellerContactResponse> contact =
      co_await Ask<catalog::v1::GetSellerContactResponse>(run, "catalog", std::move(request));
  if (absl::IsNotFound(contact.status())) co_return std::string();
  if (!contact.ok()) co_return contact.status();
  co_return contact->shop_note();
}

Task<StatusOr<State>> CheckoutSaga::HoldStock(Run run, State checkout) {
  const std::map<std::string, std::int64_t> demand = Demand(checkout);
  for (const auto& [product_id, quantity] : demand) {
    catalog::v1::HoldStockRequest request;
    request.set_product_id(product_id);
    request.set_hold_id(run.HoldId(product_id));
    request.set_quantity(quantity);
    *request.mutable_expire_time() = ToProto(FromProto(checkout.request_time()) + policy_.stock_hold);
    co_await Try(Call<catalog::v1::HoldStockResponse>(run, "catalog", std::move(request)));
  }
  const RecordStockHeld record{.attempt = run.attempt};
  co_return co_await engine_.Execute<Checkout>(run.id, record, run.effect.Metadata("hold"));
}

Task<StatusOr<Intent>> CheckoutSaga::Pay(Run run, State checkout) {
  if (Waits(checkout)) {
    const absl::Time until = FromProto(checkout.wait_until_time());
    if (engine_.clock().Now() >= until + kHoldMargin) co_return TimedOut();  // The holds are gone, too.
    payment::v1::GetPaymentIntentRequest ask;
    ask.set_intent_id(run.IntentId());
    const payment::v1::GetPaymentIntentResponse response =
        co_await Try(Ask<payment::v1::GetPaymentIntentResponse>(run, "payment", std::move(ask)));
    co_return response.payment_intent();
  }
  payment::v1::CreatePaymentIntentRequest create;
  create.set_intent_id(run.IntentId());
  create.set_group_id(run.id.str());
  create.set_buyer_id(checkout.buyer_id());
  *create.mutable_amount() = checkout.total();
  create.set_method(ToPayment(checkout.payment_method()));
  create.set_card_token(checkout.card_token());
  if (checkout.payment_method() == v1::PAYMENT_METHOD_BANK_TRANSFER) {
    const absl::Duration patience = absl::Seconds(policy_.order.unpaid_cancel_after().seconds());
    *create.mutable_expire_time() = ToProto(FromProto(checkout.request_time()) + patience);
  }
  for (const v1::OrderSnapshot& order : checkout.orders()) {
    payment::v1::CreatePaymentIntentRequest::Share& share = *create.add_shares();
    share.set_order_id(order.order_id());
    share.set_seller_id(order.seller_id());
    *share.mutable_amount() = order.total();
    *share.mutable_items() = order.items_total();
    *share.mutable_shipping() = order.shipping_total();
  }
  const payment::v1::CreatePaymentIntentResponse created =
      co_await Try(Call<payment::v1::CreatePaymentIntentResponse>(run, "payment", std::move(create)));
  if (checkout.payment_method() != v1::PAYMENT_METHOD_CARD) co_return created.payment_intent();
  payment::v1::AuthorizePaymentRequest authorize;
  authorize.set_intent_id(run.IntentId());
  const payment::v1::AuthorizePaymentResponse authorized =
      co_await Try(Call<payment::v1::AuthorizePaymentResponse>(run, "payment", std::move(authorize)));
  co_return authorized.payment_intent();
}

// Never guesses: looks again later, or sooner when the payment service says something.
// Recording the wait starts the saga anew at that time. What is held stays held.
Task<Status> CheckoutSaga::WaitForPayment(Run run, State checkout, Intent intent) {
  if (Waits(checkout) && engine_.clock().Now() >= FromProto(checkout.wait_until_time())) co_return TimedOut();
  const bool action_required = intent.state() == Intent::STATE_ACTION_REQUIRED;
  const RecordPaymentWait record{
      .attempt = run.attempt,
      .action_required = action_required,
      .poll_after = std::min(kPollPauseMax, kPollPauseMin * (1 << std::min(checkout.polls(), 10))),
      .wait_limit = action_required ? policy_.action_wait : policy_.payment_wait};
  checkout = co_await Try(engine_.Execute<Checkout>(
      run.id, record, run.effect.Metadata("wait-" + std::to_string(checkout.polls()))));
  if (!Waits(checkout)) co_return OkStatus();
  const google::protobuf::Timestamp expire_time =
      ToProto(FromProto(checkout.wait_until_time()) + kHoldMargin);
  const std::map<std::string, std::int64_t> demand = Demand(checkout);
  for (const auto& [product_id, quantity] : demand) {
    catalog::v1::ExtendHoldRequest extend;
    extend.set_product_id(product_id);
    extend.set_hold_id(run.HoldId(product_id));
    *extend.mutable_expire_time() = expire_time;
    co_await Try(Call<catalog::v1::ExtendHoldResponse>(run, "catalog", std::move(extend)));
  }
  cart::v1::FreezeCartRequest freeze;
  freeze.set_cart_id(checkout.cart_id());
  freeze.set_checkout_id(run.id.str());
  freeze.set_buyer_id(checkout.buyer_id());
  *freeze.mutable_expire_time() = expire_time;
  co_await Try(Call<cart::v1::FreezeCartResponse>(run, "cart", std::move(freeze)));
  co_return OkStatus();
}

// The pivot: all orders, or none.
Task<Status> CheckoutSaga::PlaceOrders(Run run, State checkout, Intent intent) {
  MarkPlaced mark{.attempt = run.attempt, .order_ids = {}};
  PlaceGroup group;
  group.facts.set_group_id(run.id.str());
  group.facts.set_cart_id(checkout.cart_id());
  group.facts.set_buyer_id(checkout.buyer_id());
  *group.facts.mutable_total() = checkout.total();
  group.facts.set_payment_method(checkout.payment_method());
  group.facts.set_payment_intent_id(run.IntentId());
  std::vector<order::Place> orders;
  for (const v1::OrderSnapshot& draft : checkout.orders()) {
    order::Place& place = orders.emplace_back();
    place.policy = policy_.order;
    place.paid = intent.state() == Intent::STATE_FUNDED;
    place.snapshot = draft;
    v1::OrderSnapshot& snapshot = place.snapshot;
    snapshot.set_payment_method(checkout.payment_method());
    snapshot.set_payment_intent_id(run.IntentId());
    *snapshot.mutable_contact() = checkout.contact();
    snapshot.set_language_code(checkout.language_code());
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
  metadata.actor = ActorOf(checkout.buyer_id());
  co_return co_await engine_.Transact(run.id.str(), std::move(metadata), work, nothing);
}

Task<Status> CheckoutSaga::Undo(Run run, State checkout) {
  const std::string reason = checkout.cancel_requested() ? "CHECKOUT_CANCELLED" : checkout.failure().reason();
  if (checkout.orders_size() > 0) {  // It was priced: it may have come to a payment.
    payment::v1::VoidPaymentRequest give_up;
    give_up.set_intent_id(run.IntentId());
    give_up.set_reason("checkout_failed");
    const auto voided = co_await Call<payment::v1::VoidPaymentResponse>(run, "payment", std::move(give_up));
    co_await Try(UnlessNotFound(voided.status()));
  }
  const std::map<std::string, std::int64_t> demand = Demand(checkout);
  for (auto it = demand.rbegin(); it != demand.rend(); ++it) {
    catalog::v1::ReleaseHoldRequest release;
    release.set_product_id(it->first);
    release.set_hold_id(run.HoldId(it->first));
    const auto released = co_await Call<catalog::v1::ReleaseHoldResponse>(run, "catalog", std::move(release));
    co_await Try(UnlessNotFound(released.status()));
  }
  // Should another run have got here first, the cart may be in the next attempt already.
  const State now = co_await Try(engine_.Read<Checkout>(run.id));
  if (now.state() != State::STATE_UNDOING || now.attempt() != run.attempt) co_return OkStatus();
  cart::v1::UnfreezeCartRequest unfreeze;
  unfreeze.set_cart_id(checkout.cart_id());
  unfreeze.set_checkout_id(run.id.str());
  unfreeze.set_reason(reason);
  const auto unfrozen = co_await Call<cart::v1::UnfreezeCartResponse>(run, "cart", std::move(unfreeze));
  co_await Try(UnlessNotFound(unfrozen.status()));

  const EndAttempt end{.attempt = run.attempt, .expire_after = policy_.expire_after};
  co_await Try(engine_.Execute<Checkout>(run.id, end, run.effect.Metadata("end")));
  co_return OkStatus();
}

Task<Status> CheckoutSaga::Settle(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  const State checkout = co_await Try(engine_.Read<Checkout>(id));
  const Run run{.id = id, .attempt = checkout.attempt(), .effect = effect};
  for (const v1::OrderSnapshot& order : checkout.orders()) {
    for (const v1::OrderLine& line : order.lines()) {
      const WantedProduct product{.product_id = line.product_id(), .quantity = line.quantity()};
      co_await Try(CommitHold(run, product, order.order_id()));
    }
  }
  cart::v1::CompleteCartRequest complete;
  complete.set_cart_id(checkout.cart_id());
  complete.set_checkout_id(id.str());
  co_await Try(Call<cart::v1::CompleteCartResponse>(run, "cart", std::move(complete)));
  co_await Try(engine_.Execute<Checkout>(id, order::Settle{}, effect.Metadata("settle")));
  co_return OkStatus();
}

// A hold outlives its attempt. Should it have ended all the same (a clock that was set far
// ahead), the pieces are held again; when others took them, the order is called off.
Task<Status> CheckoutSaga::CommitHold(Run run, WantedProduct product, std::string order_id) {
  catalog::v1::CommitHoldRequest commit;
  commit.set_product_id(product.product_id);
  commit.set_hold_id(run.HoldId(product.product_id));
  commit.set_order_id(order_id);
  const auto committed = co_await Call<catalog::v1::CommitHoldResponse>(run, "catalog", commit);
  if (committed.ok() || IsTransient(committed.status())) co_return committed.status();
  const OrderId id = OrderId::Of(order_id);
  const v1::OrderState order = co_await Try(engine_.Read<Order>(id));
  if (order.state() == v1::OrderState::STATE_CANCELLED) co_return OkStatus();
  if (Reason(committed.status()) != "HOLD_ENDED") co_return committed.status();

  catalog::v1::HoldStockRequest hold;
  hold.set_product_id(product.product_id);
  hold.set_hold_id(DerivedUuid("hold-again", run.Name(), product.product_id));
  hold.set_quantity(product.quantity);
  *hold.mutable_expire_time() = ToProto(engine_.clock().Now() + policy_.stock_hold);
  const auto held = co_await Call<catalog::v1::HoldStockResponse>(run, "catalog", hold);
  if (absl::IsFailedPrecondition(held.status())) {
    const Cancel cancel{.reason = v1::CANCEL_REASON_OUT_OF_STOCK, .by = v1::PARTY_SYSTEM};
    const auto metadata = run.effect.Metadata("cancel/" + order_id);
    co_return (co_await engine_.Execute<Order>(id, cancel, metadata)).status();
  }
  if (!held.ok()) co_return held.status();
  commit.set_hold_id(hold.hold_id());
  co_return (co_await Call<catalog::v1::CommitHoldResponse>(run, "catalog", commit)).status();
}

Task<Status> CheckoutSaga::Expire(Effect effect) {
  const CheckoutId id = CheckoutId::Of(effect.aggregate_id);
  co_await Try(engine_.Execute<Checkout>(id, order::Expire{}, effect.Metadata()));
  co_return OkStatus();
}

}  // namespace souk::order
