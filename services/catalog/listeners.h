// What the catalogue does because of other services' events: stock follows orders and
// parcels, and whoever bought may review.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/messaging/subscription.h"
#include "services/catalog/stock_keeper.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::catalog {

class Listeners {
 public:
  // Both must outlive the object.
  Listeners(Engine& engine, StockKeeper& keeper);

  Subscription& orders() { return orders_; }
  Subscription& shipments() { return shipments_; }

 private:
  Task<Status> OnPlaced(Delivery delivery, order::events::v1::OrderPlaced placed);
  Task<Status> OnReceived(Delivery delivery, order::events::v1::OrderReceived received);
  Task<Status> OnCancelled(Delivery delivery, order::events::v1::OrderCancelled cancelled);
  Task<Status> OnDispatched(Delivery delivery, shipping::events::v1::ShipmentDispatched dispatched);

  Engine& engine_;
  StockKeeper& keeper_;
  Subscription orders_{"order"};
  Subscription shipments_{"shipping"};
};

}  // namespace souk::catalog
