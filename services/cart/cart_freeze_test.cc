// A cart while it is paid: frozen by its checkout.
#include "libs/testing/spec.h"
#include "services/cart/cart.h"
#include "services/cart/cart_fixture.h"

namespace souk::cart {
namespace {

using testing::Noon;
using testing::Spec;
using State = Cart::State;

TEST_CASE("a frozen cart cannot be changed until the checkout ends or its time is over") {
  Spec<Cart>()
      .Given({kCreated, kLamp2, kFrozen})
      .When(Add(Lamp(), 1))
      .ThenFails(absl::StatusCode::kAborted, "CART_FROZEN");
  Spec<Cart>()
      .Given({kCreated, kLamp2, kFrozen})
      .When(Unfreeze{.checkout_id = "k", .note = "DECLINED"})
      .Then({"unfrozen { checkout_id: 'k' reason: REASON_CHECKOUT_ENDED note: 'DECLINED' }"});
  Spec<Cart>()
      .At(Noon() + absl::Minutes(15))
      .Given({kCreated, kLamp2, kFrozen})
      .When(Remove("lamp"))
      .Then(
          {kUnfrozenByTime,
           "item_removed { line { product_id: 'lamp' seller_id: 's' quantity: 2 unit_price { currency_code: "
           "'EUR' minor_units: 1500 } offer_version: 1 title: 'Lamp' } change_time { seconds: 1772453700 } "
           "}"});
}

TEST_CASE("a freeze ends by itself when its time is over, not before") {
  Spec<Cart>().Given({kCreated, kLamp2, kFrozen}).When(ExpireFreeze{}).Then({});
  Spec<Cart>()
      .At(Noon() + absl::Minutes(15))
      .Given({kCreated, kLamp2, kFrozen})
      .When(ExpireFreeze{})
      .Then({kUnfrozenByTime});
}

TEST_CASE("the checkout that froze a cart can extend the time, another cannot take it over") {
  Spec<Cart>().Given({kCreated, kLamp2}).When(FreezeBy("k")).Then({kFrozen});
  Spec<Cart>()
      .Given({kCreated, kLamp2, kFrozen})
      .When(FreezeBy("k", absl::Minutes(30)))
      .Then({"frozen { checkout_id: 'k' expire_time { seconds: 1772454600 } }"});
  Spec<Cart>().Given({kCreated, kLamp2, kFrozen}).When(FreezeBy("k", absl::Minutes(5))).Then({});
  Spec<Cart>()
      .Given({kCreated, kLamp2, kFrozen})
      .When(FreezeBy("j"))
      .ThenFails(absl::StatusCode::kAborted, "CHECKOUT_IN_PROGRESS");
  Spec<Cart>()
      .At(Noon() + absl::Minutes(20))
      .Given({kCreated, kLamp2, kFrozen})
      .When(FreezeBy("j", absl::Minutes(30)))
      .Then({kUnfrozenByTime, "frozen { checkout_id: 'j' expire_time { seconds: 1772454600 } }"});
}

TEST_CASE("an empty cart cannot be checked out") {
  Spec<Cart>()
      .Given({kCreated})
      .When(FreezeBy("k"))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "CART_EMPTY");
}

TEST_CASE("a placed checkout completes its cart even when the freeze has just expired") {
  const State cart =
      Spec<Cart>()
          .Given({kCreated, kLamp2, kFrozen, kUnfrozenByTime})
          .When(Complete{.checkout_id = "k"})
          .Then({"completed { checkout_id: 'k' lines { product_id: 'lamp' seller_id: 's' quantity: 2 "
                 "unit_price { "
                 "currency_code: 'EUR' minor_units: 1500 } offer_version: 1 title: 'Lamp' } complete_time { "
                 "seconds: 1772452800 } }"});
  CHECK(cart.state() == State::STATE_COMPLETED);
  Spec<Cart>()
      .Given({kCreated, kLamp2, kFrozen})
      .When(Complete{.checkout_id = "j"})
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

}  // namespace
}  // namespace souk::cart
