// The story of an order, told from its own events: what happened in the buyer's and in the
// seller's lane, what comes next, and who is waited for until when. Pure.
#pragma once

#include <span>
#include <string_view>

#include "souk/event/v1/event_record.pb.h"
#include "souk/order/v1/order_events.pb.h"
#include "souk/order/v1/order_service.pb.h"

namespace souk::order {

// `order` is the fold of `events`, which are all events of the order as stored.
v1::OrderJourney JourneyOf(const v1::OrderState& order, std::span<const event::v1::EventRecord> events);

}  // namespace souk::order
