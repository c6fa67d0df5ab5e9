#include "services/cart/cart.h"

#include <map>
#include <string>
#include <vector>

#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/cart/cart_fixture.h"

namespace souk::cart {
namespace {

using testing::Explorer;
using testing::FromText;
using testing::Noon;
using testing::Spec;
using State = Cart::State;

TEST_CASE("a new cart is active and empty") {
  const State cart = Spec<Cart>()
                         .When(Create{.cart_id = "c", .buyer_id = "b", .expire_after = absl::Hours(24 * 30)})
                         .Then({kCreated});
  CHECK(cart.state() == State::STATE_ACTIVE);
  CHECK(cart.lines().empty());
}

TEST_CASE("an added product is remembered with the price and the offer version that the buyer saw") {
  Spec<Cart>().Given({kCreated}).Repeatable().When(Add(Lamp(), 2)).Then({kLamp2});
}

TEST_CASE("adding a product again increases its quantity and takes the present price") {
  v1::Offer dearer = Lamp();
  dearer.mutable_price()->set_minor_units(1700);
  dearer.set_offer_version(2);
  const State cart =
      Spec<Cart>()
          .Given({kCreated, kLamp2})
          .Repeatable()
          .When(Add(dearer, 1))
          .Then({"item_added { line { product_id: 'lamp' seller_id: 's' quantity: 3 unit_price { "
                 "currency_code: 'EUR' minor_units: 1700 } offer_version: 2 title: 'Lamp' } "
                 "added_quantity: 1 change_time { seconds: 1772452800 } }"});
  CHECK(cart.lines_size() == 1);
}

TEST_CASE("more than there is cannot be added, and the buyer is told how many there are") {
  Spec<Cart> spec;
  spec.Given({kCreated, kLamp2})
      .When(Add(Lamp(), 4))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "OUT_OF_STOCK");
  const auto rejected = Cart::Decide(spec.state(), Add(Lamp(), 4), Noon());
  CHECK(ValuesOfReason(rejected.status()) ==
        ReasonValues{{"product_id", "lamp"}, {"available", "5"}, {"requested", "6"}});
}

TEST_CASE("a product that cannot be bought cannot be added") {
  v1::Offer gone = Lamp();
  gone.set_saleable(false);
  Spec<Cart>()
      .Given({kCreated})
      .When(Add(gone, 1))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "PRODUCT_UNAVAILABLE");
}

TEST_CASE("a cart has one currency") {
  v1::Offer dollars = Vase();
  dollars.mutable_price()->set_currency_code("USD");
  Spec<Cart>()
      .Given({kCreated, kLamp2})
      .When(Add(dollars, 1))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "CURRENCY_MISMATCH");
  Spec<Cart>()
      .Given({kCreated})
      .Repeatable()
      .When(Add(dollars, 1))
      .Then({"item_added { line { product_id: 'vase' seller_id: 't' quantity: 1 unit_price { currency_code: "
             "'USD' "
             "minor_units: 4000 } offer_version: 7 title: 'Vase' } added_quantity: 1 "
             "change_time { seconds: 1772452800 } }"});
}

TEST_CASE("a cart takes at most 999 of a product and 100 products") {
  Spec<Cart>().Given({kCreated}).When(Add(Vase(), 1000)).ThenFails(absl::StatusCode::kInvalidArgument);
  Spec<Cart>().Given({kCreated}).When(Add(Vase(), 0)).ThenFails(absl::StatusCode::kInvalidArgument);

  State full;
  Cart::Evolve(full, FromText<v1::CartEvent>(kCreated));
  for (int i = 0; i < kLinesMax; ++i) {
    v1::Offer offer = Vase();
    offer.set_product_id("p-" + std::to_string(i));
    const auto events = Cart::Decide(full, Add(offer, 600), Noon());
    REQUIRE(events.ok());
    Cart::Evolve(full, events->front());
  }
  CHECK(Reason(Cart::Decide(full, Add(Vase(), 1), Noon()).status()) == "LINE_LIMIT");
  v1::Offer known = Vase();
  known.set_product_id("p-0");
  CHECK(Reason(Cart::Decide(full, Add(known, 600), Noon()).status()) == "QUANTITY_LIMIT");
}

TEST_CASE("setting a quantity replaces it") {
  Spec<Cart>()
      .Given({kCreated, kLamp2})
      .When(Set(Lamp(), 5))
      .Then({"item_quantity_changed { line { product_id: 'lamp' seller_id: 's' quantity: 5 unit_price { "
             "currency_code: 'EUR' minor_units: 1500 } offer_version: 1 title: 'Lamp' } previous_quantity: 2 "
             "change_time { seconds: 1772452800 } }"});
}

TEST_CASE("setting the same quantity at another price accepts that price") {
  v1::Offer dearer = Lamp();
  dearer.mutable_price()->set_minor_units(1700);
  Spec<Cart>().Given({kCreated, kLamp2}).When(Set(Lamp(), 2)).Then({});
  const State cart =
      Spec<Cart>()
          .Given({kCreated, kLamp2})
          .When(Set(dearer, 2))
          .Then({"item_quantity_changed { line { product_id: 'lamp' seller_id: 's' quantity: 2 unit_price { "
                 "currency_code: 'EUR' minor_units: 1700 } offer_version: 1 title: 'Lamp' } "
                 "previous_quantity: 2 "
                 "change_time { seconds: 1772452800 } }"});
  CHECK(cart.lines(0).unit_price().minor_units() == 1700);
}

TEST_CASE("only what is in the cart can get another quantity") {
  Spec<Cart>().Given({kCreated, kLamp2}).When(Set(Vase(), 1)).ThenFails(absl::StatusCode::kNotFound);
}

TEST_CASE("add then remove is the cart before, up to history") {
  State cart =
      Spec<Cart>()
          .Given({kCreated, kLamp2})
          .When(Remove("lamp"))
          .Then(
              {"item_removed { line { product_id: 'lamp' seller_id: 's' quantity: 2 unit_price { "
               "currency_code: 'EUR' "
               "minor_units: 1500 } offer_version: 1 title: 'Lamp' } change_time { seconds: 1772452800 } }"});
  State empty;
  Cart::Evolve(empty, FromText<v1::CartEvent>(kCreated));
  cart.clear_version();
  CHECK(cart.SerializeAsString() == empty.SerializeAsString());
  Spec<Cart>().Given({kCreated}).When(Remove("lamp")).Then({});
}

TEST_CASE("somebody else's cart is as unknown as one that does not exist") {
  AddItem foreign = Add(Lamp(), 1);
  foreign.caller.buyer_id = "x";
  Spec<Cart> theirs, unknown;
  theirs.Given({kCreated}).When(foreign).ThenFails(absl::StatusCode::kNotFound);
  unknown.When(foreign).ThenFails(absl::StatusCode::kNotFound);
  CHECK(Cart::Decide(theirs.state(), foreign, Noon()).status() ==
        Cart::Decide(State(), foreign, Noon()).status());
}

TEST_CASE("a caller who names an etag changes only the cart she saw") {
  AddItem add = Add(Lamp(), 1);
  add.caller.etag = "\"0\"";
  Spec<Cart>().Given({kCreated, kLamp2}).When(add).ThenFails(absl::StatusCode::kAborted, "CART_CHANGED");
  add.caller.etag = "\"1\"";
  Spec<Cart> spec;
  spec.Given({kCreated, kLamp2}).When(add);
  CHECK(EtagOf(spec.state()) == "\"2\"");
}

TEST_CASE("a cart expires when nobody has changed it for long, and never while it is being paid") {
  const absl::Time due = Noon() + absl::Hours(24 * 30);
  Spec<Cart>()
      .At(due)
      .Given({kCreated})
      .When(Expire{})
      .Then({"expired { expire_time { seconds: 1775044800 } }"});
  Spec<Cart>()
      .At(due - absl::Hours(1))
      .Given({kCreated})
      .Repeatable()
      .When(Expire{})
      .Then({"expiry_postponed { expire_time { seconds: 1775044800 } }"});
  Spec<Cart>()
      .At(due)
      .Given({kCreated, kLamp2, kFrozen})
      .Repeatable()
      .When(Expire{})
      .Then({"expiry_postponed { expire_time { seconds: 1777636800 } }"});
}

TEST_CASE("lines move to another cart once, and what came in meanwhile stays") {
  const MoveLines move{.target_cart_id = "t",
                       .merge_count = 0,
                       .lines = {FromText<v1::CartLine>("product_id: 'lamp' quantity: 1")}};
  const State cart = Spec<Cart>()
                         .Given({kCreated, kLamp2})
                         .When(move)
                         .Then({"merged { target_cart_id: 't' moved_lines { product_id: 'lamp' quantity: 1 "
                                "} change_time { seconds: "
                                "1772452800 } }"});
  CHECK(cart.state() == State::STATE_ACTIVE);
  CHECK(cart.lines(0).quantity() == 1);
  CHECK(cart.merge_count() == 1);
}

TEST_CASE("every command in every phase of a cart") {
  const std::vector<std::pair<std::string, std::vector<std::string_view>>> phases = {
      {"unknown", {}},
      {"empty", {kCreated}},
      {"active", {kCreated, kLamp2}},
      {"frozen", {kCreated, kLamp2, kFrozen}},
      {"completed", {kCreated, kLamp2, kFrozen, kCompleted}},
      {"merged", {kCreated, kLamp2, kMerged}},
      {"expired", {kCreated, kLamp2, kExpired}},
  };
  const AbsorbLines absorb{
      .buyer_id = "b",
      .source_cart_id = "g",
      .source_merge_count = 0,
      .policy = v1::MERGE_POLICY_SUM,
      .lines = {FromText<v1::CartLine>(
          "product_id: 'vase' quantity: 1 unit_price { currency_code: 'EUR' minor_units: 1 }")},
      .offers = {}};
  const MoveLines move{.target_cart_id = "t",
                       .merge_count = 1,
                       .lines = {FromText<v1::CartLine>("product_id: 'lamp' quantity: 2")}};
  const auto table = testing::CommandTable<Cart>(Noon())
                         .Add(Create{.cart_id = "c", .buyer_id = "b"})
                         .Add(Add(Lamp(), 1))
                         .Add(Set(Lamp(), 1))
                         .Add(Remove("lamp"))
                         .Add(absorb)
                         .Add(move)
                         .Add(FreezeBy("k"))
                         .Add(Unfreeze{.checkout_id = "k", .note = ""})
                         .Add(ExpireFreeze{})
                         .Add(Complete{.checkout_id = "k"})
                         .Add(Expire{});
  //  Create Add Set Remove Absorb Move Freeze Unfreeze ExpireFreeze Complete Expire
  const std::map<std::string, std::string> expected = {
      {"unknown", "+-------=-="}, {"empty", "=+-=++!==!+"},     {"active", "=++++++==!+"},
      {"frozen", "=AAAAA=+=++"},  {"completed", "=!!!!=!===="}, {"merged", "=!!!!=!==!="},
      {"expired", "=!!!!=!==!="},
  };
  for (const auto& [name, history] : phases) {
    INFO(name);
    State state;
    for (const std::string_view text : history) Cart::Evolve(state, FromText<v1::CartEvent>(text));
    CHECK(table.RowOf(state) == expected.at(name));
  }
}

TEST_CASE("no sequence of commands breaks a cart") {
  Explorer<Cart> explorer(Noon());
  explorer.Add("add lamp", Add(Lamp(), 2));
  explorer.Add("add vase", Add(Vase(), 600));
  explorer.Add("set lamp", Set(Lamp(), 5));
  explorer.Add("remove lamp", Remove("lamp"));
  explorer.Add("freeze k", FreezeBy("k"));
  explorer.Add("freeze j", FreezeBy("j"));
  explorer.Add("unfreeze k", Unfreeze{.checkout_id = "k", .note = ""});
  explorer.Add("complete k", Complete{.checkout_id = "k"});
  explorer.Add("expire", Expire{});
  explorer.AddWait("ten minutes", absl::Minutes(10));
  explorer.Check([](const State& cart, const std::string& path) {
    const bool bounded = cart.lines_size() <= kLinesMax;
    bool sound =
        bounded && (cart.lines_size() < 2 || cart.lines(0).product_id() != cart.lines(1).product_id());
    for (const v1::CartLine& line : cart.lines()) {
      sound = sound && line.quantity() >= 1 && line.quantity() <= kQuantityMax;
      sound = sound && line.unit_price().currency_code() == "EUR";
    }
    if (cart.state() == State::STATE_FROZEN) sound = sound && !cart.lines().empty();
    if (!sound) FAIL(path);
  });
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    const auto lines = [](const State& cart) {
      State only;
      *only.mutable_lines() = cart.lines();
      return only.SerializeAsString();
    };
    const bool lines_changed = lines(before) != lines(after);
    if (before.state() == State::STATE_COMPLETED || before.state() == State::STATE_EXPIRED) FAIL(path);
    if (lines_changed != (before.version() != after.version())) FAIL(path);
    if (before.state() == State::STATE_FROZEN && after.state() != State::STATE_ACTIVE && lines_changed)
      FAIL(path);
  });
  State created;
  Cart::Evolve(created, FromText<v1::CartEvent>(kCreated));
  CHECK(explorer.Run(6, created) > 10'000);
}

}  // namespace
}  // namespace souk::cart
