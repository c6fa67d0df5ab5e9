#include "services/order/frozen_cart.h"

#include <iterator>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/order/checkout_pricing.h"

namespace souk::order {
namespace {

using State = v1::CheckoutState;
using Quotes = std::vector<shipping::v1::ShippingQuote>;

shipping::v1::QuoteDeliveryRequest QuestionFor(const State& checkout, const v1::OrderSnapshot& order,
                                               const Offers& offers) {
  shipping::v1::QuoteDeliveryRequest request;
  request.set_seller_id(order.seller_id());
  for (shipping::v1::DeliveryLine& line : DeliveryLinesOf(order, offers))
    *request.add_lines() = std::move(line);
  request.mutable_destination()->set_region_code(checkout.region_code());
  request.mutable_destination()->set_postal_code(checkout.postal_code());
  *request.mutable_placed_time() = checkout.request_time();
  return request;
}

Task<StatusOr<Quotes>> AskQuotes(CheckoutRun run, shipping::v1::QuoteDeliveryRequest request) {
  shipping::v1::QuoteDeliveryResponse response =
      co_await Try(run.Call<shipping::v1::QuoteDeliveryResponse>("shipping", std::move(request)));
  auto& quotes = *response.mutable_quotes();
  co_return Quotes(std::make_move_iterator(quotes.begin()), std::make_move_iterator(quotes.end()));
}

// The note is a courtesy: a shop whose data were erased has none.
Task<StatusOr<std::string>> AskShopNote(CheckoutRun run, std::string seller_id) {
  catalog::v1::GetSellerContactRequest request;
  request.set_seller_id(std::move(seller_id));
  const StatusOr<catalog::v1::GetSellerContactResponse> contact =
      co_await run.Ask<catalog::v1::GetSellerContactResponse>("catalog", std::move(request));
  if (absl::IsNotFound(contact.status())) co_return std::string();
  if (!contact.ok()) co_return contact.status();
  co_return contact->shop_note();
}

}  // namespace

Task<StatusOr<cart::v1::FreezeCartResponse>> FreezeCart(CheckoutRun run, Shared<State> checkout,
                                                        absl::Time until) {
  cart::v1::FreezeCartRequest freeze;
  freeze.set_cart_id(checkout->cart_id());
  freeze.set_checkout_id(run.id.str());
  freeze.set_buyer_id(checkout->buyer_id());
  *freeze.mutable_expire_time() = ToProto(until);
  co_return co_await run.Call<cart::v1::FreezeCartResponse>("cart", std::move(freeze));
}

Task<StatusOr<std::vector<v1::OrderSnapshot>>> PriceCart(CheckoutRun run, Shared<State> checkout,
                                                         cart::v1::FreezeCartResponse frozen) {
  std::vector<WantedProduct> wanted;
  catalog::v1::GetOffersRequest ask;
  for (const cart::v1::CartLine& line : frozen.lines()) {
    wanted.push_back({.product_id = line.product_id(), .quantity = line.quantity()});
    ask.add_product_ids(line.product_id());
  }
  const Offers offers = co_await Try(run.Ask<Offers>("catalog", std::move(ask)));
  Draft draft = DraftOrders(run.id.str(), checkout->buyer_id(), wanted, offers);
  if (!draft.problems.empty()) co_return ToStatus(draft.problems.front());

  for (v1::OrderSnapshot& order : draft.orders) {
    const std::string option = SelectedOption(*checkout, order.seller_id());
    const Quotes quotes = co_await Try(AskQuotes(run, QuestionFor(*checkout, order, offers)));
    co_await Try(ApplyDelivery(option, quotes, order));
    const std::string note = co_await Try(AskShopNote(run, order.seller_id()));
    order.set_shop_note(note);
  }
  co_await Try(CheckTotal(TotalOf(draft.orders), checkout->expected_total()));
  co_return std::move(draft.orders);
}

Task<Status> UnfreezeCart(CheckoutRun run, Shared<State> checkout, std::string reason) {
  cart::v1::UnfreezeCartRequest unfreeze;
  unfreeze.set_cart_id(checkout->cart_id());
  unfreeze.set_checkout_id(run.id.str());
  unfreeze.set_reason(std::move(reason));
  const auto unfrozen = co_await run.Call<cart::v1::UnfreezeCartResponse>("cart", std::move(unfreeze));
  co_return UnlessNotFound(unfrozen.status());
}

Task<Status> CompleteCart(CheckoutRun run, Shared<State> checkout) {
  cart::v1::CompleteCartRequest complete;
  complete.set_cart_id(checkout->cart_id());
  complete.set_checkout_id(run.id.str());
  co_await Try(run.Call<cart::v1::CompleteCartResponse>("cart", std::move(complete)));
  co_return OkStatus();
}

}  // namespace souk::order
