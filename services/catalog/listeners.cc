#include "services/catalog/listeners.h"

#include <string>
#include <utility>

#include "libs/base/proto_time.h"
#include "services/catalog/review.h"

namespace souk::catalog {

using order::events::v1::LineQuantity;
using order::events::v1::OrderCancelled;
using order::events::v1::OrderLine;
using order::events::v1::OrderPlaced;
using order::events::v1::OrderReceived;
using shipping::events::v1::ShipmentDispatched;
using shipping::events::v1::ShipmentLine;

namespace {

// The end of the day in the zone where days end first: whoever was promised that day may
// say on the next one that nothing came.
absl::Time EndOf(const google::type::Date& date) {
  const absl::CivilDay day(date.year(), date.month(), date.day());
  return absl::FromCivil(day + 1, absl::UTCTimeZone());
}

}  // namespace

Listeners::Listeners(Engine& engine, StockKeeper& keeper) : engine_(engine), keeper_(keeper) {
  orders_.On<OrderPlaced>([this](Delivery delivery, OrderPlaced placed) {
    return OnPlaced(std::move(delivery), std::move(placed));
  });
  orders_.On<OrderReceived>([this](Delivery delivery, OrderReceived received) {
    return OnReceived(std::move(delivery), std::move(received));
  });
  orders_.On<OrderCancelled>([this](Delivery delivery, OrderCancelled cancelled) {
    return OnCancelled(std::move(delivery), std::move(cancelled));
  });
  shipments_.On<ShipmentDispatched>([this](Delivery delivery, ShipmentDispatched dispatched) {
    return OnDispatched(std::move(delivery), std::move(dispatched));
  });
}

Task<Status> Listeners::OnPlaced(Delivery delivery, OrderPlaced placed) {
  for (const OrderLine& line : placed.lines()) {
    const ReviewId id = ReviewIdFor(line.product_id(), placed.order_id(), line.line_id());
    RecordPurchase command;
    command.purchase.set_review_id(id.str());
    command.purchase.set_product_id(line.product_id());
    command.purchase.set_seller_id(placed.seller_id());
    command.purchase.set_buyer_id(placed.buyer_id());
    command.purchase.set_order_id(placed.order_id());
    command.purchase.set_line_id(line.line_id());
    *command.purchase.mutable_purchase_time() = placed.place_time();
    if (placed.shipping().has_arrive_until()) {
      *command.purchase.mutable_promise_time() = ToProto(EndOf(placed.shipping().arrive_until()));
    }
    co_await Try(engine_.Execute<Review>(id, std::move(command), delivery.Metadata(line.line_id())));
  }
  co_return OkStatus();
}

Task<Status> Listeners::OnReceived(Delivery delivery, OrderReceived received) {
  for (const LineQuantity& line : received.lines()) {
    const ReviewId id = ReviewIdFor(line.product_id(), received.order_id(), line.line_id());
    const RecordReceipt command{.receive_time = FromProto(received.receive_time())};
    co_await Try(engine_.Execute<Review>(id, command, delivery.Metadata(line.line_id())));
  }
  co_return OkStatus();
}

Task<Status> Listeners::OnCancelled(Delivery delivery, OrderCancelled cancelled) {
  for (const LineQuantity& line : cancelled.lines()) {
    ReleaseAllocation release{.order_id = cancelled.order_id(), .quantity = line.quantity()};
    co_await Try(keeper_.Execute(StockId::Of(line.product_id()), std::move(release),
                                 delivery.Metadata("stock/" + line.line_id())));
    const ReviewId id = ReviewIdFor(line.product_id(), cancelled.order_id(), line.line_id());
    co_await Try(
        engine_.Execute<Review>(id, CancelPurchase{}, delivery.Metadata("review/" + line.line_id())));
  }
  co_return OkStatus();
}

Task<Status> Listeners::OnDispatched(Delivery delivery, ShipmentDispatched dispatched) {
  for (const ShipmentLine& line : dispatched.lines()) {
    DispatchStock dispatch{.order_id = dispatched.order_id(), .quantity = line.quantity()};
    co_await Try(keeper_.Execute(StockId::Of(line.product_id()), std::move(dispatch),
                                 delivery.Metadata("stock/" + line.line_id())));
    const ReviewId id = ReviewIdFor(line.product_id(), dispatched.order_id(), line.line_id());
    const RecordDispatch record{.dispatch_time = FromProto(dispatched.dispatch_time())};
    co_await Try(engine_.Execute<Review>(id, record, delivery.Metadata("review/" + line.line_id())));
  }
  co_return OkStatus();
}

}  // namespace souk::catalog
