// What this service does about the public events of payment and shipping.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/messaging/subscription.h"
#include "services/order/order.h"
#include "souk/payment/events/v1/payment_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::order {

class OrderListener {
 public:
  // `engine` must outlive the listener.
  explicit OrderListener(Engine& engine);

  Subscription& payment() { return payment_; }
  Subscription& shipping() { return shipping_; }

 private:
  Task<Status> OnFundsReceived(Delivery delivery, payment::events::v1::PaymentFundsReceived event);
  Task<Status> OnIntentExpired(Delivery delivery, payment::events::v1::PaymentIntentExpired event);
  Task<Status> OnRefundSucceeded(Delivery delivery, payment::events::v1::RefundSucceeded event);
  Task<Status> OnDispatched(Delivery delivery, shipping::events::v1::ShipmentDispatched event);
  Task<Status> OnDelivered(Delivery delivery, shipping::events::v1::ShipmentDelivered event);

  // Lets a checkout that waits for the payment look at it.
  template <typename Event>
  void ResumeCheckoutOn();
  Task<Status> ResumeCheckout(Delivery delivery, std::string checkout_id);
  // An order that is only just being placed is waited for; one that never will be is not.
  template <typename Command>
  Task<Status> Tell(Delivery delivery, std::string order_id, Command command);

  Engine& engine_;
  Subscription payment_{"payment"};
  Subscription shipping_{"shipping"};
};

}  // namespace souk::order
