#include "services/cart/cart.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "services/cart/merge.h"

namespace souk::cart {
namespace {

using State = Cart::State;
using Event = Cart::Event;
using Events = Cart::Events;

google::protobuf::Duration ToProtoDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  return proto;
}

bool FreezeLapsed(const State& state, absl::Time now) {
  return state.state() == State::STATE_FROZEN && now >= FromProto(state.freeze_expire_time());
}

Event Unfrozen(const State& state, v1::CartUnfrozen::Reason reason, std::string_view note = "") {
  Event event;
  event.mutable_unfrozen()->set_checkout_id(state.checkout_id());
  event.mutable_unfrozen()->set_reason(reason);
  event.mutable_unfrozen()->set_note(std::string(note));
  return event;
}

Status Ended(const State& state, std::string_view wanted) {
  return IllegalTransition("cart is %s; it cannot be %s", State::State_Name(state.state()).substr(6), wanted);
}

Status CheckEtag(const State& state, std::string_view etag) {
  if (etag.empty() || etag == EtagOf(state)) return OkStatus();
  return Aborted("CART_CHANGED", {{"etag", EtagOf(state)}}, "cart has changed; read it again");
}

// What must come before a change of lines: nothing, or the end of a freeze that lapsed.
StatusOr<Events> OpenForChange(const State& state, std::string_view buyer_id, std::string_view etag,
                               absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED || state.buyer_id() != buyer_id) return NoSuchCart();
  Events events;
  if (FreezeLapsed(state, now)) {
    events.push_back(Unfrozen(state, v1::CartUnfrozen::REASON_EXPIRED));
  } else if (state.state() == State::STATE_FROZEN) {
    const std::string expire_time =
        absl::FormatTime(FromProto(state.freeze_expire_time()), absl::UTCTimeZone());
    return Aborted("CART_FROZEN", {{"checkout_id", state.checkout_id()}, {"expire_time", expire_time}},
                   "cart is being paid for; wait for the checkout or cancel it");
  } else if (state.state() != State::STATE_ACTIVE) {
    return Ended(state, "changed");
  }
  RETURN_IF_ERROR(CheckEtag(state, etag));
  return events;
}

// Whether `quantity` of the offer may be in this cart.
Status CheckSaleable(const State& state, const v1::Offer& offer, int quantity) {
  if (!offer.saleable()) {
    return Rejected("PRODUCT_UNAVAILABLE", {{"product_id", offer.product_id()}},
                    "product cannot be bought now");
  }
  for (const v1::CartLine& line : state.lines()) {
    if (line.product_id() == offer.product_id()) continue;
    if (line.unit_price().currency_code() == offer.price().currency_code()) continue;
    return Rejected("CURRENCY_MISMATCH",
                    {{"cart", line.unit_price().currency_code()}, {"product", offer.price().currency_code()}},
                    "cart is in %s and the product in %s; use another cart",
                    line.unit_price().currency_code(), offer.price().currency_code());
  }
  if (quantity > kQuantityMax) {
    return Rejected("QUANTITY_LIMIT", {{"limit", absl::StrFormat("%d", kQuantityMax)}},
                    "at most %d of a product fit into a cart", kQuantityMax);
  }
  if (quantity > offer.available_quantity()) {
    return Rejected("OUT_OF_STOCK",
                    {{"product_id", offer.product_id()},
                     {"available", absl::StrFormat("%d", offer.available_quantity())},
                     {"requested", absl::StrFormat("%d", quantity)}},
                    "only %d left", offer.available_quantity());
  }
  return OkStatus();
}

v1::CartLine LineOf(const v1::Offer& offer, int quantity) {
  v1::CartLine line;
  line.set_product_id(offer.product_id());
  line.set_seller_id(offer.seller_id());
  line.set_quantity(quantity);
  *line.mutable_unit_price() = offer.price();
  line.set_offer_version(offer.offer_version());
  line.set_title(offer.title());
  return line;
}

bool SawOffer(const v1::CartLine& line, const v1::Offer& offer) {
  return line.unit_price().minor_units() == offer.price().minor_units() &&
         line.unit_price().currency_code() == offer.price().currency_code() && line.title() == offer.title();
}

}  // namespace

StatusOr<Events> Cart::Decide(const State& state, const Create& command, absl::Time now) {
  if (state.state() != State::STATE_UNSPECIFIED) {
    if (state.buyer_id() != command.buyer_id) return NoSuchCart();
    return Events();
  }
  Events events(1);
  v1::CartCreated& created = *events[0].mutable_created();
  created.set_cart_id(command.cart_id);
  created.set_buyer_id(command.buyer_id);
  *created.mutable_create_time() = ToProto(now);
  *created.mutable_expire_after() = ToProtoDuration(command.expire_after);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const AddItem& command, absl::Time now) {
  ASSIGN_OR_RETURN(Events events, OpenForChange(state, command.caller.buyer_id, command.caller.etag, now));
  if (command.quantity < 1 || command.quantity > kQuantityMax) {
    return InvalidField("quantity", absl::StrFormat("must be 1 to %d", kQuantityMax));
  }
  const v1::CartLine* const line = FindLine(state, command.offer.product_id());
  const int quantity = command.quantity + (line == nullptr ? 0 : line->quantity());
  RETURN_IF_ERROR(CheckSaleable(state, command.offer, quantity));
  if (line == nullptr && state.lines_size() >= kLinesMax) {
    return Rejected("LINE_LIMIT", {{"limit", absl::StrFormat("%d", kLinesMax)}},
                    "at most %d products fit into a cart", kLinesMax);
  }
  v1::CartItemAdded& added = *events.emplace_back().mutable_item_added();
  *added.mutable_line() = LineOf(command.offer, quantity);
  added.set_added_quantity(command.quantity);
  *added.mutable_change_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const SetItemQuantity& command, absl::Time now) {
  ASSIGN_OR_RETURN(Events events, OpenForChange(state, command.caller.buyer_id, command.caller.etag, now));
  if (command.quantity < 1 || command.quantity > kQuantityMax) {
    return InvalidField("quantity", absl::StrFormat("must be 0 to %d", kQuantityMax));
  }
  const v1::CartLine* const line = FindLine(state, command.offer.product_id());
  if (line == nullptr) return NotFound("product is not in the cart; add it");
  RETURN_IF_ERROR(CheckSaleable(state, command.offer, command.quantity));
  if (line->quantity() == command.quantity && SawOffer(*line, command.offer)) return events;
  v1::CartItemQuantityChanged& changed = *events.emplace_back().mutable_item_quantity_changed();
  *changed.mutable_line() = LineOf(command.offer, command.quantity);
  changed.set_previous_quantity(line->quantity());
  *changed.mutable_change_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const RemoveItem& command, absl::Time now) {
  ASSIGN_OR_RETURN(Events events, OpenForChange(state, command.caller.buyer_id, command.caller.etag, now));
  const v1::CartLine* const line = FindLine(state, command.product_id);
  if (line == nullptr) return events;
  v1::CartItemRemoved& removed = *events.emplace_back().mutable_item_removed();
  *removed.mutable_line() = *line;
  *removed.mutable_change_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const AbsorbLines& command, absl::Time now) {
  if (state.state() != State::STATE_UNSPECIFIED && state.buyer_id() == command.buyer_id) {
    for (const v1::AbsorbedCart& absorbed : state.absorbed_carts()) {
      if (absorbed.source_cart_id() == command.source_cart_id &&
          absorbed.source_merge_count() == command.source_merge_count) {
        return Events();
      }
    }
  }
  ASSIGN_OR_RETURN(Events events, OpenForChange(state, command.buyer_id, "", now));
  if (command.lines.empty()) return events;
  MergeResult result = Merge(state, command.lines, command.offers, command.policy);
  RETURN_IF_ERROR(CheckSomethingMoved(result));
  v1::CartLinesAbsorbed& absorbed = *events.emplace_back().mutable_lines_absorbed();
  absorbed.set_source_cart_id(command.source_cart_id);
  absorbed.set_source_merge_count(command.source_merge_count);
  absorbed.set_policy(command.policy);
  absorbed.mutable_lines()->Assign(result.lines.begin(), result.lines.end());
  absorbed.mutable_outcomes()->Assign(result.outcomes.begin(), result.outcomes.end());
  absorbed.mutable_moved_lines()->Assign(result.moved_lines.begin(), result.moved_lines.end());
  *absorbed.mutable_change_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const MoveLines& command, absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchCart();
  if (command.merge_count < state.merge_count()) return Events();
  Events events;
  if (state.state() == State::STATE_FROZEN) {
    if (!FreezeLapsed(state, now)) {
      return Aborted("CART_FROZEN", {{"checkout_id", state.checkout_id()}}, "cart is being paid for");
    }
    events.push_back(Unfrozen(state, v1::CartUnfrozen::REASON_EXPIRED));
  } else if (state.state() != State::STATE_ACTIVE) {
    return events;  // It ended meanwhile: nobody can buy its lines a second time.
  }
  v1::CartMerged& merged = *events.emplace_back().mutable_merged();
  merged.set_target_cart_id(command.target_cart_id);
  merged.mutable_moved_lines()->Assign(command.lines.begin(), command.lines.end());
  merged.set_merge_count(command.merge_count);
  *merged.mutable_change_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const Freeze& command, absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchCart();
  if (!command.buyer_id.empty() && state.buyer_id() != command.buyer_id) return NoSuchCart();
  if (command.expire_time <= now || command.expire_time > now + kFreezeMax) {
    return InvalidField("expire_time", "must be in the future, by at most 24 hours");
  }
  Events events;
  const bool lapsed = FreezeLapsed(state, now);
  if (state.state() == State::STATE_FROZEN && !lapsed) {
    if (state.checkout_id() != command.checkout_id) {
      return Aborted("CHECKOUT_IN_PROGRESS", {{"checkout_id", state.checkout_id()}},
                     "cart is being paid for in another checkout");
    }
    if (command.expire_time <= FromProto(state.freeze_expire_time())) return events;
  } else if (lapsed) {
    events.push_back(Unfrozen(state, v1::CartUnfrozen::REASON_EXPIRED));
  } else if (state.state() != State::STATE_ACTIVE) {
    return Ended(state, "frozen");
  }
  RETURN_IF_ERROR(CheckEtag(state, command.etag));
  if (state.lines().empty()) return Rejected("CART_EMPTY", {}, "cart is empty; add something");
  v1::CartFrozen& frozen = *events.emplace_back().mutable_frozen();
  frozen.set_checkout_id(command.checkout_id);
  *frozen.mutable_expire_time() = ToProto(command.expire_time);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const Unfreeze& command, absl::Time) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchCart();
  if (state.state() != State::STATE_FROZEN || state.checkout_id() != command.checkout_id) return Events();
  return Events{Unfrozen(state, v1::CartUnfrozen::REASON_CHECKOUT_ENDED, command.note)};
}

StatusOr<Events> Cart::Decide(const State& state, const ExpireFreeze&, absl::Time now) {
  if (!FreezeLapsed(state, now)) return Events();
  return Events{Unfrozen(state, v1::CartUnfrozen::REASON_EXPIRED)};
}

StatusOr<Events> Cart::Decide(const State& state, const Complete& command, absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchCart();
  if (state.checkout_id() != command.checkout_id) {
    return IllegalTransition("cart is not held by this checkout; it cannot be completed");
  }
  const bool open = state.state() == State::STATE_FROZEN || state.state() == State::STATE_ACTIVE;
  if (!open) return Events();
  Events events(1);
  v1::CartCompleted& completed = *events[0].mutable_completed();
  completed.set_checkout_id(command.checkout_id);
  *completed.mutable_lines() = state.lines();
  *completed.mutable_complete_time() = ToProto(now);
  return events;
}

StatusOr<Events> Cart::Decide(const State& state, const Expire&, absl::Time now) {
  if (state.state() != State::STATE_ACTIVE && state.state() != State::STATE_FROZEN) return Events();
  const absl::Duration after = absl::Seconds(state.expire_after().seconds());
  const absl::Time due = FromProto(state.change_time()) + after;
  Events events(1);
  if (now >= due && state.state() == State::STATE_ACTIVE) {
    *events[0].mutable_expired()->mutable_lines() = state.lines();
    *events[0].mutable_expired()->mutable_expire_time() = ToProto(now);
  } else {
    *events[0].mutable_expiry_postponed()->mutable_expire_time() = ToProto(now >= due ? now + after : due);
  }
  return events;
}

std::string EtagOf(const v1::CartState& state) { return absl::StrFormat("\"%d\"", state.version()); }

const v1::CartLine* FindLine(const v1::CartState& state, std::string_view product_id) {
  for (const v1::CartLine& line : state.lines()) {
    if (line.product_id() == product_id) return &line;
  }
  return nullptr;
}

Status NoSuchCart() { return NotFound("no such cart"); }

}  // namespace souk::cart
