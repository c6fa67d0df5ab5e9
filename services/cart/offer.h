// The offer aggregate: this service's copy of what the catalog says of a product, so that
// a cart is changed and priced without asking anybody. The catalog is right; this follows.
#pragma once

#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "souk/cart/v1/offer_events.pb.h"

namespace souk::cart {

struct Product {
  static constexpr const char* kName = "product";
};
using ProductId = StrongId<Product>;

// Takes over what the catalog published. A version that is not newer: nothing.
struct RecordChange {
  v1::Offer offer;
};

// Takes over what the catalog answered, which may know a fresher quantity of the same version.
// Nothing when all of that is known, or a newer version is.
struct RecordAnswer {
  v1::Offer offer;
};

struct Offer {
  static constexpr const char* kName = "offer";
  using Id = ProductId;
  using State = v1::OfferState;
  using Event = v1::OfferEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const RecordChange& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordAnswer& command, absl::Time now);
  static void Evolve(State& state, const Event& event);
};

}  // namespace souk::cart
