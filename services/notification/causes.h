// What leads to a mail: for each public event of the other services, who is to be told
// what. The functions are pure; Causes subscribes and executes.
//
// | event                                   | to     | template                              |
// |-----------------------------------------|--------|---------------------------------------|
// | order.OrderGroupPlaced (bank transfer)  | buyer  | payment_instructions                  |
// | order.OrderPlaced                       | buyer  | order_confirmation                    |
// | order.OrderPaymentConfirmed             | seller | new_order                             |
// | shipping.ShipBySlaAtRisk                | seller | dispatch_reminder                     |
// | shipping.ShipmentDispatched             | buyer  | order_dispatched                      |
// | order.OrderReceiptReminderDue           | buyer  | receipt_reminder                      |
// | order.OrderReceived                     | buyer  | order_received; review_invitation 3 d later |
// | order.OrderCancelled                    | both   | order_cancelled, sale_cancelled       |
// | catalog.ReviewSubmitted                 | -      | calls the review_invitation off       |
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/eventsourcing/engine.h"
#include "libs/messaging/subscription.h"
#include "services/notification/notification.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::notification {

// A review is asked for so long after receipt. Source: domain.md section 3.
inline constexpr absl::Duration kReviewInvitationAfter = absl::Hours(72);

// The mails that an event leads to; facts without cause_event_id, which Causes adds.
std::vector<Request> MailsFor(const order::events::v1::OrderGroupPlaced& event);
std::vector<Request> MailsFor(const order::events::v1::OrderPlaced& event);
std::vector<Request> MailsFor(const order::events::v1::OrderPaymentConfirmed& event);
std::vector<Request> MailsFor(const order::events::v1::OrderReceiptReminderDue& event);
std::vector<Request> MailsFor(const order::events::v1::OrderReceived& event);
std::vector<Request> MailsFor(const order::events::v1::OrderCancelled& event);
std::vector<Request> MailsFor(const shipping::events::v1::ShipBySlaAtRisk& event);
std::vector<Request> MailsFor(const shipping::events::v1::ShipmentDispatched& event);
// The invitation that a review makes needless.
Request InvitationFor(const catalog::events::v1::ReviewSubmitted& event);

class Causes {
 public:
  // `engine` must outlive the object.
  explicit Causes(Engine& engine);
  Causes(const Causes&) = delete;
  Causes& operator=(const Causes&) = delete;

  std::vector<Subscription*> subscriptions() { return {&orders_, &shipping_, &catalog_}; }

 private:
  template <typename Event>
  void Mail(Subscription& subscription) {
    subscription.On<Event>(
        [this](Delivery delivery, Event event) { return Ask(std::move(delivery), MailsFor(event)); });
  }
  Task<Status> Ask(Delivery delivery, std::vector<Request> requests);
  Task<Status> CallOff(Delivery delivery, Request invitation);

  Engine& engine_;
  Subscription orders_{"order"};
  Subscription shipping_{"shipping"};
  Subscription catalog_{"catalog"};
};

}  // namespace souk::notification
