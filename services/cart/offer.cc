#include "services/cart/offer.h"

namespace souk::cart {

StatusOr<Offer::Events> Offer::Decide(const State& state, const RecordChange& command, absl::Time) {
  if (state.has_offer() && state.offer().offer_version() >= command.offer.offer_version()) return Events();
  Events events(1);
  *events[0].mutable_recorded()->mutable_offer() = command.offer;
  return events;
}

StatusOr<Offer::Events> Offer::Decide(const State& state, const RecordAnswer& command, absl::Time) {
  const v1::Offer& known = state.offer();
  const v1::Offer& answer = command.offer;
  if (state.has_offer() && known.offer_version() > answer.offer_version()) return Events();
  if (state.has_offer() && known.offer_version() == answer.offer_version() &&
      known.available_quantity() == answer.available_quantity() && known.saleable() == answer.saleable()) {
    return Events();
  }
  Events events(1);
  *events[0].mutable_recorded()->mutable_offer() = answer;
  return events;
}

void Offer::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kRecorded:
      *state.mutable_offer() = event.recorded().offer();
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

}  // namespace souk::cart
