#include "services/payment/order_listener.h"

#include <utility>

#include "services/payment/payment_intent.h"

namespace souk::payment {

namespace events = order::events::v1;

OrderListener::OrderListener(Engine& engine) : engine_(engine) {
  subscription_.On<events::OrderPlaced>([this](Delivery delivery, events::OrderPlaced placed) {
    return OnPlaced(std::move(delivery), std::move(placed));
  });
  subscription_.On<events::OrderReceived>([this](Delivery delivery, events::OrderReceived received) {
    return OnReceived(std::move(delivery), std::move(received));
  });
  subscription_.On<events::OrderCancelled>([this](Delivery delivery, events::OrderCancelled cancelled) {
    return OnCancelled(std::move(delivery), std::move(cancelled));
  });
}

Task<Status> OrderListener::OnPlaced(Delivery delivery, events::OrderPlaced placed) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(placed.payment_intent_id());
  const ClaimCapture claim{.order_id = placed.order_id()};
  co_await Try(engine_.Execute<PaymentIntent>(id, claim, delivery.Metadata("capture")));
  co_return OkStatus();
}

Task<Status> OrderListener::OnReceived(Delivery delivery, events::OrderReceived received) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(received.payment_intent_id());
  const RecordReceipt receipt{.order_id = received.order_id()};
  co_await Try(engine_.Execute<PaymentIntent>(id, receipt, delivery.Metadata("receipt")));
  co_return OkStatus();
}

Task<Status> OrderListener::OnCancelled(Delivery delivery, events::OrderCancelled cancelled) {
  const PaymentIntent::Id id = PaymentIntent::Id::Of(cancelled.payment_intent_id());
  const CancelShare cancel{.order_id = cancelled.order_id(), .reason = cancelled.reason()};
  co_await Try(engine_.Execute<PaymentIntent>(id, cancel, delivery.Metadata("cancel")));
  co_return OkStatus();
}

}  // namespace souk::payment
