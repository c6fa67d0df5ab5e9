#include "services/order/checkout_pricing.h"

#include <algorithm>
#include <map>

#include "services/order/order.h"

namespace souk::order {
namespace {

using Offer = Offers::Offer;

const Offer* Find(const Offers& offers, std::string_view product_id) {
  const auto it = std::find_if(offers.offers().begin(), offers.offers().end(),
                               [&](const Offer& offer) { return offer.product_id() == product_id; });
  return it == offers.offers().end() ? nullptr : &*it;
}

v1::CheckoutProblem Problem(std::string_view reason, std::string_view product_id = "") {
  v1::CheckoutProblem problem;
  problem.set_reason(std::string(reason));
  problem.set_product_id(std::string(product_id));
  return problem;
}

type::v1::Money MoneyOf(std::string_view currency_code, std::int64_t minor_units) {
  type::v1::Money money;
  money.set_currency_code(std::string(currency_code));
  money.set_minor_units(minor_units);
  return money;
}

void AddTo(type::v1::Money& sum, const type::v1::Money& amount) {
  sum.set_currency_code(amount.currency_code());
  sum.set_minor_units(sum.minor_units() + amount.minor_units());
}

void AddLine(const Offer& offer, std::int64_t quantity, v1::OrderSnapshot& order) {
  v1::OrderLine& line = *order.add_lines();
  line.set_line_id(std::to_string(order.lines_size()));
  line.set_product_id(offer.product_id());
  line.set_title(offer.title());
  line.set_quantity(quantity);
  *line.mutable_unit_price() = offer.price();
  *line.mutable_amount() = MoneyOf(offer.price().currency_code(), offer.price().minor_units() * quantity);
  line.set_offer_version(offer.offer_version());
  line.set_weight_grams(offer.weight_grams());
  line.set_return_terms(offer.return_terms());
  AddTo(*order.mutable_items_total(), line.amount());
}

}  // namespace

Draft DraftOrders(std::string_view group_id, std::string_view buyer_id, std::span<const WantedProduct> wanted,
                  const Offers& offers) {
  Draft draft;
  std::map<std::string, v1::OrderSnapshot> by_seller;
  std::string currency_code;
  for (const WantedProduct& product : wanted) {
    const Offer* const offer = Find(offers, product.product_id);
    if (offer == nullptr || !offer->saleable()) {
      draft.problems.push_back(Problem("PRODUCT_UNAVAILABLE", product.product_id));
      continue;
    }
    if (offer->available_quantity() < product.quantity) {
      v1::CheckoutProblem problem = Problem("OUT_OF_STOCK", product.product_id);
      problem.set_available(offer->available_quantity());
      draft.problems.push_back(std::move(problem));
    }
    if (currency_code.empty()) currency_code = offer->price().currency_code();
    if (offer->price().currency_code() != currency_code) {
      draft.problems.push_back(Problem("CURRENCY_MISMATCH", product.product_id));
      continue;
    }
    AddLine(*offer, product.quantity, by_seller[offer->seller_id()]);
  }
  for (auto& [seller_id, order] : by_seller) {
    order.set_order_id(OrderIdOf(group_id, static_cast<int>(draft.orders.size()) + 1).str());
    order.set_group_id(std::string(group_id));
    order.set_buyer_id(std::string(buyer_id));
    order.set_seller_id(seller_id);
    *order.mutable_total() = order.items_total();
    draft.orders.push_back(std::move(order));
  }
  if (wanted.empty()) draft.problems.push_back(Problem("CART_EMPTY"));
  return draft;
}

Status ToStatus(const v1::CheckoutProblem& problem) {
  ReasonValues values;
  if (!problem.product_id().empty()) values.emplace_back("product_id", problem.product_id());
  if (!problem.seller_id().empty()) values.emplace_back("seller_id", problem.seller_id());
  if (problem.reason() == "OUT_OF_STOCK")
    values.emplace_back("available", std::to_string(problem.available()));
  if (!problem.missing().empty()) values.emplace_back("missing", problem.missing());
  return Rejected(problem.reason(), std::move(values), "the cart cannot be ordered as it is: %s",
                  problem.reason());
}

std::vector<shipping::v1::DeliveryLine> DeliveryLinesOf(const v1::OrderSnapshot& order,
                                                        const Offers& offers) {
  std::vector<shipping::v1::DeliveryLine> lines;
  for (const v1::OrderLine& line : order.lines()) {
    shipping::v1::DeliveryLine& delivery = lines.emplace_back();
    delivery.set_product_id(line.product_id());
    delivery.set_quantity(static_cast<std::int32_t>(line.quantity()));
    delivery.set_weight_grams(static_cast<std::int32_t>(line.weight_grams()));
    *delivery.mutable_unit_price() = line.unit_price();
    if (const Offer* const offer = Find(offers, line.product_id()); offer != nullptr) {
      delivery.set_profile_id(offer->delivery_profile_id());
    }
  }
  return lines;
}

std::string SelectedOption(const v1::CheckoutState& checkout, std::string_view seller_id) {
  for (const v1::DeliverySelection& selection : checkout.deliveries()) {
    if (selection.seller_id() == seller_id) return selection.option_id();
  }
  return "";
}

Status ApplyDelivery(std::string_view option_id, std::span<const shipping::v1::ShippingQuote> quotes,
                     v1::OrderSnapshot& order) {
  if (option_id.empty()) {
    return Rejected("CHECKOUT_INCOMPLETE", {{"missing", "delivery"}, {"seller_id", order.seller_id()}},
                    "no delivery was chosen for seller %s", order.seller_id());
  }
  const auto quote = std::find_if(quotes.begin(), quotes.end(),
                                  [&](const auto& candidate) { return candidate.option_id() == option_id; });
  if (quote == quotes.end()) {
    return Rejected("DELIVERY_UNAVAILABLE", {{"seller_id", order.seller_id()}},
                    "seller %s does not deliver there in the way that was chosen", order.seller_id());
  }
  if (quote->cost().currency_code() != order.items_total().currency_code()) {
    return Rejected("CURRENCY_MISMATCH", {{"seller_id", order.seller_id()}},
                    "delivery is priced in another currency than the items");
  }
  v1::DeliveryTerms& delivery = *order.mutable_delivery();
  delivery.set_quote_id(quote->quote_id());
  delivery.set_option_id(quote->option_id());
  delivery.set_option_name(quote->display_name());
  delivery.set_carrier(quote->carrier());
  delivery.set_pickup(quote->pickup());
  *delivery.mutable_cost() = quote->cost();
  *delivery.mutable_ship_by_time() = quote->promise().ship_by_time();
  *delivery.mutable_arrive_from() = quote->promise().arrive_from();
  *delivery.mutable_arrive_until() = quote->promise().arrive_until();
  delivery.set_time_zone(quote->promise().time_zone());
  delivery.set_region_code(quote->destination().region_code());
  delivery.set_postal_code(quote->destination().postal_code());
  *order.mutable_shipping_total() = quote->cost();
  *order.mutable_total() = order.items_total();
  AddTo(*order.mutable_total(), quote->cost());
  return OkStatus();
}

type::v1::Money TotalOf(std::span<const v1::OrderSnapshot> orders) {
  type::v1::Money total;
  for (const v1::OrderSnapshot& order : orders) AddTo(total, order.total());
  return total;
}

Status CheckTotal(const type::v1::Money& total, const type::v1::Money& expected) {
  const bool agreed =
      total.currency_code() == expected.currency_code() && total.minor_units() <= expected.minor_units();
  if (agreed) return OkStatus();
  return Aborted("TOTAL_CHANGED",
                 {{"new_total", std::to_string(total.minor_units())},
                  {"currency_code", total.currency_code()},
                  {"expected_total", std::to_string(expected.minor_units())}},
                 "the total is %s %d now; agree to it and try again", total.currency_code(),
                 total.minor_units());
}

}  // namespace souk::order
