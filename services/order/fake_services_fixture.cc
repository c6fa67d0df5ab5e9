#include "services/order/fake_services_fixture.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/order/module.h"

namespace souk::order {

using payment::v1::PaymentIntent;

namespace {

const char* SellerOf(std::string_view product_id) { return product_id == "cup" ? "s-1" : "s-2"; }

}  // namespace

type::v1::Money Euros(std::int64_t minor_units) {
  type::v1::Money money;
  money.set_currency_code("EUR");
  money.set_minor_units(minor_units);
  return money;
}

std::string ToString(const Fault& fault) {
  static constexpr const char* kNames[] = {"nothing",     "rejected",     "unreachable",
                                           "answer lost", "crash before", "crash after"};
  return fault.request + " " + std::to_string(fault.nth) + ": " + kNames[static_cast<int>(fault.kind)];
}

FakeServices::FakeServices(std::vector<std::pair<std::string, std::string>> settings)
    : fixture(OrderModule(), std::move(settings)) {
  ServeCart();
  ServeCatalog();
  ServeShipping();
  ServePayment();
}

// -- Faults --

void FakeServices::Break(Fault fault) {
  fault_ = std::move(fault);
  broken_ = false;
  calls_.clear();
}

Status FakeServices::Before(const std::string& request) {
  if (dying_) return Unavailable("the process is dying");
  const int n = ++calls_[request];
  if (fault_.request != request || n < fault_.nth) return OkStatus();
  broken_ = true;
  switch (fault_.kind) {
    case Fault::Kind::kRejected:
      return n == fault_.nth ? Rejected("NO", {}, "no") : OkStatus();
    case Fault::Kind::kUnreachable:
      return n < fault_.nth + 2 ? Unavailable("unreachable") : OkStatus();
    case Fault::Kind::kCrashBefore:
      dying_ = true;
      return Unavailable("the process is dying");
    case Fault::Kind::kNone:
    case Fault::Kind::kAnswerLost:
    case Fault::Kind::kCrashAfter:
      return OkStatus();
  }
  return OkStatus();
}

Status FakeServices::After(const std::string& request) {
  const int n = calls_[request];
  if (fault_.request != request || n < fault_.nth) return OkStatus();
  if (fault_.kind == Fault::Kind::kAnswerLost && n < fault_.nth + 2) {
    return absl::DeadlineExceededError("the answer was lost");
  }
  if (fault_.kind == Fault::Kind::kCrashAfter) {
    dying_ = true;
    return Unavailable("the process is dying");
  }
  return OkStatus();
}

void FakeServices::RunThroughFault() {
  fixture.Settle();
  if (dying_) {
    fixture.Crash();
    dying_ = false;
    fault_ = Fault();
    fixture.Start();
  }
  fixture.AdvanceBy(absl::Minutes(1));
}

template <typename Request, typename Response>
void FakeServices::Serve(const std::string& service,
                         StatusOr<Response> (FakeServices::*handler)(const Request&)) {
  fixture.Fake(service).On<Request>([this, handler](const Request& request) -> StatusOr<Response> {
    const std::string name = Request::descriptor()->name();
    RETURN_IF_ERROR(Before(name));
    StatusOr<Response> response = (this->*handler)(request);
    RETURN_IF_ERROR(After(name));
    return response;
  });
}

// -- Cart --

void FakeServices::ServeCart() {
  Serve("cart", &FakeServices::OnGetCart);
  Serve("cart", &FakeServices::OnFreezeCart);
  Serve("cart", &FakeServices::OnUnfreezeCart);
  Serve("cart", &FakeServices::OnCompleteCart);
}

StatusOr<cart::v1::GetCartResponse> FakeServices::OnGetCart(const cart::v1::GetCartRequest& request) {
  if (request.cart_id() != "c-1") return NotFound("no such cart");
  cart::v1::GetCartResponse response;
  response.mutable_cart()->set_cart_id("c-1");
  response.mutable_cart()->set_buyer_id("b-1");
  for (const auto& [product_id, quantity] : {std::pair("jug", 1), std::pair("cup", 2)}) {
    cart::v1::CartItem& item = *response.mutable_cart()->add_items();
    item.set_product_id(product_id);
    item.set_seller_id(SellerOf(product_id));
    item.set_quantity(quantity);
  }
  return response;
}

StatusOr<cart::v1::FreezeCartResponse> FakeServices::OnFreezeCart(
    const cart::v1::FreezeCartRequest& request) {
  if (request.buyer_id() != "b-1") return NotFound("no such cart");
  if (cart == Cart::kCompleted) return IllegalTransition("the cart is complete");
  cart = Cart::kFrozen;
  cart::v1::FreezeCartResponse response;
  for (const auto& [product_id, quantity] : {std::pair("jug", 1), std::pair("cup", 2)}) {
    cart::v1::CartLine& line = *response.add_lines();
    line.set_product_id(product_id);
    line.set_quantity(quantity);
  }
  return response;
}

StatusOr<cart::v1::UnfreezeCartResponse> FakeServices::OnUnfreezeCart(const cart::v1::UnfreezeCartRequest&) {
  if (cart == Cart::kFrozen) cart = Cart::kActive;
  return cart::v1::UnfreezeCartResponse();
}

StatusOr<cart::v1::CompleteCartResponse> FakeServices::OnCompleteCart(const cart::v1::CompleteCartRequest&) {
  if (cart == Cart::kActive) return IllegalTransition("the cart is not frozen");
  cart = Cart::kCompleted;
  return cart::v1::CompleteCartResponse();
}

// -- Catalogue --

void FakeServices::ServeCatalog() {
  Serve("catalog", &FakeServices::OnGetOffers);
  Serve("catalog", &FakeServices::OnGetSellerContact);
  Serve("catalog", &FakeServices::OnHoldStock);
  Serve("catalog", &FakeServices::OnExtendHold);
  Serve("catalog", &FakeServices::OnCommitHold);
  Serve("catalog", &FakeServices::OnReleaseHold);
}

StatusOr<catalog::v1::GetOffersResponse> FakeServices::OnGetOffers(
    const catalog::v1::GetOffersRequest& request) {
  catalog::v1::GetOffersResponse response;
  for (const std::string& product_id : request.product_ids()) {
    catalog::v1::GetOffersResponse::Offer& offer = *response.add_offers();
    const bool cup = product_id == "cup";
    offer.set_product_id(product_id);
    offer.set_seller_id(SellerOf(product_id));
    offer.set_title(cup ? "Cup" : "Jug");
    *offer.mutable_price() = Euros(cup ? cup_price : 2500);
    offer.set_available_quantity(stock[product_id]);
    offer.set_saleable(true);
    offer.set_delivery_profile_id("p-1");
  }
  return response;
}

StatusOr<catalog::v1::GetSellerContactResponse> FakeServices::OnGetSellerContact(
    const catalog::v1::GetSellerContactRequest& request) {
  catalog::v1::GetSellerContactResponse response;
  response.set_shop_note("Thank you from " + request.seller_id());
  return response;
}

StatusOr<catalog::v1::HoldStockResponse> FakeServices::OnHoldStock(
    const catalog::v1::HoldStockRequest& request) {
  Hold& hold = holds[request.hold_id()];
  if (hold.state == "held") return catalog::v1::HoldStockResponse();
  if (!hold.state.empty()) return Rejected("HOLD_ENDED", {}, "the hold has ended");
  hold.product_id = request.product_id();
  if (stock[request.product_id()] < request.quantity()) {
    holds.erase(request.hold_id());
    const std::string available = std::to_string(stock[request.product_id()]);
    return Rejected("OUT_OF_STOCK", {{"available", available}}, "not enough");
  }
  stock[request.product_id()] -= request.quantity();
  hold.quantity = request.quantity();
  hold.state = "held";
  return catalog::v1::HoldStockResponse();
}

StatusOr<catalog::v1::ExtendHoldResponse> FakeServices::OnExtendHold(
    const catalog::v1::ExtendHoldRequest& request) {
  if (holds[request.hold_id()].state != "held") return Rejected("HOLD_ENDED", {}, "the hold has ended");
  return catalog::v1::ExtendHoldResponse();
}

StatusOr<catalog::v1::CommitHoldResponse> FakeServices::OnCommitHold(
    const catalog::v1::CommitHoldRequest& request) {
  Hold& hold = holds[request.hold_id()];
  if (hold.state == "committed" && hold.order_id == request.order_id())
    return catalog::v1::CommitHoldResponse();
  if (hold.state != "held") return Rejected("HOLD_ENDED", {}, "the hold has ended");
  hold.state = "committed";
  hold.order_id = request.order_id();
  return catalog::v1::CommitHoldResponse();
}

StatusOr<catalog::v1::ReleaseHoldResponse> FakeServices::OnReleaseHold(
    const catalog::v1::ReleaseHoldRequest& request) {
  Hold& hold = holds[request.hold_id()];
  if (hold.state == "committed") return Rejected("HOLD_COMMITTED", {}, "an order has it");
  if (hold.state == "held") stock[hold.product_id] += hold.quantity;
  hold.state = "released";
  return catalog::v1::ReleaseHoldResponse();
}

// -- Shipping --

void FakeServices::ServeShipping() {
  Serve("shipping", &FakeServices::OnQuoteDelivery);
  Serve("shipping", &FakeServices::OnListDeliveryOffers);
  Serve("shipping", &FakeServices::OnStopShipment);
}

StatusOr<shipping::v1::QuoteDeliveryResponse> FakeServices::OnQuoteDelivery(
    const shipping::v1::QuoteDeliveryRequest& request) {
  if (request.destination().region_code() != "DE") {
    return Rejected("DELIVERY_UNAVAILABLE", {{"seller_id", request.seller_id()}}, "not there");
  }
  shipping::v1::QuoteDeliveryResponse response;
  shipping::v1::ShippingQuote& quote = *response.add_quotes();
  quote.set_quote_id("q-" + request.seller_id());
  quote.set_option_id("parcel");
  quote.set_display_name("Parcel");
  *quote.mutable_cost() = Euros(490);
  *quote.mutable_promise()->mutable_ship_by_time() = ToProto(fixture.now() + absl::Hours(48));
  *quote.mutable_destination() = request.destination();
  return response;
}

StatusOr<shipping::v1::ListDeliveryOffersResponse> FakeServices::OnListDeliveryOffers(
    const shipping::v1::ListDeliveryOffersRequest& request) {
  shipping::v1::ListDeliveryOffersResponse response;
  if (request.destination().region_code() != "DE") return response;
  shipping::v1::DeliveryOffer& offer = *response.add_offers();
  offer.set_option_id("parcel");
  offer.set_display_name("Parcel");
  *offer.mutable_cost() = Euros(490);
  return response;
}

StatusOr<shipping::v1::StopShipmentResponse> FakeServices::OnStopShipment(
    const shipping::v1::StopShipmentRequest& request) {
  if (const auto it = unstoppable.find(request.order_id()); it != unstoppable.end()) return it->second;
  return shipping::v1::StopShipmentResponse();
}

// -- Payment --

void FakeServices::ServePayment() {
  Serve("payment", &FakeServices::OnCreatePaymentIntent);
  Serve("payment", &FakeServices::OnAuthorizePayment);
  Serve("payment", &FakeServices::OnVoidPayment);
  Serve("payment", &FakeServices::OnGetPaymentIntent);
}

StatusOr<payment::v1::CreatePaymentIntentResponse> FakeServices::OnCreatePaymentIntent(
    const payment::v1::CreatePaymentIntentRequest& request) {
  std::int64_t sum = 0;
  for (const auto& share : request.shares()) sum += share.amount().minor_units();
  CHECK(sum == request.amount().minor_units());
  PaymentIntent& intent = intents[request.intent_id()];
  if (intent.state() == PaymentIntent::STATE_UNSPECIFIED) {
    intent.set_intent_id(request.intent_id());
    *intent.mutable_amount() = request.amount();
    intent.set_method(request.method());
    intent.set_state(request.method() == payment::v1::PAYMENT_METHOD_CARD
                         ? PaymentIntent::STATE_CREATED
                         : PaymentIntent::STATE_AWAITING_FUNDS);
  }
  payment::v1::CreatePaymentIntentResponse response;
  *response.mutable_payment_intent() = intent;
  return response;
}

StatusOr<payment::v1::AuthorizePaymentResponse> FakeServices::OnAuthorizePayment(
    const payment::v1::AuthorizePaymentRequest& request) {
  PaymentIntent& intent = intents.at(request.intent_id());
  if (intent.state() == PaymentIntent::STATE_CREATED) intent.set_state(card_answer);
  if (intent.state() == PaymentIntent::STATE_DECLINED) intent.set_decline_code("insufficient_funds");
  payment::v1::AuthorizePaymentResponse response;
  *response.mutable_payment_intent() = intent;
  return response;
}

StatusOr<payment::v1::VoidPaymentResponse> FakeServices::OnVoidPayment(
    const payment::v1::VoidPaymentRequest& request) {
  const auto intent = intents.find(request.intent_id());
  if (intent == intents.end()) return NotFound("no such payment intent");
  intent->second.set_state(PaymentIntent::STATE_VOIDED);
  return payment::v1::VoidPaymentResponse();
}

StatusOr<payment::v1::GetPaymentIntentResponse> FakeServices::OnGetPaymentIntent(
    const payment::v1::GetPaymentIntentRequest& request) {
  payment::v1::GetPaymentIntentResponse response;
  *response.mutable_payment_intent() = intents.at(request.intent_id());
  return response;
}

// -- What the services have done --

int FakeServices::CountHolds(std::string_view state) const {
  return static_cast<int>(std::count_if(holds.begin(), holds.end(),
                                        [&](const auto& hold) { return hold.second.state == state; }));
}

int FakeServices::CountIntents(PaymentIntent::State state) const {
  return static_cast<int>(std::count_if(intents.begin(), intents.end(),
                                        [&](const auto& intent) { return intent.second.state() == state; }));
}

bool FakeServices::NothingReserved() const {
  const bool all_void = CountIntents(PaymentIntent::STATE_VOIDED) == static_cast<int>(intents.size());
  return cart == Cart::kActive && CountHolds("held") == 0 && CountHolds("committed") == 0 && all_void;
}

}  // namespace souk::order
