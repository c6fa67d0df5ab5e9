#include "services/order/order_internal_service.h"

#include "services/order/contact.h"
#include "services/order/order.h"

namespace souk::order {

void OrderInternalService::AddTo(rpc::Router& router) {
  router.Add<&OrderInternalService::GetOrderContact>(*this, rpc::kServices);
}

Task<StatusOr<v1::GetOrderContactResponse>> OrderInternalService::GetOrderContact(
    rpc::CallContext, v1::GetOrderContactRequest request) {
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  const Shared<v1::OrderState> state = co_await Try(engine_.Read<Order>(id));
  if (state->state() == v1::OrderState::STATE_UNSPECIFIED) co_return NotFound("no such order");
  const v1::OrderSnapshot& snapshot = state->snapshot();
  const v1::Contact contact = co_await Try(OpenContact(keys_, snapshot.contact()));
  v1::GetOrderContactResponse response;
  response.set_order_id(snapshot.order_id());
  response.set_group_id(snapshot.group_id());
  response.set_buyer_id(snapshot.buyer_id());
  response.set_seller_id(snapshot.seller_id());
  response.set_contact_name(contact.contact_name());
  response.set_email(contact.email());
  *response.mutable_contact() = contact;
  response.set_language_code(snapshot.language_code());
  *response.mutable_lines() = snapshot.lines();
  *response.mutable_delivery() = snapshot.delivery();
  *response.mutable_items_total() = snapshot.items_total();
  *response.mutable_shipping_total() = snapshot.shipping_total();
  *response.mutable_total() = snapshot.total();
  response.set_payment_method(snapshot.payment_method());
  response.set_payment_intent_id(snapshot.payment_intent_id());
  response.set_note(NoteOf(keys_, *state));
  *response.mutable_place_time() = snapshot.place_time();
  response.set_state(state->state());
  *response.mutable_parcels() = state->parcels();
  co_return response;
}

}  // namespace souk::order
