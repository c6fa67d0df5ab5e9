#include "services/cart/module.h"

#include <memory>
#include <utility>
#include <vector>

#include "services/cart/cart.h"
#include "services/cart/cart_service.h"
#include "services/cart/offer_book.h"
#include "services/cart/topics.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"

namespace souk::cart {
namespace {

using catalog::events::v1::OfferChanged;

class CartModuleOf final : public Module {
 public:
  explicit CartModuleOf(ModuleContext context)
      : context_(std::move(context)),
        engine_(context_.engine_options, context_.scheduler, context_.clock, context_.store,
                context_.writer_of),
        offers_(engine_, context_.channels.To("catalog")),
        service_(
            engine_, offers_,
            {.guest_cart_expire_after = context_.settings.GetDuration("cart.guest_cart_expire_after"),
             .account_cart_expire_after = context_.settings.GetDuration("cart.account_cart_expire_after")}) {
    engine_.Register<Cart>();
    engine_.Register<Offer>();
    engine_.SetPublicMapping(ToPublic);
    engine_.OnEffect<Cart>(kExpireFreezeTimer,
                           [this](Effect effect) { return OnTimer<ExpireFreeze>(std::move(effect)); });
    engine_.OnEffect<Cart>(kExpireTimer,
                           [this](Effect effect) { return OnTimer<Expire>(std::move(effect)); });
    engine_.OnEffect<Cart>(kMoveLinesEffect,
                           [this](Effect effect) { return OnMoveLines(std::move(effect)); });
    catalog_.On<OfferChanged>([this](Delivery delivery, OfferChanged changed) {
      return offers_.TakeChange(std::move(changed), delivery.Metadata());
    });
  }

  Engine& engine() override { return engine_; }
  void AddTo(rpc::Router& router) override { service_.AddTo(router); }
  std::vector<Subscription*> subscriptions() override { return {&catalog_}; }

 private:
  template <typename Command>
  Task<Status> OnTimer(Effect effect) {
    co_await Try(engine_.Execute<Cart>(Cart::Id::Of(effect.aggregate_id), Command{}, effect.Metadata()));
    co_return OkStatus();
  }

  Task<Status> OnMoveLines(Effect effect) {
    v1::CartLinesAbsorbed absorbed;
    if (!absorbed.ParseFromString(effect.payload)) co_return DataLoss("malformed payload of a merge");
    MoveLines command{.target_cart_id = effect.aggregate_id,
                      .merge_count = absorbed.source_merge_count(),
                      .lines = {absorbed.moved_lines().begin(), absorbed.moved_lines().end()}};
    const StatusOr<Shared<v1::CartState>> moved = co_await engine_.Execute<Cart>(
        Cart::Id::Of(absorbed.source_cart_id()), std::move(command), effect.Metadata());
    // Frozen in the very moment of the merge: try again until that has ended.
    if (Reason(moved.status()) == "CART_FROZEN") co_return Unavailable("the merged cart is frozen");
    co_return moved.status();
  }

  ModuleContext context_;
  Engine engine_;
  OfferBook offers_;
  CartService service_;
  Subscription catalog_{"catalog"};
};

StatusOr<std::unique_ptr<Module>> Open(ModuleContext context) {
  return std::make_unique<CartModuleOf>(std::move(context));
}

}  // namespace

ModuleFactory CartModule() {
  return {.service = "cart",
          .settings = {{.key = "cart.guest_cart_expire_after",
                        .type = config::Type::kDuration,
                        .default_value = "30d",
                        .help = "How long a guest's cart is kept after its last change.",
                        .check = config::NotZero},
                       {.key = "cart.account_cart_expire_after",
                        .type = config::Type::kDuration,
                        .default_value = "90d",
                        .help = "How long a buyer's cart is kept after its last change.",
                        .check = config::NotZero}},
          .open = Open};
}

}  // namespace souk::cart
