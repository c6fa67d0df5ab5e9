#include "services/cart/merge.h"

#include <map>
#include <string>

#include "libs/testing/spec.h"
#include "services/cart/cart.h"

namespace souk::cart {
namespace {

using testing::FromText;
using Outcome = v1::MergeOutcome;

v1::CartLine Line(const std::string& product_id, int quantity, const std::string& currency = "EUR") {
  v1::CartLine line;
  line.set_product_id(product_id);
  line.set_quantity(quantity);
  line.mutable_unit_price()->set_currency_code(currency);
  line.mutable_unit_price()->set_minor_units(100);
  return line;
}

v1::CartState CartOf(const std::vector<v1::CartLine>& lines) {
  v1::CartState cart;
  cart.set_cart_id("account");
  cart.set_buyer_id("b");
  cart.set_state(v1::CartState::STATE_ACTIVE);
  cart.mutable_lines()->Assign(lines.begin(), lines.end());
  return cart;
}

v1::Offer OfferOf(const std::string& product_id, int available) {
  v1::Offer offer;
  offer.set_product_id(product_id);
  offer.set_saleable(true);
  offer.set_available_quantity(available);
  return offer;
}

AbsorbLines Absorb(std::vector<v1::CartLine> lines, int count = 0) {
  return {.buyer_id = "b",
          .source_cart_id = "guest",
          .source_merge_count = count,
          .policy = v1::MERGE_POLICY_SUM,
          .lines = std::move(lines),
          .offers = {}};
}

TEST_CASE("the policy decides on the quantity of a product in both carts") {
  const std::map<v1::MergePolicy, int> expected = {
      {v1::MERGE_POLICY_SUM, 5}, {v1::MERGE_POLICY_GUEST_WINS, 2}, {v1::MERGE_POLICY_ACCOUNT_WINS, 3}};
  for (const auto& [policy, quantity] : expected) {
    const MergeResult result =
        Merge(CartOf({Line("lamp", 3)}), {Line("lamp", 2), Line("vase", 1)}, {}, policy);
    REQUIRE(result.lines.size() == 2);
    CHECK(result.lines[0].quantity() == quantity);
    CHECK(result.outcomes[0].result() == Outcome::RESULT_COMBINED);
    CHECK(result.lines[1].quantity() == 1);
    CHECK(result.outcomes[1].result() == Outcome::RESULT_ADDED);
  }
}

TEST_CASE("a merge above stock is cut and told, never an error") {
  const MergeResult result =
      Merge(CartOf({Line("lamp", 3)}), {Line("lamp", 2)}, {OfferOf("lamp", 4)}, v1::MERGE_POLICY_SUM);
  CHECK(result.outcomes[0].result() == Outcome::RESULT_CLAMPED);
  CHECK(result.outcomes[0].quantity() == 4);
  CHECK(result.outcomes[0].previous_quantity() == 3);
  CHECK(result.outcomes[0].source_quantity() == 2);
}

TEST_CASE("a sold out product is merged all the same, so that its line is not lost") {
  const MergeResult result = Merge(CartOf({}), {Line("lamp", 2)}, {OfferOf("lamp", 0)}, v1::MERGE_POLICY_SUM);
  CHECK(result.outcomes[0].result() == Outcome::RESULT_ADDED);
  CHECK(result.lines[0].quantity() == 2);
}

TEST_CASE("the newer of two prices seen counts as seen") {
  v1::CartLine old_price = Line("lamp", 1);
  old_price.set_offer_version(1);
  v1::CartLine new_price = Line("lamp", 1);
  new_price.set_offer_version(2);
  new_price.mutable_unit_price()->set_minor_units(120);
  CHECK(
      Merge(CartOf({old_price}), {new_price}, {}, v1::MERGE_POLICY_SUM).lines[0].unit_price().minor_units() ==
      120);
  CHECK(
      Merge(CartOf({new_price}), {old_price}, {}, v1::MERGE_POLICY_SUM).lines[0].unit_price().minor_units() ==
      120);
}

TEST_CASE("lines that do not fit stay in the guest's cart") {
  std::vector<v1::CartLine> many;
  for (int i = 0; i < kLinesMax; ++i) many.push_back(Line("p-" + std::to_string(i), 1));
  const MergeResult full = Merge(CartOf(many), {Line("p-0", 1), Line("lamp", 1)}, {}, v1::MERGE_POLICY_SUM);
  CHECK(full.outcomes[1].result() == Outcome::RESULT_LEFT_LINE_LIMIT);
  CHECK(full.moved_lines.size() == 1);

  const MergeResult dollars =
      Merge(CartOf({Line("lamp", 1)}), {Line("vase", 1, "USD"), Line("mug", 1)}, {}, v1::MERGE_POLICY_SUM);
  CHECK(dollars.outcomes[0].result() == Outcome::RESULT_LEFT_CURRENCY_MISMATCH);
  CHECK(dollars.moved_lines.size() == 1);
}

TEST_CASE("carts in different currencies are not merged at all") {
  const auto refused =
      Cart::Decide(CartOf({Line("lamp", 1)}), Absorb({Line("vase", 1, "USD")}), testing::Noon());
  CHECK(Reason(refused.status()) == "CURRENCY_MISMATCH");
}

TEST_CASE("merging twice is merging once") {
  v1::CartState account = CartOf({Line("lamp", 1)});
  const auto events = Cart::Decide(account, Absorb({Line("lamp", 2), Line("vase", 1)}), testing::Noon());
  REQUIRE(events.ok());
  REQUIRE(events->size() == 1);
  Cart::Evolve(account, events->front());
  CHECK(account.lines_size() == 2);
  const auto again = Cart::Decide(account, Absorb({Line("lamp", 2), Line("vase", 1)}), testing::Noon());
  CHECK(again.value().empty());

  SECTION("what was put into the guest's cart afterwards can be merged later") {
    const auto later = Cart::Decide(account, Absorb({Line("mug", 1)}, 1), testing::Noon());
    CHECK(later.value().size() == 1);
  }
}

TEST_CASE("no merge loses or makes up a piece") {
  // Every pair of small carts, under every policy: what is not in the account's cart
  // afterwards is still in the guest's, or was decided on by policy.
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      for (int g = 0; g < 3; ++g) {
        for (int h = 0; h < 3; ++h) {
          v1::CartState account = CartOf({});
          if (a > 0) *account.add_lines() = Line("x", a);
          if (b > 0) *account.add_lines() = Line("y", b, "USD");
          if (a > 0 && b > 0) continue;  // One currency per cart.
          std::vector<v1::CartLine> guest;
          if (g > 0) guest.push_back(Line("x", g));
          if (h > 0) guest.push_back(Line("z", h));
          const MergeResult result = Merge(account, guest, {}, v1::MERGE_POLICY_SUM);
          int before = a + b + g + h, after = 0;
          for (const v1::CartLine& line : guest) after += line.quantity();
          for (const v1::CartLine& line : result.moved_lines) after -= line.quantity();
          v1::CartState merged = account;
          for (const v1::CartLine& line : result.lines) {
            const v1::CartLine* const old = FindLine(account, line.product_id());
            after += line.quantity() - (old == nullptr ? 0 : old->quantity());
          }
          for (const v1::CartLine& line : account.lines()) after += line.quantity();
          CHECK(before == after);
          CHECK(result.outcomes.size() == guest.size());
        }
      }
    }
  }
}

}  // namespace
}  // namespace souk::cart
