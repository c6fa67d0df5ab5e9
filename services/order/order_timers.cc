#include "services/order/order_timers.h"

#include <algorithm>
#include <utility>

namespace souk::order {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);

}  // namespace

void OrderTimers::Register() {
  engine_.OnEffect<Order>(kUnpaidTimer, [this](Effect effect) {
    return Fire(std::move(effect), Cancel{.reason = v1::CANCEL_REASON_UNPAID, .by = v1::PARTY_SYSTEM});
  });
  engine_.OnEffect<Order>(kDispatchOverdueTimer,
                          [this](Effect effect) { return CancelOverdue(std::move(effect)); });
  engine_.OnEffect<Order>(kReceiptReminderTimer,
                          [this](Effect effect) { return Fire(std::move(effect), RemindOfReceipt{}); });
  engine_.OnEffect<Order>(kReceiveTimer, [this](Effect effect) { return Receive(std::move(effect)); });
}

Task<Status> OrderTimers::CancelOverdue(Effect effect) {
  const Cancel cancel{.reason = v1::CANCEL_REASON_NOT_DISPATCHED, .by = v1::PARTY_SYSTEM};
  const rpc::CallOptions options{.deadline = engine_.scheduler().Now() + kCallTimeout,
                                 .correlation_id = effect.correlation_id};
  const StatusOr<Shared<v1::OrderState>> order =
      co_await cancellation_.Run(OrderId::Of(effect.aggregate_id), cancel, effect.Metadata(), options);
  if (absl::IsFailedPrecondition(order.status())) co_return OkStatus();  // It has left meanwhile.
  co_return order.status();
}

Task<Status> OrderTimers::Receive(Effect effect) {
  const Shared<v1::OrderState> order = co_await Try(engine_.Read<Order>(OrderId::Of(effect.aggregate_id)));
  const bool delivered = std::all_of(order->parcels().begin(), order->parcels().end(),
                                     [](const auto& parcel) { return parcel.has_delivery_time(); });
  const ConfirmReceipt receipt{.by = delivered ? v1::PARTY_CARRIER : v1::PARTY_SYSTEM};
  co_return co_await Fire(std::move(effect), receipt);
}

template <typename Command>
Task<Status> OrderTimers::Fire(Effect effect, Command command) {
  const StatusOr<Shared<v1::OrderState>> order =
      co_await engine_.Execute<Order>(OrderId::Of(effect.aggregate_id), command, effect.Metadata());
  if (absl::IsFailedPrecondition(order.status())) co_return OkStatus();  // Something was quicker.
  co_return order.status();
}

}  // namespace souk::order
