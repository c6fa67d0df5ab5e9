#include "services/order/stock_holds.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/order/checkout_pricing.h"
#include "services/order/order.h"

namespace souk::order {
namespace {

using State = v1::CheckoutState;

// What is wanted of each product, in the order of their ids.
std::map<std::string, std::int64_t> Demand(const State& checkout) {
  std::map<std::string, std::int64_t> demand;
  for (const v1::OrderSnapshot& order : checkout.orders()) {
    for (const v1::OrderLine& line : order.lines()) demand[line.product_id()] += line.quantity();
  }
  return demand;
}

Task<Status> CommitHold(CheckoutRun run, WantedProduct product, std::string order_id,
                        absl::Duration hold_again) {
  catalog::v1::CommitHoldRequest commit;
  commit.set_product_id(product.product_id);
  commit.set_hold_id(run.HoldId(product.product_id));
  commit.set_order_id(order_id);
  const auto committed = co_await run.Call<catalog::v1::CommitHoldResponse>("catalog", commit);
  if (committed.ok() || IsTransient(committed.status())) co_return committed.status();
  const OrderId id = OrderId::Of(order_id);
  const Shared<v1::OrderState> order = co_await Try(run.engine.Read<Order>(id));
  if (order->state() == v1::OrderState::STATE_CANCELLED) co_return OkStatus();
  if (Reason(committed.status()) != "HOLD_ENDED") co_return committed.status();

  catalog::v1::HoldStockRequest hold;
  hold.set_product_id(product.product_id);
  hold.set_hold_id(DerivedUuid("hold-again", run.Name(), product.product_id));
  hold.set_quantity(product.quantity);
  *hold.mutable_expire_time() = ToProto(run.engine.clock().Now() + hold_again);
  const auto held = co_await run.Call<catalog::v1::HoldStockResponse>("catalog", hold);
  if (absl::IsFailedPrecondition(held.status())) {
    const Cancel cancel{.reason = v1::CANCEL_REASON_OUT_OF_STOCK, .by = v1::PARTY_SYSTEM};
    const auto metadata = run.effect.Metadata("cancel/" + order_id);
    co_return (co_await run.engine.Execute<Order>(id, cancel, metadata)).status();
  }
  if (!held.ok()) co_return held.status();
  commit.set_hold_id(hold.hold_id());
  co_return (co_await run.Call<catalog::v1::CommitHoldResponse>("catalog", commit)).status();
}

}  // namespace

Task<Status> HoldStock(CheckoutRun run, Shared<State> checkout, absl::Time until) {
  const std::map<std::string, std::int64_t> demand = Demand(*checkout);
  for (const auto& [product_id, quantity] : demand) {
    catalog::v1::HoldStockRequest request;
    request.set_product_id(product_id);
    request.set_hold_id(run.HoldId(product_id));
    request.set_quantity(quantity);
    *request.mutable_expire_time() = ToProto(until);
    co_await Try(run.Call<catalog::v1::HoldStockResponse>("catalog", std::move(request)));
  }
  co_return OkStatus();
}

Task<Status> ExtendHolds(CheckoutRun run, Shared<State> checkout, absl::Time until) {
  const std::map<std::string, std::int64_t> demand = Demand(*checkout);
  for (const auto& [product_id, quantity] : demand) {
    catalog::v1::ExtendHoldRequest extend;
    extend.set_product_id(product_id);
    extend.set_hold_id(run.HoldId(product_id));
    *extend.mutable_expire_time() = ToProto(until);
    co_await Try(run.Call<catalog::v1::ExtendHoldResponse>("catalog", std::move(extend)));
  }
  co_return OkStatus();
}

Task<Status> ReleaseHolds(CheckoutRun run, Shared<State> checkout) {
  const std::map<std::string, std::int64_t> demand = Demand(*checkout);
  for (auto it = demand.rbegin(); it != demand.rend(); ++it) {
    catalog::v1::ReleaseHoldRequest release;
    release.set_product_id(it->first);
    release.set_hold_id(run.HoldId(it->first));
    const auto released = co_await run.Call<catalog::v1::ReleaseHoldResponse>("catalog", std::move(release));
    co_await Try(UnlessNotFound(released.status()));
  }
  co_return OkStatus();
}

Task<Status> CommitHolds(CheckoutRun run, Shared<State> checkout, absl::Duration hold_again) {
  for (const v1::OrderSnapshot& order : checkout->orders()) {
    for (const v1::OrderLine& line : order.lines()) {
      const WantedProduct product{.product_id = line.product_id(), .quantity = line.quantity()};
      co_await Try(CommitHold(run, product, order.order_id(), hold_again));
    }
  }
  co_return OkStatus();
}

}  // namespace souk::order
