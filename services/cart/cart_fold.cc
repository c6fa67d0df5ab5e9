// What events make of a cart: its state, its timers and effects, its index rows.
#include <algorithm>
#include <string_view>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/cart/cart.h"

namespace souk::cart {
namespace {

using State = Cart::State;
using Event = Cart::Event;

void RemoveLine(State& state, std::string_view product_id) {
  auto& lines = *state.mutable_lines();
  lines.erase(std::remove_if(lines.begin(), lines.end(),
                             [&](const v1::CartLine& line) { return line.product_id() == product_id; }),
              lines.end());
}

void PutLine(State& state, const v1::CartLine& line) {
  for (v1::CartLine& existing : *state.mutable_lines()) {
    if (existing.product_id() != line.product_id()) continue;
    existing = line;
    return;
  }
  *state.add_lines() = line;
}

void TakeOut(State& state, const v1::CartLine& moved) {
  const v1::CartLine* const line = FindLine(state, moved.product_id());
  if (line == nullptr) return;
  if (line->quantity() <= moved.quantity()) {
    RemoveLine(state, moved.product_id());
    return;
  }
  v1::CartLine rest = *line;
  rest.set_quantity(line->quantity() - moved.quantity());
  PutLine(state, rest);
}

void Changed(State& state, const google::protobuf::Timestamp& time) {
  state.set_version(state.version() + 1);
  *state.mutable_change_time() = time;
}

}  // namespace

void Cart::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kCreated:
      state.set_cart_id(event.created().cart_id());
      state.set_buyer_id(event.created().buyer_id());
      state.set_state(State::STATE_ACTIVE);
      *state.mutable_create_time() = event.created().create_time();
      *state.mutable_change_time() = event.created().create_time();
      *state.mutable_expire_after() = event.created().expire_after();
      break;
    case Event::kItemAdded:
      PutLine(state, event.item_added().line());
      Changed(state, event.item_added().change_time());
      break;
    case Event::kItemQuantityChanged:
      PutLine(state, event.item_quantity_changed().line());
      Changed(state, event.item_quantity_changed().change_time());
      break;
    case Event::kItemRemoved:
      RemoveLine(state, event.item_removed().line().product_id());
      Changed(state, event.item_removed().change_time());
      break;
    case Event::kLinesAbsorbed: {
      for (const v1::CartLine& line : event.lines_absorbed().lines()) PutLine(state, line);
      v1::AbsorbedCart& absorbed = *state.add_absorbed_carts();
      absorbed.set_source_cart_id(event.lines_absorbed().source_cart_id());
      absorbed.set_source_merge_count(event.lines_absorbed().source_merge_count());
      *absorbed.mutable_outcomes() = event.lines_absorbed().outcomes();
      Changed(state, event.lines_absorbed().change_time());
      break;
    }
    case Event::kMerged:
      for (const v1::CartLine& line : event.merged().moved_lines()) TakeOut(state, line);
      if (state.lines().empty()) state.set_state(State::STATE_MERGED);
      state.set_merged_into_cart_id(event.merged().target_cart_id());
      state.set_merge_count(event.merged().merge_count() + 1);
      Changed(state, event.merged().change_time());
      break;
    case Event::kFrozen:
      state.set_state(State::STATE_FROZEN);
      state.set_checkout_id(event.frozen().checkout_id());
      *state.mutable_freeze_expire_time() = event.frozen().expire_time();
      break;
    case Event::kUnfrozen:
      state.set_state(State::STATE_ACTIVE);
      state.clear_freeze_expire_time();
      break;
    case Event::kCompleted:
      state.set_state(State::STATE_COMPLETED);
      state.clear_freeze_expire_time();
      break;
    case Event::kExpired:
      state.set_state(State::STATE_EXPIRED);
      break;
    case Event::kExpiryPostponed:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Cart::React(const Id&, const State& state, const Event& event, absl::Time, Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kCreated:
      reactions.Start(
          {.kind = kExpireTimer,
           .key = "",
           .payload = "",
           .due = FromProto(state.create_time()) + absl::Seconds(state.expire_after().seconds())});
      break;
    case Event::kExpiryPostponed:
      reactions.Start({.kind = kExpireTimer,
                       .key = "",
                       .payload = "",
                       .due = FromProto(event.expiry_postponed().expire_time())});
      break;
    case Event::kLinesAbsorbed:
      reactions.Start({.kind = kMoveLinesEffect,
                       .key = event.lines_absorbed().source_cart_id(),
                       .payload = event.lines_absorbed().SerializeAsString()});
      break;
    case Event::kFrozen:
      reactions.Start({.kind = kExpireFreezeTimer,
                       .key = "",
                       .payload = "",
                       .due = FromProto(event.frozen().expire_time())});
      break;
    case Event::kUnfrozen:
      reactions.Cancel(kExpireFreezeTimer);
      break;
    case Event::kMerged:
      if (state.state() == State::STATE_MERGED) reactions.Cancel(kExpireTimer);
      break;
    case Event::kCompleted:
      reactions.Cancel(kExpireFreezeTimer);
      reactions.Cancel(kExpireTimer);
      break;
    case Event::kExpired:
      reactions.Cancel(kExpireTimer);
      break;
    case Event::kItemAdded:
    case Event::kItemQuantityChanged:
    case Event::kItemRemoved:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Cart::Index(const Id& id, const State& state, IndexRows& rows) {
  if (state.state() != State::STATE_ACTIVE && state.state() != State::STATE_FROZEN) return;
  rows.Add("carts_by_buyer",
           state.buyer_id() + "/" + SortableTime(FromProto(state.create_time())) + "/" + id.str());
}

}  // namespace souk::cart
