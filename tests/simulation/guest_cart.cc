// What a buyer chose before she signed in comes along.
#include "souk/cart/v1/cart_service.pb.h"
#include "tests/simulation/people.h"

namespace souk::simulation {

namespace cart = souk::cart::v1;

Task<StatusOr<int>> BringGuestCart(World* world, Client* buyer, std::string token, std::string cart_id) {
  Stage& stage = world->stage();
  Client guest(stage, "guest/" + token);
  const auto created = co_await Try(guest.Call<cart::CreateCartResponse>(cart::CreateCartRequest()));
  cart::AddItemRequest add;
  add.set_cart_id(created.cart().cart_id());
  add.set_product_id(world->shelf()[stage.Below(world->shelf().size())]);
  add.set_quantity(1 + static_cast<int>(stage.Below(2)));
  co_await Try(guest.Call<cart::AddItemResponse>(add));
  if (stage.Chance(0.3)) {  // There is something in the other cart, too.
    cart::AddItemRequest other;
    other.set_cart_id(cart_id);
    other.set_product_id(stage.Chance(0.5) ? add.product_id() : world->shelf().front());
    other.set_quantity(1);
    co_await buyer->Mention<cart::AddItemResponse>(other);
  }
  cart::MergeCartsRequest merge;
  merge.set_cart_id(cart_id);
  merge.set_guest_cart_id(created.cart().cart_id());
  merge.set_guest_token(std::move(token));
  merge.set_policy(static_cast<cart::MergePolicy>(stage.Below(4)));
  const auto merged = co_await Try(buyer->Call<cart::MergeCartsResponse>(merge));
  stage.history.Count("person", "buyer signs in");
  co_return merged.cart().item_count();
}

}  // namespace souk::simulation
