#include "services/order/order_listener.h"

#include <utility>

#include "libs/base/proto_time.h"
#include "services/order/checkout.h"

namespace souk::order {

namespace pay = payment::events::v1;
namespace ship = shipping::events::v1;

template <typename Event>
void OrderListener::ResumeCheckoutOn() {
  payment_.On<Event>([this](Delivery delivery, Event event) {
    return ResumeCheckout(std::move(delivery), event.group_id());  // The id of its checkout.
  });
}

OrderListener::OrderListener(Engine& engine) : engine_(engine) {
  ResumeCheckoutOn<pay::PaymentAuthorized>();
  ResumeCheckoutOn<pay::PaymentDeclined>();
  ResumeCheckoutOn<pay::PaymentActionRequired>();
  ResumeCheckoutOn<pay::PaymentVoided>();
  payment_.On<pay::PaymentFundsReceived>([this](Delivery delivery, pay::PaymentFundsReceived event) {
    return OnFundsReceived(std::move(delivery), std::move(event));
  });
  payment_.On<pay::PaymentCaptured>([this](Delivery delivery, pay::PaymentCaptured event) {
    return Tell(std::move(delivery), event.order_id(), ConfirmPayment{});
  });
  payment_.On<pay::PaymentCaptureFailed>([this](Delivery delivery, pay::PaymentCaptureFailed event) {
    return Tell(std::move(delivery), event.order_id(), FailPayment{.failure_code = event.failure_code()});
  });
  payment_.On<pay::PaymentIntentExpired>([this](Delivery delivery, pay::PaymentIntentExpired event) {
    return OnIntentExpired(std::move(delivery), std::move(event));
  });
  payment_.On<pay::RefundSucceeded>([this](Delivery delivery, pay::RefundSucceeded event) {
    return OnRefundSucceeded(std::move(delivery), std::move(event));
  });
  shipping_.On<ship::ShipmentDispatched>([this](Delivery delivery, ship::ShipmentDispatched event) {
    return OnDispatched(std::move(delivery), std::move(event));
  });
  shipping_.On<ship::ShipmentDelivered>([this](Delivery delivery, ship::ShipmentDelivered event) {
    return OnDelivered(std::move(delivery), std::move(event));
  });
}

Task<Status> OrderListener::OnFundsReceived(Delivery delivery, pay::PaymentFundsReceived event) {
  if (!event.full()) co_return OkStatus();
  for (const std::string& order_id : event.order_ids()) {
    co_await Try(Tell(delivery, order_id, ConfirmPayment{}));
  }
  co_return OkStatus();
}

Task<Status> OrderListener::OnIntentExpired(Delivery delivery, pay::PaymentIntentExpired event) {
  for (const std::string& order_id : event.order_ids()) {
    const Cancel cancel{.reason = v1::CANCEL_REASON_UNPAID, .by = v1::PARTY_SYSTEM};
    const Status told = co_await Tell(delivery, order_id, cancel);
    if (!absl::IsFailedPrecondition(told)) co_await Try(told);  // One that has left goes on.
  }
  co_return OkStatus();
}

Task<Status> OrderListener::OnRefundSucceeded(Delivery delivery, pay::RefundSucceeded event) {
  if (event.order_id().empty()) co_return OkStatus();  // Money beyond what was due.
  const RecordRefund refund{.refund_id = event.refund_id(), .amount = event.amount()};
  co_return co_await Tell(std::move(delivery), event.order_id(), refund);
}

Task<Status> OrderListener::OnDispatched(Delivery delivery, ship::ShipmentDispatched event) {
  RecordDispatch dispatch{.shipment_id = event.shipment_id(),
                          .lines = {},
                          .carrier = event.carrier(),
                          .tracking_code = event.tracking_code(),
                          .dispatch_time = FromProto(event.dispatch_time())};
  for (const ship::ShipmentLine& line : event.lines()) {
    v1::LineQuantity& part = dispatch.lines.emplace_back();
    part.set_line_id(line.line_id());
    part.set_product_id(line.product_id());
    part.set_quantity(line.quantity());
  }
  co_return co_await Tell(std::move(delivery), event.order_id(), std::move(dispatch));
}

Task<Status> OrderListener::OnDelivered(Delivery delivery, ship::ShipmentDelivered event) {
  const RecordDelivery arrival{.shipment_id = event.shipment_id(),
                               .delivery_time = FromProto(event.delivered_time())};
  co_return co_await Tell(std::move(delivery), event.order_id(), arrival);
}

Task<Status> OrderListener::ResumeCheckout(Delivery delivery, std::string checkout_id) {
  co_await Try(
      engine_.Execute<Checkout>(CheckoutId::Of(std::move(checkout_id)), Resume{}, delivery.Metadata()));
  co_return OkStatus();
}

template <typename Command>
Task<Status> OrderListener::Tell(Delivery delivery, std::string order_id, Command command) {
  const OrderId id = OrderId::Of(order_id);
  const StatusOr<Shared<v1::OrderState>> order =
      co_await engine_.Execute<Order>(id, std::move(command), delivery.Metadata(order_id));
  if (!absl::IsNotFound(order.status())) co_return order.status();
  const Shared<v1::CheckoutState> checkout =
      co_await Try(engine_.Read<Checkout>(CheckoutId::Of(Order::PartitionKey(id))));
  const bool coming = InProgress(checkout->state()) || AwaitsPayment(checkout->state());
  co_return coming ? Unavailable("order %s is being placed", order_id) : OkStatus();
}

}  // namespace souk::order
