#include "services/order/order_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/sortable_time.h"
#include "libs/eventsourcing/page.h"
#include "services/order/contact.h"
#include "services/order/order_group.h"
#include "services/order/order_journey.h"

namespace souk::order {
namespace {

using State = v1::OrderState;

constexpr std::size_t kNoteCharactersMax = 1000;
// Orders of one state of one seller that are counted; beyond that the counters say so many.
constexpr std::size_t kCountMax = 100'000;

Status NoSuchOrder() { return NotFound("no such order"); }

v1::Party PartyOf(const Principal& principal) {
  switch (principal.kind) {
    case Principal::Kind::kGuest:
    case Principal::Kind::kBuyer:
      return v1::PARTY_BUYER;
    case Principal::Kind::kSeller:
      return v1::PARTY_SELLER;
    case Principal::Kind::kOperator:
      return v1::PARTY_OPERATOR;
    case Principal::Kind::kService:
      return v1::PARTY_SYSTEM;
  }
  return v1::PARTY_UNSPECIFIED;
}

bool MayGive(v1::CancelReason reason) {
  return reason == v1::CANCEL_REASON_CHANGED_MIND || reason == v1::CANCEL_REASON_OUT_OF_STOCK ||
         reason == v1::CANCEL_REASON_UNDELIVERABLE || reason == v1::CANCEL_REASON_OTHER;
}

Status CheckNote(std::string_view note) {
  const auto is_character = [](unsigned char c) {
    return (c & 0xc0) != 0x80;
  };  // Not the rest of one in UTF-8.
  const auto characters = static_cast<std::size_t>(std::count_if(note.begin(), note.end(), is_character));
  const bool control = std::any_of(note.begin(), note.end(),
                                   [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; });
  if (characters == 0 || characters > kNoteCharactersMax || control) {
    return InvalidField("note", "must be plain text of 1 to 1000 characters");
  }
  return OkStatus();
}

// The rows that a request to list orders is about.
// Newest first. Sellers and buyers see their own; operators say whose. NOT_FOUND for anyone else's.
StatusOr<IndexQuery> QueryFor(const Principal& caller, const v1::ListOrdersRequest& request) {
  std::string seller_id = request.seller_id();
  std::string buyer_id = request.buyer_id();
  if (caller.kind == Principal::Kind::kSeller) {
    if (!buyer_id.empty() || (!seller_id.empty() && !caller.IsSeller(seller_id)))
      return NotFound("no such orders");
    seller_id = caller.id;
  } else if (!caller.IsOperator()) {
    const std::string own = BuyerIdOf(caller);
    if (own.empty() || !seller_id.empty() || (!buyer_id.empty() && buyer_id != own))
      return NotFound("no such orders");
    buyer_id = own;
  }
  if (seller_id.empty() == buyer_id.empty()) return InvalidField("seller_id", "or buyer_id is required");
  if (!State::State_IsValid(request.state())) return InvalidField("state", "is unknown");
  const bool any_state = request.state() == State::STATE_UNSPECIFIED;
  const std::string state = any_state ? "/" : "/" + NameOf(request.state()) + "/";
  if (seller_id.empty()) {
    RETURN_IF_ERROR(CheckId("buyer_id", buyer_id));
    return IndexQuery{.index = any_state ? "orders_by_buyer" : "orders_by_buyer_and_state",
                      .prefix = buyer_id + state};
  }
  RETURN_IF_ERROR(CheckId("seller_id", seller_id));
  if (any_state) return IndexQuery{.index = "orders_by_seller", .prefix = seller_id + state};
  return IndexQuery{
      .index = "orders_by_seller_and_state", .prefix = seller_id + state, .direction = Direction::kForward};
}

}  // namespace

void OrderService::AddTo(rpc::Router& router) {
  constexpr rpc::Callers kOwners = rpc::kGuests | rpc::kBuyers;
  router.Add<&OrderService::GetOrderGroup>(*this, kOwners | rpc::kOperators);
  router.Add<&OrderService::GetOrder>(*this, kOwners | rpc::kSellers | rpc::kOperators);
  router.Add<&OrderService::ListOrders>(*this, kOwners | rpc::kSellers | rpc::kOperators);
  router.Add<&OrderService::GetOrderCounters>(*this, rpc::kSellers | rpc::kOperators);
  router.Add<&OrderService::CancelOrder>(*this, kOwners | rpc::kSellers | rpc::kOperators);
  router.Add<&OrderService::ConfirmReceipt>(*this, kOwners | rpc::kOperators);
  router.Add<&OrderService::AttachPersonalNote>(*this, rpc::kSellers);
  router.Add<&OrderService::GetOrderJourney>(*this, kOwners | rpc::kSellers | rpc::kOperators);
}

Task<StatusOr<v1::GetOrderGroupResponse>> OrderService::GetOrderGroup(CallContext call,
                                                                      v1::GetOrderGroupRequest request) {
  const OrderGroupId id = co_await Try(OrderGroupId::Parse(request.group_id()));
  const Shared<v1::OrderGroupState> state = co_await Try(engine_.Read<order::OrderGroup>(id));
  const v1::OrderGroupPlaced& placed = state->placed();
  const bool own = placed.buyer_id() == BuyerIdOf(call.principal);
  if (!state->has_placed() || (!own && !call.principal.IsOperator()))
    co_return NotFound("no such order group");
  v1::GetOrderGroupResponse response;
  v1::OrderGroup& group = *response.mutable_order_group();
  std::vector<State::State> states;
  for (const std::string& order_id : placed.order_ids()) {
    const Shared<State> order = co_await Try(engine_.Read<order::Order>(OrderId::Of(order_id)));
    *group.add_orders() = Render(call.principal, *order);
    states.push_back(order->state());
  }
  group.set_group_id(placed.group_id());
  group.set_cart_id(placed.cart_id());
  group.set_buyer_id(placed.buyer_id());
  group.set_state(StateOfGroup(states));
  *group.mutable_total() = placed.total();
  group.set_payment_method(placed.payment_method());
  group.set_payment_intent_id(placed.payment_intent_id());
  *group.mutable_place_time() = placed.place_time();
  co_return response;
}

Task<StatusOr<v1::GetOrderResponse>> OrderService::GetOrder(CallContext call, v1::GetOrderRequest request) {
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  const Shared<State> state = co_await Try(Find(call, id));
  v1::GetOrderResponse response;
  *response.mutable_order() = Render(call.principal, *state);
  co_return response;
}

Task<StatusOr<v1::ListOrdersResponse>> OrderService::ListOrders(CallContext call,
                                                                v1::ListOrdersRequest request) {
  IndexQuery query = co_await Try(QueryFor(call.principal, request));
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListOrdersResponse response;
  for (const IndexRow& row : page.rows) {
    const Shared<State> order = co_await Try(engine_.Read<order::Order>(OrderId::Of(IdInKey(row.key))));
    *response.add_orders() = Render(call.principal, *order);
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::GetOrderCountersResponse>> OrderService::GetOrderCounters(
    CallContext call, v1::GetOrderCountersRequest request) {
  const std::string seller_id =
      request.seller_id().empty() && !call.principal.IsOperator() ? call.principal.id : request.seller_id();
  co_await Try(CheckId("seller_id", seller_id));
  if (!call.principal.IsOperator() && !call.principal.IsSeller(seller_id))
    co_return NotFound("no such seller");
  const auto rows_of = [&](State::State state) {
    return engine_.Query({.index = "orders_by_seller_and_state",
                          .prefix = seller_id + "/" + NameOf(state) + "/",
                          .limit = kCountMax});
  };
  const auto unpaid = co_await Try(rows_of(State::STATE_PLACED));
  const auto waiting = co_await Try(rows_of(State::STATE_AWAITING_DISPATCH));
  const auto dispatched = co_await Try(rows_of(State::STATE_DISPATCHED));

  const absl::Time now = engine_.clock().Now();
  const std::string from = seller_id + "/" + NameOf(State::STATE_AWAITING_DISPATCH) + "/";
  const auto count = [&](const auto& matches) {
    return static_cast<std::int32_t>(std::count_if(waiting.begin(), waiting.end(), matches));
  };
  const auto overdue = [&](const IndexRow& row) { return row.key < from + SortableTime(now); };
  const auto due_soon = [&](const IndexRow& row) {
    return !overdue(row) && row.key < from + SortableTime(now + absl::Hours(24));
  };
  v1::GetOrderCountersResponse response;
  response.set_awaiting_payment(static_cast<std::int32_t>(unpaid.size()));
  response.set_awaiting_dispatch(static_cast<std::int32_t>(waiting.size()));
  response.set_new_orders(
      count([&](const IndexRow& row) { return row.value > SortableTime(now - absl::Hours(24)); }));
  response.set_due_soon(count(due_soon));
  response.set_overdue(count(overdue));
  response.set_dispatched(static_cast<std::int32_t>(dispatched.size()));
  co_return response;
}

Task<StatusOr<v1::CancelOrderResponse>> OrderService::CancelOrder(CallContext call,
                                                                  v1::CancelOrderRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  co_await Try(Find(call, id));
  if (!MayGive(request.reason())) co_return InvalidField("reason", "must be one that a caller may give");
  const Cancel cancel{.reason = request.reason(), .by = PartyOf(call.principal)};
  rpc::CallOptions options{
      .deadline = call.deadline, .correlation_id = call.correlation_id, .traceparent = call.traceparent};
  const Shared<State> state =
      co_await Try(cancellation_.Run(id, cancel, std::move(metadata), std::move(options)));
  v1::CancelOrderResponse response;
  *response.mutable_order() = Render(call.principal, *state);
  co_return response;
}

Task<StatusOr<v1::ConfirmReceiptResponse>> OrderService::ConfirmReceipt(CallContext call,
                                                                        v1::ConfirmReceiptRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  co_await Try(Find(call, id));
  const order::ConfirmReceipt receipt{.by = PartyOf(call.principal)};
  const Shared<State> state = co_await Try(engine_.Execute<order::Order>(id, receipt, std::move(metadata)));
  v1::ConfirmReceiptResponse response;
  *response.mutable_order() = Render(call.principal, *state);
  co_return response;
}

Task<StatusOr<v1::AttachPersonalNoteResponse>> OrderService::AttachPersonalNote(
    CallContext call, v1::AttachPersonalNoteRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  const Shared<State> before = co_await Try(Find(call, id));
  co_await Try(CheckNote(request.note()));
  AttachNote attach;
  attach.note = co_await Try(
      keys_.Seal(SubjectOf(before->snapshot().buyer_id()), request.note(), "note/" + request.request_id()));
  const Shared<State> state =
      co_await Try(engine_.Execute<order::Order>(id, std::move(attach), std::move(metadata)));
  v1::AttachPersonalNoteResponse response;
  *response.mutable_order() = Render(call.principal, *state);
  co_return response;
}

Task<StatusOr<v1::GetOrderJourneyResponse>> OrderService::GetOrderJourney(
    CallContext call, v1::GetOrderJourneyRequest request) {
  const OrderId id = co_await Try(OrderId::Parse(request.order_id()));
  const Shared<State> state = co_await Try(Find(call, id));
  const std::vector<event::v1::EventRecord> events = co_await Try(engine_.ReadStream<order::Order>(id));
  v1::GetOrderJourneyResponse response;
  *response.mutable_journey() = JourneyOf(*state, events);
  co_return response;
}

StatusOr<Shared<State>> OrderService::Find(const CallContext& call, const OrderId& id) const {
  ASSIGN_OR_RETURN(Shared<State> state, engine_.Read<order::Order>(id));
  if (state->state() == State::STATE_UNSPECIFIED) return NoSuchOrder();
  const bool own = state->snapshot().buyer_id() == BuyerIdOf(call.principal) ||
                   call.principal.IsSeller(state->snapshot().seller_id());
  if (!own && !call.principal.IsOperator()) return NoSuchOrder();
  return state;
}

v1::Order OrderService::Render(const Principal& viewer, const State& state) const {
  v1::Order order;
  order.set_order_id(state.snapshot().order_id());
  order.set_state(state.state());
  order.set_payment(state.payment());
  *order.mutable_snapshot() = state.snapshot();
  order.mutable_snapshot()->clear_contact();
  order.set_content_hash(state.content_hash());
  *order.mutable_lines() = state.lines();
  *order.mutable_parcels() = state.parcels();
  if (StatusOr<v1::Contact> contact = OpenContact(keys_, state.snapshot().contact()); contact.ok()) {
    if (viewer.kind == Principal::Kind::kSeller) contact->clear_email();
    *order.mutable_contact() = *std::move(contact);
  }
  order.set_note(NoteOf(keys_, state));
  if (state.has_confirm_time()) *order.mutable_confirm_time() = state.confirm_time();
  if (state.has_receive_time()) *order.mutable_receive_time() = state.receive_time();
  order.set_cancel_reason(state.cancel_reason());
  order.set_cancelled_by(state.cancelled_by());
  if (state.has_refunded()) *order.mutable_refunded() = state.refunded();
  return order;
}

}  // namespace souk::order
