#include "services/shipping/quote.h"

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"

namespace souk::shipping {

StatusOr<QuoteSet::Events> QuoteSet::Decide(const State& state, const Quote& command, absl::Time now) {
  if (!state.quotes().empty() || command.offers.empty()) return Events();
  Events events(1);
  v1::DeliveryQuoted& quoted = *events[0].mutable_quoted();
  for (const ComputedOffer& computed : command.offers) {
    const v1::DeliveryOffer& offer = computed.offer;
    v1::ShippingQuote& quote = *quoted.add_quotes();
    quote.set_quote_id(absl::StrFormat("%s.%d", command.quote_set_id, quoted.quotes_size()));
    quote.set_seller_id(command.seller_id);
    quote.set_option_id(offer.option_id());
    quote.set_display_name(offer.display_name());
    quote.set_carrier(offer.carrier());
    quote.set_carrier_service(offer.carrier_service());
    quote.set_pickup(offer.pickup());
    quote.set_pickup_place(offer.pickup_place());
    *quote.mutable_cost() = offer.cost();
    v1::DeliveryPromise& promise = *quote.mutable_promise();
    *promise.mutable_ship_by_time() = offer.ship_by_time();
    *promise.mutable_arrive_from() = offer.arrive_from();
    *promise.mutable_arrive_until() = offer.arrive_until();
    promise.set_time_zone(offer.time_zone());
    *quote.mutable_placed_time() = ToProto(command.placed);
    *quote.mutable_expire_time() = ToProto(now + kQuoteLifetime);
    *quote.mutable_destination() = command.destination;
    quote.mutable_profiles()->Assign(computed.profiles.begin(), computed.profiles.end());
  }
  return events;
}

void QuoteSet::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kQuoted:
      *state.mutable_quotes() = event.quoted().quotes();
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

StatusOr<QuoteSet::Id> QuoteSetOf(const std::string& quote_id) {
  RETURN_IF_ERROR(CheckId("quote_id", quote_id));
  const std::size_t dot = quote_id.rfind('.');
  if (dot == std::string::npos) return InvalidField("quote_id", "is not the id of a quote");
  return QuoteSet::Id::Parse(quote_id.substr(0, dot));
}

}  // namespace souk::shipping
