#include "services/cart/offer.h"

#include "libs/testing/spec.h"
#include "services/cart/cart.h"
#include "services/cart/cart_pricing.h"

namespace souk::cart {
namespace {

using testing::FromText;
using testing::Spec;
using Problem = v1::CartProblem;

constexpr char kVersion2[] =
    "recorded { offer { product_id: 'lamp' saleable: true available_quantity: 9 offer_version: 2 } }";

v1::Offer Version(int version, int available) {
  v1::Offer offer = FromText<v1::Offer>("product_id: 'lamp' saleable: true");
  offer.set_offer_version(version);
  offer.set_available_quantity(available);
  return offer;
}

TEST_CASE("a newer version of an offer replaces the copy, an older one that comes late does not") {
  Spec<Offer>()
      .Given({kVersion2})
      .When(RecordChange{Version(3, 1)})
      .Then({"recorded { offer { product_id: 'lamp' saleable: true available_quantity: 1 offer_version: 3 } "
             "}"});
  Spec<Offer>().Given({kVersion2}).When(RecordChange{Version(1, 1)}).Then({});
  Spec<Offer>().Given({kVersion2}).When(RecordChange{Version(2, 1)}).Then({});
}

TEST_CASE("an answer of the catalog may tell a fresher quantity of the same version") {
  Spec<Offer>()
      .Given({kVersion2})
      .When(RecordAnswer{Version(2, 4)})
      .Then({"recorded { offer { product_id: 'lamp' saleable: true available_quantity: 4 offer_version: 2 } "
             "}"});
  Spec<Offer>().Given({kVersion2}).When(RecordAnswer{Version(2, 9)}).Then({});
  Spec<Offer>().Given({kVersion2}).When(RecordAnswer{Version(1, 4)}).Then({});
}

v1::CartState CartWithTwoLamps() {
  return FromText<v1::CartState>(
      "cart_id: 'c' state: STATE_ACTIVE lines { product_id: 'lamp' quantity: 2 title: 'Lamp' unit_price { "
      "currency_code: 'EUR' minor_units: 1500 } }");
}

v1::Offer LampAt(int minor_units) {
  v1::Offer offer = Version(5, 10);
  offer.set_title("Lamp");
  offer.mutable_price()->set_currency_code("EUR");
  offer.mutable_price()->set_minor_units(minor_units);
  return offer;
}

v1::Cart Priced(const v1::CartState& state, const v1::Offer* offer) {
  return RenderCart(state, [offer](const std::string&) { return offer; });
}

TEST_CASE("a cart is priced at present prices, and its total is the sum of its items") {
  const v1::Offer offer = LampAt(1500);
  const v1::Cart cart = Priced(CartWithTwoLamps(), &offer);
  CHECK(cart.problems().empty());
  CHECK(cart.items(0).total().minor_units() == 3000);
  CHECK(cart.subtotal().minor_units() == 3000);
  CHECK(cart.subtotal().currency_code() == "EUR");
  CHECK(cart.item_count() == 2);
}

TEST_CASE("a price that changed since the buyer saw it is a problem with both prices") {
  const v1::Offer dearer = LampAt(1700);
  const v1::Cart up = Priced(CartWithTwoLamps(), &dearer);
  REQUIRE(up.problems_size() == 1);
  CHECK(up.problems(0).type() == Problem::TYPE_PRICE_UP);
  CHECK(up.problems(0).price_before().minor_units() == 1500);
  CHECK(up.problems(0).price_after().minor_units() == 1700);
  CHECK_FALSE(up.problems(0).blocking());
  CHECK(up.subtotal().minor_units() == 3400);

  const v1::Offer cheaper = LampAt(1200);
  CHECK(Priced(CartWithTwoLamps(), &cheaper).problems(0).type() == Problem::TYPE_PRICE_DOWN);
}

TEST_CASE("too little stock is a problem that blocks, with both quantities") {
  v1::Offer few = LampAt(1500);
  few.set_available_quantity(1);
  const v1::Cart cart = Priced(CartWithTwoLamps(), &few);
  REQUIRE(cart.problems_size() == 1);
  CHECK(cart.problems(0).type() == Problem::TYPE_INSUFFICIENT_STOCK);
  CHECK(cart.problems(0).blocking());
  CHECK(cart.problems(0).quantity_before() == 2);
  CHECK(cart.problems(0).quantity_after() == 1);
}

TEST_CASE("what cannot be bought is a problem and costs nothing") {
  v1::Offer gone = LampAt(1500);
  gone.set_saleable(false);
  for (const v1::Offer* const offer :
       {static_cast<const v1::Offer*>(nullptr), static_cast<const v1::Offer*>(&gone)}) {
    const v1::Cart cart = Priced(CartWithTwoLamps(), offer);
    REQUIRE(cart.problems_size() == 1);
    CHECK(cart.problems(0).type() == Problem::TYPE_UNAVAILABLE);
    CHECK(cart.subtotal().minor_units() == 0);
  }
}

TEST_CASE("a product that changed its currency does not mix into the total") {
  v1::CartState state = CartWithTwoLamps();
  v1::CartLine& vase = *state.add_lines();
  vase = state.lines(0);
  vase.set_product_id("vase");
  const v1::Offer lamp = LampAt(1500);
  v1::Offer dollars = LampAt(2000);
  dollars.mutable_price()->set_currency_code("USD");
  const v1::Cart cart = RenderCart(
      state, [&](const std::string& id) -> const v1::Offer* { return id == "lamp" ? &lamp : &dollars; });
  REQUIRE(cart.problems_size() == 1);
  CHECK(cart.problems(0).type() == Problem::TYPE_CURRENCY_MISMATCH);
  CHECK(cart.subtotal().minor_units() == 3000);
}

TEST_CASE("a cart that ended keeps the prices that its buyer saw") {
  v1::CartState state = CartWithTwoLamps();
  state.set_state(v1::CartState::STATE_COMPLETED);
  const v1::Offer dearer = LampAt(1700);
  const v1::Cart cart = Priced(state, &dearer);
  CHECK(cart.problems().empty());
  CHECK(cart.subtotal().minor_units() == 3000);
}

}  // namespace
}  // namespace souk::cart
