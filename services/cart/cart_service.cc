#include "services/cart/cart_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/base/request_field.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/page.h"
#include "services/cart/cart_pricing.h"

namespace souk::cart {
namespace {

// How long a merge waits until the guest's cart has let go of its lines.
constexpr absl::Duration kMergeWaitMax = absl::Seconds(5);

// The caller as owner of carts.
StatusOr<std::string> OwnerOf(const rpc::CallContext& call) {
  std::string owner = BuyerIdOf(call.principal);
  if (!owner.empty()) return owner;
  return WithReason(absl::UnauthenticatedError("a guest needs a token to have a cart"),
                    "GUEST_TOKEN_REQUIRED");
}

bool MayBeOutdated(const Status& status) {
  const std::string reason = Reason(status);
  return reason == "OUT_OF_STOCK" || reason == "PRODUCT_UNAVAILABLE" || reason == "CURRENCY_MISMATCH";
}

bool SameOffer(const v1::Offer& a, const v1::Offer& b) {
  return a.offer_version() == b.offer_version() && a.available_quantity() == b.available_quantity() &&
         a.saleable() == b.saleable();
}

std::vector<std::string> ProductsInDoubt(const v1::Cart& cart) {
  std::vector<std::string> product_ids;
  for (const v1::CartProblem& problem : cart.problems()) {
    const bool doubtful = problem.type() == v1::CartProblem::TYPE_INSUFFICIENT_STOCK ||
                          problem.type() == v1::CartProblem::TYPE_UNAVAILABLE;
    if (doubtful && product_ids.size() < kOffersAskedMax) product_ids.push_back(problem.product_id());
  }
  return product_ids;
}

// Whether the lines of a guest's cart can go into another cart now.
Status CheckMergeSource(const v1::CartState& source, absl::Time now) {
  switch (source.state()) {
    case v1::CartState::STATE_FROZEN:
      if (now >= FromProto(source.freeze_expire_time())) return OkStatus();
      return Aborted("CART_FROZEN", {{"checkout_id", source.checkout_id()}},
                     "the guest's cart is being paid for");
    case v1::CartState::STATE_COMPLETED:
    case v1::CartState::STATE_EXPIRED:
      return IllegalTransition("the guest's cart has ended; it cannot be merged");
    case v1::CartState::STATE_ACTIVE:
    case v1::CartState::STATE_MERGED:
    case v1::CartState::STATE_UNSPECIFIED:
    case v1::CartState_State_CartState_State_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::CartState_State_CartState_State_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return OkStatus();
}

}  // namespace

void CartService::AddTo(rpc::Router& router) {
  constexpr rpc::Callers kOwners = rpc::kGuests | rpc::kBuyers;
  router.Add<&CartService::CreateCart>(*this, kOwners);
  router.Add<&CartService::GetCart>(*this, kOwners | rpc::kOperators | rpc::kServices);
  router.Add<&CartService::ListCarts>(*this, kOwners);
  router.Add<&CartService::AddItem>(*this, kOwners);
  router.Add<&CartService::SetItemQuantity>(*this, kOwners);
  router.Add<&CartService::RemoveItem>(*this, kOwners);
  router.Add<&CartService::MergeCarts>(*this, rpc::kBuyers);
  router.Add<&CartService::FreezeCart>(*this, rpc::kServices);
  router.Add<&CartService::UnfreezeCart>(*this, rpc::kServices);
  router.Add<&CartService::CompleteCart>(*this, rpc::kServices);
}

Task<StatusOr<v1::CreateCartResponse>> CartService::CreateCart(CallContext call,
                                                               v1::CreateCartRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const std::string owner = co_await Try(OwnerOf(call));
  const Cart::Id id = Cart::Id::Of(DerivedUuid("cart", request.request_id(), ToString(call.principal)));
  Create command{.cart_id = id.str(),
                 .buyer_id = owner,
                 .expire_after = call.principal.kind == Principal::Kind::kGuest
                                     ? options_.guest_cart_expire_after
                                     : options_.account_cart_expire_after};
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  v1::CreateCartResponse response;
  *response.mutable_cart() = co_await Render(cart, std::move(call));
  co_return response;
}

Task<StatusOr<v1::GetCartResponse>> CartService::GetCart(CallContext call, v1::GetCartRequest request) {
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  const Shared<v1::CartState> cart = co_await Try(engine_.Read<Cart>(id));
  const bool may_read_any = call.principal.IsOperator() || call.principal.IsService();
  const bool is_owner = cart->buyer_id() == BuyerIdOf(call.principal);
  if (cart->state() == v1::CartState::STATE_UNSPECIFIED || !(may_read_any || is_owner))
    co_return NoSuchCart();
  v1::GetCartResponse response;
  *response.mutable_cart() = co_await Render(cart, std::move(call));
  co_return response;
}

Task<StatusOr<v1::ListCartsResponse>> CartService::ListCarts(CallContext call, v1::ListCartsRequest request) {
  const std::string owner = co_await Try(OwnerOf(call));
  IndexQuery query{.index = "carts_by_buyer", .prefix = owner + "/", .direction = Direction::kBackward};
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListCartsResponse response;
  for (const IndexRow& row : page.rows) {
    const Shared<v1::CartState> cart = co_await Try(engine_.Read<Cart>(Cart::Id::Of(IdInKey(row.key))));
    *response.add_carts() = co_await Render(cart, call);
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::AddItemResponse>> CartService::AddItem(CallContext call, v1::AddItemRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  const ProductId product_id = co_await Try(ProductId::Parse(request.product_id()));
  cart::AddItem command{.caller = {.buyer_id = co_await Try(OwnerOf(call)), .etag = request.etag()},
                        .offer = {},
                        .quantity = request.quantity()};
  if (const v1::Offer* const known = offers_.Find(product_id.str()); known != nullptr) {
    command.offer = *known;
  } else {
    command.offer = co_await Try(offers_.Get(product_id, call));
  }
  const Shared<v1::CartState> cart =
      co_await Try(ExecuteWithOffer(id, std::move(command), std::move(metadata), call));
  v1::AddItemResponse response;
  *response.mutable_cart() = co_await Render(cart, std::move(call));
  co_return response;
}

Task<StatusOr<v1::SetItemQuantityResponse>> CartService::SetItemQuantity(CallContext call,
                                                                         v1::SetItemQuantityRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  const ProductId product_id = co_await Try(ProductId::Parse(request.product_id()));
  const Caller caller{.buyer_id = co_await Try(OwnerOf(call)), .etag = request.etag()};
  StatusOr<Shared<v1::CartState>> cart;
  if (request.quantity() == 0) {
    cart::RemoveItem command{.caller = caller, .product_id = product_id.str()};
    cart = co_await engine_.Execute<Cart>(id, std::move(command), std::move(metadata));
  } else {
    cart::SetItemQuantity command{.caller = caller,
                                  .offer = co_await Try(offers_.Get(product_id, call)),
                                  .quantity = request.quantity()};
    cart = co_await ExecuteWithOffer(id, std::move(command), std::move(metadata), call);
  }
  v1::SetItemQuantityResponse response;
  *response.mutable_cart() = co_await Render(co_await Try(std::move(cart)), std::move(call));
  co_return response;
}

Task<StatusOr<v1::RemoveItemResponse>> CartService::RemoveItem(CallContext call,
                                                               v1::RemoveItemRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  const ProductId product_id = co_await Try(ProductId::Parse(request.product_id()));
  cart::RemoveItem command{.caller = {.buyer_id = co_await Try(OwnerOf(call)), .etag = request.etag()},
                           .product_id = product_id.str()};
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  v1::RemoveItemResponse response;
  *response.mutable_cart() = co_await Render(cart, std::move(call));
  co_return response;
}

Task<StatusOr<v1::MergeCartsResponse>> CartService::MergeCarts(CallContext call,
                                                               v1::MergeCartsRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  co_await Try(CheckId("guest_cart_id", request.guest_cart_id()));
  const Cart::Id source_id = Cart::Id::Of(request.guest_cart_id());
  if (source_id == id) co_return InvalidField("guest_cart_id", "must be another cart");
  if (!v1::MergePolicy_IsValid(request.policy())) co_return InvalidField("policy", "is not known");

  const std::string guest = BuyerIdOf({.kind = Principal::Kind::kGuest, .id = request.guest_token()});
  const Shared<v1::CartState> source = co_await Try(engine_.Read<Cart>(source_id));
  const bool theirs = !guest.empty() && source->buyer_id() == guest;
  if (source->state() == v1::CartState::STATE_UNSPECIFIED || !theirs) co_return NoSuchCart();
  co_await Try(CheckMergeSource(*source, engine_.clock().Now()));

  AbsorbLines command{
      .buyer_id = BuyerIdOf(call.principal),
      .source_cart_id = source_id.str(),
      .source_merge_count = source->merge_count(),
      .policy = request.policy() == v1::MERGE_POLICY_UNSPECIFIED ? v1::MERGE_POLICY_SUM : request.policy(),
      .lines = {source->lines().begin(), source->lines().end()},
      .offers = {}};
  for (const v1::CartLine& line : source->lines()) {
    if (const v1::Offer* const offer = offers_.Find(line.product_id())) command.offers.push_back(*offer);
  }
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  // The lines are safe. If the guest's cart does not follow in time, it will later.
  const absl::Time wait_until = std::min(call.deadline, engine_.scheduler().Now() + kMergeWaitMax);
  (co_await engine_.AwaitEffect<Cart>(id, kMoveLinesEffect, source_id.str(), wait_until)).IgnoreError();

  v1::MergeCartsResponse response;
  for (const v1::AbsorbedCart& absorbed : cart->absorbed_carts()) {
    if (absorbed.source_cart_id() == source_id.str()) *response.mutable_outcomes() = absorbed.outcomes();
  }
  *response.mutable_cart() = co_await Render(cart, std::move(call));
  co_return response;
}

Task<StatusOr<v1::FreezeCartResponse>> CartService::FreezeCart(CallContext call,
                                                               v1::FreezeCartRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  co_await Try(CheckId("checkout_id", request.checkout_id()));
  const absl::Time expire_time = co_await Try(RequestTime("expire_time", request.expire_time()));
  Freeze command{.checkout_id = request.checkout_id(),
                 .expire_time = expire_time,
                 .buyer_id = request.buyer_id(),
                 .etag = request.etag()};
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  v1::FreezeCartResponse response;
  *response.mutable_lines() = cart->lines();
  response.set_buyer_id(cart->buyer_id());
  response.set_etag(EtagOf(*cart));
  *response.mutable_expire_time() = cart->freeze_expire_time();
  co_return response;
}

Task<StatusOr<v1::UnfreezeCartResponse>> CartService::UnfreezeCart(CallContext call,
                                                                   v1::UnfreezeCartRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  co_await Try(CheckId("checkout_id", request.checkout_id()));
  co_await Try(CheckSize("reason", request.reason(), kReasonBytesMax));
  Unfreeze command{.checkout_id = request.checkout_id(), .note = request.reason()};
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  v1::UnfreezeCartResponse response;
  response.set_etag(EtagOf(*cart));
  co_return response;
}

Task<StatusOr<v1::CompleteCartResponse>> CartService::CompleteCart(CallContext call,
                                                                   v1::CompleteCartRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Cart::Id id = co_await Try(Cart::Id::Parse(request.cart_id()));
  co_await Try(CheckId("checkout_id", request.checkout_id()));
  Complete command{.checkout_id = request.checkout_id()};
  const Shared<v1::CartState> cart =
      co_await Try(engine_.Execute<Cart>(id, std::move(command), std::move(metadata)));
  v1::CompleteCartResponse response;
  response.set_etag(EtagOf(*cart));
  co_return response;
}

template <typename Command>
Task<StatusOr<Shared<v1::CartState>>> CartService::ExecuteWithOffer(Cart::Id id, Command command,
                                                                    CommandMetadata metadata,
                                                                    CallContext call) {
  StatusOr<Shared<v1::CartState>> cart = co_await engine_.Execute<Cart>(id, command, metadata);
  if (cart.ok() || !MayBeOutdated(cart.status())) co_return cart;
  std::vector<std::string> product_ids;
  product_ids.push_back(command.offer.product_id());
  const Status refreshed = co_await offers_.Refresh(std::move(product_ids), std::move(call));
  const v1::Offer* const fresh = offers_.Find(command.offer.product_id());
  if (!refreshed.ok() || fresh == nullptr || SameOffer(*fresh, command.offer)) co_return cart;
  command.offer = *fresh;
  co_return co_await engine_.Execute<Cart>(std::move(id), std::move(command), std::move(metadata));
}

Task<v1::Cart> CartService::Render(Shared<v1::CartState> state, CallContext call) {
  OfferBook* const offers = &offers_;
  const FindOffer find = [offers](const std::string& product_id) { return offers->Find(product_id); };
  v1::Cart cart = RenderCart(*state, find);
  std::vector<std::string> product_ids = ProductsInDoubt(cart);
  if (product_ids.empty()) co_return cart;
  // Without the catalog, what was known must do.
  const Status refreshed = co_await offers_.Refresh(std::move(product_ids), std::move(call));
  if (refreshed.ok()) cart = RenderCart(*state, find);
  co_return cart;
}

}  // namespace souk::cart
