// What a checkout costs: offers and delivery are put together to the orders to be. Pure
// functions; the saga and the pages that a buyer sees before use the same ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::order {

// A product and how much of it is wanted.
struct WantedProduct {
  std::string product_id;
  std::int64_t quantity = 0;
};

// How orders of a checkout come out at present.
struct Draft {
  // One per seller, in the order of their ids, numbered, without delivery.
  std::vector<v1::OrderSnapshot> orders;
  // Why they cannot be placed like that; empty when they can, as far as this is known here.
  std::vector<v1::CheckoutProblem> problems;
};

using Offers = catalog::v1::GetOffersResponse;

// Products that cannot be bought are left out and become problems.
Draft DraftOrders(std::string_view group_id, std::string_view buyer_id, std::span<const WantedProduct> wanted,
                  const Offers& offers);

// How the problem looks as an error of PlaceOrder.
Status ToStatus(const v1::CheckoutProblem& problem);

// An order's lines as the shipping service wants them.
std::vector<shipping::v1::DeliveryLine> DeliveryLinesOf(const v1::OrderSnapshot& order, const Offers& offers);

// What the buyer chose for this seller; "" when nothing.
std::string SelectedOption(const v1::CheckoutState& checkout, std::string_view seller_id);

// Puts the chosen way of delivery into the order. FAILED_PRECONDITION CHECKOUT_INCOMPLETE
// when none was chosen, DELIVERY_UNAVAILABLE {seller_id} when it is not among `quotes`.
Status ApplyDelivery(std::string_view option_id, std::span<const shipping::v1::ShippingQuote> quotes,
                     v1::OrderSnapshot& order);

// The sum over all orders. They are in one currency.
type::v1::Money TotalOf(std::span<const v1::OrderSnapshot> orders);

// OK when the buyer agrees to the total: it is what was expected, or less. Otherwise
// ABORTED TOTAL_CHANGED {new_total, currency_code, expected_total}.
Status CheckTotal(const type::v1::Money& total, const type::v1::Money& expected);

}  // namespace souk::order
