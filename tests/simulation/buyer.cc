// A buyer and one purchase of hers: she fills a cart, changes her mind, checks out with
// whatever card she has, pays or does not, waits, cancels or says that it came.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/notification/v1/notification_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "tests/simulation/client.h"
#include "tests/simulation/people.h"

namespace souk::simulation {
namespace {

namespace cart = souk::cart::v1;
namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace notification = souk::notification::v1;
namespace payment = souk::payment::v1;
using CheckoutState = order::CheckoutState;
using OrderState = order::OrderState;

constexpr int kPlaceAttemptsMax = 4;
// Why she goes without having bought: not an error of anybody.
Status Leaves(std::string_view why) {
  return absl::CancelledError(absl::string_view(why.data(), why.size()));
}

constexpr const char* kMagicCards[] = {"tok_declined",
                                       "tok_insufficient_funds",
                                       "tok_lost_card",
                                       "tok_stolen_card",
                                       "tok_expired_card",
                                       "tok_incorrect_cvc",
                                       "tok_processing_error",
                                       "tok_timeout_then_success",
                                       "tok_timeout_then_failure",
                                       "tok_duplicate_webhook",
                                       "tok_webhook_before_response",
                                       "tok_action_required",
                                       "tok_action_abandoned",
                                       "tok_capture_fails",
                                       "tok_capture_timeout",
                                       "tok_refund_fails"};

class Buyer {
 public:
  Buyer(World& world, int number)
      : world_(world),
        stage_(world.stage()),
        id_(absl::StrFormat("b-%d", stage_.Below(static_cast<std::uint64_t>(stage_.plan.buyers)))),
        client_(stage_, (stage_.Chance(0.2) ? "guest/" : "buyer/") + id_),
        clerk_(stage_, "operator/bank-clerk", Client::Patience::kEndless),
        index_(world.testimony().purchases.size()) {
    Testimony::Purchase purchase;
    purchase.buyer = client_.name();
    purchase.email = absl::StrFormat("%s.%d@buyers.example", id_, number);
    world.testimony().purchases.push_back(std::move(purchase));
  }

  Task<> Run() {
    const Status status = co_await Buy();
    const std::string reason = Reason(status);
    stage_.history.Count("purchase", status.ok()                 ? "done"
                                     : absl::IsCancelled(status) ? std::string(status.message())
                                     : !reason.empty()           ? reason
                                                                 : absl::StatusCodeToString(status.code()));
    if (!status.ok()) stage_.history.Note(client_.name(), "ends her visit: " + status.ToString());
  }

 private:
  Task<Status> Buy();
  Task<Status> FillCart();
  Task<Status> CheckOut();
  Task<Status> Choose();
  Task<Status> Place();
  // OK when it was called off.
  Task<Status> CallOff();
  // Waits until the attempt has ended, one way or the other.
  Task<StatusOr<order::Checkout>> AwaitEnd(order::Checkout checkout);
  Task<Status> LearnOrders();
  Task<Status> PayOffline();
  Task<Status> LiveWithOrders();
  Task<Status> LiveWith(std::string order_id);

  Testimony::Purchase& told() { return world_.testimony().purchases[index_]; }
  Task<> Think() { return ThinkOf(&stage_); }
  static Task<> ThinkOf(Stage* stage) { co_await Sleep(stage->scheduler, stage->Upto(absl::Seconds(40))); }
  bool ChangesMind() {
    const bool changes = stage_.Chance(stage_.plan.change_mind);
    if (changes) stage_.history.Count("person", "buyer changes her mind");
    return changes;
  }

  World& world_;
  Stage& stage_;
  const std::string id_;
  Client client_;
  Client clerk_;
  const std::size_t index_;
  order::PaymentMethod method_ = order::PAYMENT_METHOD_CARD;
  std::vector<std::string> order_ids_;
};

Task<Status> Buyer::Buy() {
  while (world_.shelf().empty()) co_await Sleep(stage_.scheduler, absl::Minutes(5));
  if (stage_.Chance(stage_.plan.change_mind / 4)) {
    notification::SetPreferenceRequest opt_out;
    opt_out.set_category(notification::CATEGORY_REVIEWS);
    opt_out.set_recipient("buyer/" + id_);
    co_await client_.Mention<notification::SetPreferenceResponse>(opt_out);
  }
  co_await Try(FillCart());
  if (stage_.Chance(stage_.plan.abandon)) co_return Leaves("abandoned the cart");
  co_await Try(CheckOut());
  co_await Try(Place());
  co_await Try(LearnOrders());
  co_await Try(PayOffline());
  co_return co_await LiveWithOrders();
}

Task<Status> Buyer::FillCart() {
  const auto created = co_await Try(client_.Call<cart::CreateCartResponse>(cart::CreateCartRequest()));
  told().cart_id = created.cart().cart_id();
  const int lines = 1 + static_cast<int>(stage_.Below(3));
  int in_cart = 0;
  if (client_.name().starts_with("buyer/") && stage_.Chance(stage_.plan.sign_in)) {
    const auto brought =
        co_await BringGuestCart(&world_, &client_, absl::StrFormat("t-%d", index_), told().cart_id);
    if (brought.ok()) in_cart = *brought;
    if (!brought.ok() && IsTransient(brought.status())) co_return brought.status();
  }
  for (int i = 0; i < lines; ++i) {
    co_await Think();
    cart::AddItemRequest add;
    add.set_cart_id(told().cart_id);
    add.set_product_id(world_.shelf()[stage_.Below(world_.shelf().size())]);
    add.set_quantity(1 + static_cast<int>(stage_.Below(3)));
    const auto added = co_await client_.Call<cart::AddItemResponse>(add);
    if (added.ok()) in_cart = added->cart().item_count();
    if (!added.ok() && IsTransient(added.status())) co_return added.status();
    if (!ChangesMind()) continue;
    if (stage_.Chance(0.5)) {
      cart::SetItemQuantityRequest set;
      set.set_cart_id(told().cart_id);
      set.set_product_id(add.product_id());
      set.set_quantity(1 + static_cast<int>(stage_.Below(2)));
      co_await client_.Mention<cart::SetItemQuantityResponse>(set);
    } else {
      cart::RemoveItemRequest remove;
      remove.set_cart_id(told().cart_id);
      remove.set_product_id(add.product_id());
      co_await client_.Mention<cart::RemoveItemResponse>(remove);
    }
  }
  if (in_cart == 0) co_return Leaves("found nothing");
  co_return OkStatus();
}

Task<Status> Buyer::CheckOut() {
  order::StartCheckoutRequest start;
  start.set_cart_id(told().cart_id);
  start.set_language_code("en");
  const auto started = co_await Try(client_.Call<order::StartCheckoutResponse>(start));
  told().checkout_id = started.checkout().checkout_id();
  co_await Think();
  order::SetAddressRequest address;
  address.set_checkout_id(told().checkout_id);
  order::Contact& contact = *address.mutable_contact();
  contact.set_contact_name("Buyer " + id_);
  contact.set_email(told().email);
  contact.mutable_address()->set_region_code(stage_.Chance(0.05) ? "US"
                                                                 : "DE");  // Nobody delivers to the US.
  contact.mutable_address()->set_postal_code("10115");
  contact.mutable_address()->set_locality("Berlin");
  contact.mutable_address()->add_address_lines("Ackerstr. 12");
  co_await Try(client_.Call<order::SetAddressResponse>(address));
  if (ChangesMind()) {
    contact.mutable_address()->set_postal_code("80331");
    co_await client_.Mention<order::SetAddressResponse>(address);
  }
  co_return co_await Choose();
}

Task<Status> Buyer::Choose() {
  co_await Think();
  order::GetCheckoutRequest get;
  get.set_checkout_id(told().checkout_id);
  const auto looked = co_await Try(client_.Call<order::GetCheckoutResponse>(get));
  for (const order::CheckoutPart& part : looked.checkout().parts()) {
    if (part.options().empty()) continue;
    order::SelectDeliveryRequest select;
    select.set_checkout_id(told().checkout_id);
    select.set_seller_id(part.seller_id());
    const auto choice = static_cast<int>(stage_.Below(static_cast<std::uint64_t>(part.options_size())));
    select.set_option_id(part.options(choice).option_id());
    co_await Try(client_.Call<order::SelectDeliveryResponse>(select));
  }
  order::SelectPaymentMethodRequest pay;
  pay.set_checkout_id(told().checkout_id);
  method_ = order::PAYMENT_METHOD_CARD;
  if (stage_.Chance(stage_.plan.offline)) {
    method_ =
        stage_.Chance(0.7) ? order::PAYMENT_METHOD_BANK_TRANSFER : order::PAYMENT_METHOD_CASH_ON_DELIVERY;
  } else {
    const bool magic = stage_.Chance(stage_.plan.magic_cards);
    pay.set_card_token(magic ? kMagicCards[stage_.Below(std::size(kMagicCards))] : "tok_ok");
    stage_.history.Count("card", pay.card_token());
  }
  pay.set_method(method_);
  co_await Try(client_.Call<order::SelectPaymentMethodResponse>(pay));
  co_return OkStatus();
}

Task<Status> Buyer::Place() {
  for (int attempt = 0; attempt < kPlaceAttemptsMax; ++attempt) {
    co_await Think();
    order::GetCheckoutRequest get;
    get.set_checkout_id(told().checkout_id);
    const auto looked = co_await Try(client_.Call<order::GetCheckoutResponse>(get));
    if (looked.checkout().state() != CheckoutState::STATE_OPEN) {
      const order::Checkout ended = co_await Try(AwaitEnd(looked.checkout()));
      if (ended.state() == CheckoutState::STATE_PLACED) co_return OkStatus();
    }
    if (stage_.Chance(stage_.plan.cancel / 2) && (co_await CallOff()).ok()) {
      co_return Leaves("cancelled the checkout");
    }
    order::PlaceOrderRequest place;
    place.set_checkout_id(told().checkout_id);
    *place.mutable_expected_total() = looked.checkout().total();
    told().agreed_total = looked.checkout().total().minor_units();
    told().asked_to_place = true;
    const auto answer = co_await client_.Call<order::PlaceOrderResponse>(place);
    if (answer.ok()) {
      const order::Checkout ended = co_await Try(AwaitEnd(answer->checkout()));
      if (ended.state() == CheckoutState::STATE_PLACED) co_return OkStatus();
      stage_.history.Count("failed attempt", ended.last_failure().reason());
    } else if (IsTransient(answer.status())) {
      co_return answer.status();
    } else {
      stage_.history.Count("failed attempt", Reason(answer.status()));
    }
    if (stage_.Chance(0.3)) co_return Leaves("gave up after a failed attempt");
    co_await Try(Choose());
  }
  co_return Leaves("tried too often");
}

Task<Status> Buyer::CallOff() {
  order::CancelCheckoutRequest cancel;
  cancel.set_checkout_id(told().checkout_id);
  const auto cancelled = co_await client_.Call<order::CancelCheckoutResponse>(cancel);
  told().given_up |= cancelled.ok();
  co_return cancelled.status();
}

Task<StatusOr<order::Checkout>> Buyer::AwaitEnd(order::Checkout checkout) {
  absl::Duration pause = absl::Seconds(5);
  bool confirmed = false;
  for (int looks = 0; looks < 60; ++looks) {
    if (checkout.state() == CheckoutState::STATE_PLACED) {
      told().placed = true;
      co_return checkout;
    }
    if (checkout.state() == CheckoutState::STATE_OPEN || checkout.state() == CheckoutState::STATE_CANCELLED ||
        checkout.state() == CheckoutState::STATE_EXPIRED) {
      co_return checkout;
    }
    if (checkout.state() == CheckoutState::STATE_ACTION_REQUIRED && !confirmed && stage_.Chance(0.7)) {
      confirmed = true;
      payment::ConfirmCardActionRequest confirm;
      confirm.set_intent_id(checkout.payment_intent_id());
      world_.bank().Confirm(confirm.intent_id());
      if (stage_.Chance(0.7)) co_await client_.Mention<payment::ConfirmCardActionResponse>(confirm);
    }
    const bool waits_for_payment = checkout.state() == CheckoutState::STATE_ACTION_REQUIRED ||
                                   checkout.state() == CheckoutState::STATE_PAYMENT_PENDING;
    if (waits_for_payment && stage_.Chance(stage_.plan.cancel) && (co_await CallOff()).ok()) {
      co_return Leaves("cancelled while it was placed");
    }
    co_await Sleep(stage_.scheduler, pause);
    pause = std::min(2 * pause, absl::Duration(absl::Minutes(10)));
    order::GetCheckoutRequest get;
    get.set_checkout_id(told().checkout_id);
    checkout = (co_await Try(client_.Call<order::GetCheckoutResponse>(get))).checkout();
  }
  co_return Leaves("waited in vain");
}

Task<Status> Buyer::LearnOrders() {
  order::GetOrderGroupRequest get;
  get.set_group_id(told().checkout_id);
  const auto group = co_await Try(client_.Call<order::GetOrderGroupResponse>(get));
  for (const order::Order& one : group.order_group().orders()) {
    Testimony::Order& known = world_.testimony().orders[one.order_id()];
    known.order_id = one.order_id();
    known.group_id = told().checkout_id;
    known.seller_id = one.snapshot().seller_id();
    known.total = one.snapshot().total().minor_units();
    known.content_hash = one.content_hash();
    known.lines.clear();
    for (const order::OrderLine& line : one.snapshot().lines()) {
      known.lines.push_back({line.product_id(), line.quantity(), line.unit_price().minor_units()});
    }
    order_ids_.push_back(one.order_id());
  }
  co_return OkStatus();
}

Task<Status> Buyer::PayOffline() {
  if (method_ != order::PAYMENT_METHOD_BANK_TRANSFER) co_return OkStatus();
  order::GetOrderGroupRequest ask;
  ask.set_group_id(told().checkout_id);
  const auto group = co_await Try(client_.Call<order::GetOrderGroupResponse>(ask));
  payment::GetPaymentIntentRequest get;
  get.set_intent_id(group.order_group().payment_intent_id());
  const auto intent = co_await Try(client_.Call<payment::GetPaymentIntentResponse>(get));
  const payment::BankTransfer& transfer = intent.payment_intent().bank_transfer();
  if (transfer.reference().empty() || stage_.Chance(0.15)) co_return OkStatus();  // She never pays.
  std::vector<std::int64_t> amounts = {transfer.amount().minor_units()};
  if (stage_.Chance(0.15)) amounts = {amounts[0] / 2};
  if (stage_.Chance(0.15)) amounts = {amounts[0] / 2, amounts[0] - amounts[0] / 2};
  if (stage_.Chance(0.15)) amounts[0] += 100;
  for (const std::int64_t amount : amounts) {
    co_await Sleep(stage_.scheduler, stage_.Upto(absl::Hours(24 * 3)));
    if (amount <= 0) continue;
    payment::RecordFundsRequest funds;
    funds.set_reference(transfer.reference());
    funds.mutable_amount()->set_currency_code("EUR");
    funds.mutable_amount()->set_minor_units(amount);
    *funds.mutable_occur_time() = ToProto(stage_.scheduler.Now());
    world_.bank().ReceiveTransfer(transfer.reference(), amount);
    const auto recorded = co_await clerk_.Call<payment::RecordFundsResponse>(funds);
    // What is not ours goes back; what the clerk could not book for certain she would look into.
    if (!recorded.ok() && !IsTransient(recorded.status())) {
      world_.bank().ReceiveTransfer(transfer.reference(), -amount);
    }
  }
  co_return OkStatus();
}

Task<Status> Buyer::LiveWithOrders() {
  const std::vector<std::string> ids = order_ids_;
  for (const std::string& id : ids) co_await Try(LiveWith(id));
  co_return OkStatus();
}

Task<Status> Buyer::LiveWith(std::string order_id) {
  if (stage_.Chance(stage_.plan.cancel)) {
    co_await Sleep(stage_.scheduler, stage_.Upto(absl::Hours(12)));
    order::CancelOrderRequest cancel;
    cancel.set_order_id(order_id);
    cancel.set_reason(order::CANCEL_REASON_CHANGED_MIND);
    const auto cancelled = co_await client_.Call<order::CancelOrderResponse>(cancel);
    if (cancelled.ok()) {
      world_.testimony().orders[order_id].cancelled = true;
      co_return OkStatus();
    }
    if (IsTransient(cancelled.status())) co_return cancelled.status();
  }
  if (!stage_.Chance(stage_.plan.confirm)) co_return OkStatus();
  for (int day = 0; day < 12; ++day) {
    co_await Sleep(stage_.scheduler, absl::Hours(12) + stage_.Upto(absl::Hours(24)));
    order::GetOrderRequest get;
    get.set_order_id(order_id);
    const auto looked = co_await Try(client_.Call<order::GetOrderResponse>(get));
    const OrderState::State state = looked.order().state();
    if (state == OrderState::STATE_CANCELLED || state == OrderState::STATE_COMPLETED) co_return OkStatus();
    if (state != OrderState::STATE_DISPATCHED || stage_.Chance(0.5)) continue;
    order::ConfirmReceiptRequest confirm;
    confirm.set_order_id(order_id);
    const auto confirmed = co_await Try(client_.Call<order::ConfirmReceiptResponse>(confirm));
    world_.testimony().orders[order_id].received = true;
    if (!stage_.Chance(stage_.plan.review)) co_return OkStatus();
    catalog::SubmitReviewRequest review;
    review.set_order_id(order_id);
    review.set_line_id(confirmed.order().snapshot().lines(0).line_id());
    review.set_score(1 + static_cast<int>(stage_.Below(5)));
    review.set_text("As described.");
    co_await Sleep(stage_.scheduler, absl::Minutes(1));
    const auto submitted = co_await client_.Call<catalog::SubmitReviewResponse>(review);
    co_return submitted.status();
  }
  co_return OkStatus();
}

}  // namespace

Task<> RunBuyer(World* world, int number) {
  Buyer buyer(*world, number);
  co_await buyer.Run();
}

}  // namespace souk::simulation
