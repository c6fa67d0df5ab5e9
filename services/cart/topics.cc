#include "services/cart/topics.h"

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "services/cart/cart.h"
#include "souk/cart/events/v1/cart_events.pb.h"

namespace souk::cart {
namespace {

using Event = v1::CartEvent;
namespace pub = events::v1;

pub::CartItem Item(const std::string& cart_id, const v1::CartLine& line) {
  pub::CartItem item;
  item.set_cart_id(cart_id);
  item.set_product_id(line.product_id());
  item.set_seller_id(line.seller_id());
  item.set_quantity(line.quantity());
  *item.mutable_unit_price() = line.unit_price();
  return item;
}

void AddItems(const std::string& cart_id, const google::protobuf::RepeatedPtrField<v1::CartLine>& lines,
              google::protobuf::RepeatedPtrField<pub::CartItem>& items) {
  for (const v1::CartLine& line : lines) *items.Add() = Item(cart_id, line);
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() != Cart::kName) return std::nullopt;
  Event event;
  if (!event.ParseFromString(record.payload())) return std::nullopt;
  const std::string& cart_id = record.aggregate_id();
  switch (event.kind_case()) {
    case Event::kCreated: {
      pub::CartCreated created;
      created.set_cart_id(cart_id);
      created.set_buyer_id(event.created().buyer_id());
      return PublicEvent::Of(created);
    }
    case Event::kItemAdded: {
      pub::CartItemAdded added;
      *added.mutable_item() = Item(cart_id, event.item_added().line());
      added.set_added_quantity(event.item_added().added_quantity());
      return PublicEvent::Of(added);
    }
    case Event::kItemQuantityChanged: {
      pub::CartItemQuantityChanged changed;
      *changed.mutable_item() = Item(cart_id, event.item_quantity_changed().line());
      changed.set_previous_quantity(event.item_quantity_changed().previous_quantity());
      return PublicEvent::Of(changed);
    }
    case Event::kItemRemoved: {
      pub::CartItemRemoved removed;
      *removed.mutable_item() = Item(cart_id, event.item_removed().line());
      return PublicEvent::Of(removed);
    }
    case Event::kLinesAbsorbed: {
      pub::CartsMerged merged;
      merged.set_cart_id(cart_id);
      merged.set_source_cart_id(event.lines_absorbed().source_cart_id());
      AddItems(cart_id, event.lines_absorbed().lines(), *merged.mutable_items());
      return PublicEvent::Of(merged);
    }
    case Event::kCompleted: {
      pub::CartCompleted completed;
      completed.set_cart_id(cart_id);
      completed.set_checkout_id(event.completed().checkout_id());
      AddItems(cart_id, event.completed().lines(), *completed.mutable_items());
      return PublicEvent::Of(completed);
    }
    case Event::kExpired: {
      pub::CartExpired expired;
      expired.set_cart_id(cart_id);
      AddItems(cart_id, event.expired().lines(), *expired.mutable_items());
      *expired.mutable_expire_time() = event.expired().expire_time();
      return PublicEvent::Of(expired);
    }
    case Event::kMerged:
    case Event::kFrozen:
    case Event::kUnfrozen:
    case Event::kExpiryPostponed:
    case Event::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace souk::cart
