// What orders mean for payments: placed, the card is charged; received, the seller's
// earnings are released and cash is counted; cancelled, the money goes back.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/messaging/subscription.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::payment {

class OrderListener {
 public:
  // `engine` must outlive the listener.
  explicit OrderListener(Engine& engine);

  Subscription& subscription() { return subscription_; }

 private:
  Task<Status> OnPlaced(Delivery delivery, order::events::v1::OrderPlaced placed);
  Task<Status> OnReceived(Delivery delivery, order::events::v1::OrderReceived received);
  Task<Status> OnCancelled(Delivery delivery, order::events::v1::OrderCancelled cancelled);

  Engine& engine_;
  Subscription subscription_{"order"};
};

}  // namespace souk::payment
