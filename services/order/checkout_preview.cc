#include "services/order/checkout_preview.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/rpc/channel.h"

namespace souk::order {
namespace {

rpc::CallOptions OptionsFor(const rpc::CallContext& call) {
  rpc::CallOptions options;
  options.deadline = call.deadline;
  options.correlation_id = call.correlation_id;
  options.traceparent = call.traceparent;
  return options;
}

v1::CheckoutProblem Problem(std::string reason, std::string seller_id, std::string missing) {
  v1::CheckoutProblem problem;
  problem.set_reason(std::move(reason));
  problem.set_seller_id(std::move(seller_id));
  problem.set_missing(std::move(missing));
  return problem;
}

v1::DeliveryOption ToOption(const shipping::v1::DeliveryOffer& offer) {
  v1::DeliveryOption option;
  option.set_option_id(offer.option_id());
  option.set_display_name(offer.display_name());
  option.set_carrier(offer.carrier());
  option.set_pickup(offer.pickup());
  *option.mutable_cost() = offer.cost();
  if (offer.has_free_over_missing()) *option.mutable_free_over_missing() = offer.free_over_missing();
  *option.mutable_ship_by_time() = offer.ship_by_time();
  *option.mutable_arrive_from() = offer.arrive_from();
  *option.mutable_arrive_until() = offer.arrive_until();
  return option;
}

void AddTo(type::v1::Money& sum, const type::v1::Money& amount) {
  sum.set_currency_code(amount.currency_code());
  sum.set_minor_units(sum.minor_units() + amount.minor_units());
}

shipping::v1::ListDeliveryOffersRequest AskFor(const v1::CheckoutState& state, const v1::OrderSnapshot& order,
                                               const Offers& offers) {
  shipping::v1::ListDeliveryOffersRequest request;
  for (shipping::v1::DeliveryLine& line : DeliveryLinesOf(order, offers))
    *request.add_lines() = std::move(line);
  request.mutable_destination()->set_region_code(state.region_code());
  request.mutable_destination()->set_postal_code(state.postal_code());
  return request;
}

// The part of one seller, and what stands in its way.
void AddPart(v1::OrderSnapshot order, google::protobuf::RepeatedPtrField<v1::DeliveryOption> options,
             const std::string& selected, bool has_address, v1::Checkout& checkout) {
  v1::CheckoutPart& part = *checkout.add_parts();
  part.set_seller_id(order.seller_id());
  *part.mutable_lines() = std::move(*order.mutable_lines());
  part.set_selected_option_id(selected);
  *part.mutable_items_total() = order.items_total();
  AddTo(*checkout.mutable_total(), order.items_total());
  const auto chosen = std::find_if(options.begin(), options.end(),
                                   [&](const auto& option) { return option.option_id() == selected; });
  if (chosen != options.end()) {
    *part.mutable_shipping_total() = chosen->cost();
    AddTo(*checkout.mutable_total(), chosen->cost());
  } else if (has_address && (options.empty() || !selected.empty())) {
    *checkout.add_problems() = Problem("DELIVERY_UNAVAILABLE", order.seller_id(), "");
  } else if (selected.empty()) {
    *checkout.add_problems() = Problem("CHECKOUT_INCOMPLETE", order.seller_id(), "delivery");
  }
  *part.mutable_options() = std::move(options);
}

}  // namespace

Task<StatusOr<cart::v1::Cart>> CheckoutPreview::GetCart(rpc::CallContext call, std::string cart_id) {
  cart::v1::GetCartRequest request;
  request.set_cart_id(std::move(cart_id));
  cart::v1::GetCartResponse response = co_await Try(
      rpc::Call<cart::v1::GetCartResponse>(channels_.To("cart"), OptionsFor(call), std::move(request)));
  co_return std::move(*response.mutable_cart());
}

Task<StatusOr<v1::Checkout>> CheckoutPreview::Price(rpc::CallContext call, Shared<v1::CheckoutState> state,
                                                    cart::v1::Cart cart, v1::Checkout checkout) {
  std::vector<WantedProduct> wanted;
  catalog::v1::GetOffersRequest ask;
  for (const cart::v1::CartItem& item : cart.items()) {
    wanted.push_back({.product_id = item.product_id(), .quantity = item.quantity()});
    ask.add_product_ids(item.product_id());
  }
  const Offers offers =
      co_await Try(rpc::Call<Offers>(channels_.To("catalog"), OptionsFor(call), std::move(ask)));
  Draft draft = DraftOrders(state->checkout_id(), state->buyer_id(), wanted, offers);

  for (v1::CheckoutProblem& problem : draft.problems) *checkout.add_problems() = std::move(problem);
  if (!state->has_contact()) *checkout.add_problems() = Problem("CHECKOUT_INCOMPLETE", "", "address");
  if (state->payment_method() == v1::PAYMENT_METHOD_UNSPECIFIED) {
    *checkout.add_problems() = Problem("CHECKOUT_INCOMPLETE", "", "payment_method");
  }
  for (v1::OrderSnapshot& order : draft.orders) {
    DeliveryOptions options;
    if (state->has_contact()) options = co_await Try(Options(call, AskFor(*state, order, offers)));
    const std::string selected = SelectedOption(*state, order.seller_id());
    AddPart(std::move(order), std::move(options), selected, state->has_contact(), checkout);
  }
  co_return checkout;
}

Task<StatusOr<CheckoutPreview::DeliveryOptions>> CheckoutPreview::Options(
    rpc::CallContext call, shipping::v1::ListDeliveryOffersRequest request) {
  const auto response = co_await Try(rpc::Call<shipping::v1::ListDeliveryOffersResponse>(
      channels_.To("shipping"), OptionsFor(call), std::move(request)));
  DeliveryOptions options;
  for (const shipping::v1::DeliveryOffer& offer : response.offers()) *options.Add() = ToOption(offer);
  co_return options;
}

}  // namespace souk::order
