// Orders: what people were told, and what became of it.
#include <set>

#include "absl/strings/str_format.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

namespace order = souk::order::v1;
using OrderState = order::OrderState;

std::string NameOf(const order::Order& one) {
  return "order " + one.order_id() + " (" + OrderState::State_Name(one.state()) + ")";
}

void CheckOrder(const order::Order& one, History& history) {
  const order::OrderSnapshot& snapshot = one.snapshot();
  if (one.state() != OrderState::STATE_COMPLETED && one.state() != OrderState::STATE_CANCELLED) {
    history.Fail("I-18 everything comes to rest", NameOf(one) + " has not ended");
  }
  std::int64_t items = 0;
  for (const order::OrderLine& line : snapshot.lines())
    items += line.quantity() * line.unit_price().minor_units();
  const std::int64_t total = items + snapshot.shipping_total().minor_units();
  if (items != snapshot.items_total().minor_units() || total != snapshot.total().minor_units()) {
    history.Fail("I-8 a total is the sum of its parts", NameOf(one));
  }
  for (const order::LineProgress& line : one.lines()) {
    const bool done =
        one.state() == OrderState::STATE_COMPLETED || one.state() == OrderState::STATE_CANCELLED;
    if (line.ordered() == line.cancelled() + line.in_transit() + line.received() || !done) continue;
    history.Fail("I-15 what was ordered is accounted for", NameOf(one) + ", line " + line.line_id());
  }
}

// What people were told of an order is still so.
void CheckPromises(const Testimony::Order& told, const Orders& orders, History& history) {
  const auto it = orders.find(told.order_id);
  if (it == orders.end()) {
    if (!told.order_id.empty()) history.Fail("P-3 what people were told is so", "no order " + told.order_id);
    return;
  }
  const order::Order& one = it->second;
  const bool completed = one.state() == OrderState::STATE_COMPLETED;
  if (told.cancelled && completed)
    history.Fail("P-3 what people were told is so", NameOf(one) + " was cancelled");
  if ((told.dispatched || told.received) && !completed) {
    history.Fail("P-3 what people were told is so", NameOf(one) + " was dispatched");
  }
  bool same = one.content_hash() == told.content_hash && one.snapshot().total().minor_units() == told.total &&
              one.snapshot().lines_size() == static_cast<int>(told.lines.size());
  for (int i = 0; same && i < one.snapshot().lines_size(); ++i) {
    const order::OrderLine& line = one.snapshot().lines(i);
    const Testimony::Line& line_told = told.lines[static_cast<std::size_t>(i)];
    same = line.product_id() == line_told.product_id && line.quantity() == line_told.quantity &&
           line.unit_price().minor_units() == line_told.unit_price;
  }
  if (!same) history.Fail("I-16 an order stays what it was when placed", NameOf(one));
}

}  // namespace

void AuditOrders(World& world, const Orders& orders) {
  History& history = world.stage().history;
  const Testimony& testimony = world.testimony();
  std::map<std::string, std::int64_t> group_totals;
  std::set<std::pair<std::string, std::string>> group_sellers;
  for (const auto& [id, one] : orders) {
    CheckOrder(one, history);
    group_totals[one.snapshot().group_id()] += one.snapshot().total().minor_units();
    if (!group_sellers.emplace(one.snapshot().group_id(), one.snapshot().seller_id()).second) {
      history.Fail("I-12 a cart is ordered once",
                   "two orders of one seller in group " + one.snapshot().group_id());
    }
  }
  std::map<std::string, std::string> group_of_cart;
  for (const Testimony::Purchase& purchase : testimony.purchases) {
    const auto it = group_totals.find(purchase.checkout_id);
    const bool exists = it != group_totals.end();
    if (purchase.placed && !exists) {
      history.Fail("P-3 what people were told is so",
                   "the placed orders of " + purchase.checkout_id + " are gone");
    }
    if (!exists) continue;
    if (purchase.given_up) {
      history.Fail("P-3 what people were told is so",
                   purchase.checkout_id + " was called off, and is ordered");
    }
    if (!purchase.asked_to_place) history.Fail("P-4 nobody orders for others", purchase.checkout_id);
    // A price that fell since then passes on; one that rose needs her consent.
    const bool may_be_less = world.stage().plan.price_change > 0;
    if (it->second > purchase.agreed_total || (it->second < purchase.agreed_total && !may_be_less)) {
      history.Fail(
          "I-13 a buyer pays what she agreed to",
          absl::StrFormat("%s: %d instead of %d", purchase.checkout_id, it->second, purchase.agreed_total));
    }
    cart::v1::GetCartRequest get;
    get.set_cart_id(purchase.cart_id);
    const auto cart = Inquiry(world).Ask<cart::v1::GetCartResponse>("operator/auditor", get);
    if (!cart.ok() || cart->cart().state() != cart::v1::CartState::STATE_COMPLETED) {
      history.Fail("I-10 a cart that was ordered is completed", "cart " + purchase.cart_id);
    }
    const auto [known, first] = group_of_cart.emplace(purchase.cart_id, purchase.checkout_id);
    if (!first && known->second != purchase.checkout_id) {
      history.Fail("I-12 a cart is ordered once", "cart " + purchase.cart_id);
    }
    group_totals.erase(it);
  }
  for (const auto& [group, total] : group_totals)
    history.Fail("P-4 nobody orders for others", "group " + group);
  for (const auto& [id, told] : testimony.orders) CheckPromises(told, orders, history);
}

}  // namespace souk::simulation
