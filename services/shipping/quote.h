// The quote aggregate: what one call of QuoteDelivery answered. It never changes, so that a
// quote is the same price and the same days wherever it is shown.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "services/shipping/delivery_offer.h"
#include "souk/shipping/v1/quote_events.pb.h"

namespace souk::shipping {

// How long a quoted price is good.
inline constexpr absl::Duration kQuoteLifetime = absl::Hours(24);

// Keeps the ways to deliver. Again: nothing.
struct Quote {
  std::string seller_id;
  v1::Destination destination;
  absl::Time placed;
  std::vector<ComputedOffer> offers;
  std::string quote_set_id;
};

// The quotes that were asked for together. Quote ids are "<id of the set>.<n>", n from 1.
struct QuoteSet {
  static constexpr const char* kName = "quote_set";
  using Id = StrongId<QuoteSet>;
  using State = v1::QuoteSetState;
  using Event = v1::QuoteSetEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Quote& command, absl::Time now);
  static void Evolve(State& state, const Event& event);
};

// The set that a quote belongs to. INVALID_ARGUMENT for what is no quote id.
StatusOr<QuoteSet::Id> QuoteSetOf(const std::string& quote_id);

}  // namespace souk::shipping
