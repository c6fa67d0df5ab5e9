#include "services/shipping/delivery_service.h"

#include <algorithm>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/request_field.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/page.h"

namespace souk::shipping {
namespace {

Status NoSuchProfile() { return NotFound("no such delivery profile"); }

// Sellers read their own profiles; operators and services any.
bool MayRead(const Principal& principal, const std::string& seller_id) {
  return principal.IsSeller(seller_id) || principal.IsOperator() || principal.IsService();
}

}  // namespace

void DeliveryService::AddTo(rpc::Router& router) {
  constexpr rpc::Callers kReaders = rpc::kSellers | rpc::kOperators | rpc::kServices;
  router.Add<&DeliveryService::DefineDeliveryProfile>(*this, rpc::kSellers);
  router.Add<&DeliveryService::GetDeliveryProfile>(*this, kReaders);
  router.Add<&DeliveryService::ListDeliveryProfiles>(*this, kReaders);
  router.Add<&DeliveryService::ListDeliveryOffers>(*this, rpc::kAnyone);
  router.Add<&DeliveryService::QuoteDelivery>(*this, rpc::kServices);
  router.Add<&DeliveryService::GetQuote>(*this, rpc::kOperators | rpc::kServices);
}

Task<StatusOr<v1::DefineDeliveryProfileResponse>> DeliveryService::DefineDeliveryProfile(
    CallContext call, v1::DefineDeliveryProfileRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  if (!call.principal.IsSeller(request.seller_id())) co_return NotFound("no such seller");
  Define command{.profile = request.profile(), .is_new = request.profile().profile_id().empty()};
  if (command.is_new) {
    command.profile.set_profile_id(
        DerivedUuid("delivery_profile", request.request_id(), ToString(call.principal)));
  }
  command.profile.set_seller_id(request.seller_id());
  const DeliveryProfile::Id id = co_await Try(DeliveryProfile::Id::Parse(command.profile.profile_id()));
  const Shared<v1::DeliveryProfileState> state =
      co_await Try(engine_.Execute<DeliveryProfile>(id, std::move(command), std::move(metadata)));
  v1::DefineDeliveryProfileResponse response;
  *response.mutable_profile() = state->profile();
  co_return response;
}

Task<StatusOr<v1::GetDeliveryProfileResponse>> DeliveryService::GetDeliveryProfile(
    CallContext call, v1::GetDeliveryProfileRequest request) {
  co_await Try(CheckId("profile_id", request.profile_id()));
  const Shared<v1::DeliveryProfileState> state =
      co_await Try(engine_.Read<DeliveryProfile>(DeliveryProfile::Id::Of(request.profile_id())));
  if (!state->has_profile() || !MayRead(call.principal, state->profile().seller_id()))
    co_return NoSuchProfile();
  v1::GetDeliveryProfileResponse response;
  *response.mutable_profile() = state->profile();
  co_return response;
}

Task<StatusOr<v1::ListDeliveryProfilesResponse>> DeliveryService::ListDeliveryProfiles(
    CallContext call, v1::ListDeliveryProfilesRequest request) {
  co_await Try(CheckId("seller_id", request.seller_id()));
  if (!MayRead(call.principal, request.seller_id())) co_return NotFound("no such seller");
  IndexQuery query{.index = "profiles_by_seller", .prefix = request.seller_id() + "/"};
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListDeliveryProfilesResponse response;
  for (const IndexRow& row : page.rows) {
    const DeliveryProfile::Id id = DeliveryProfile::Id::Of(IdInKey(row.key));
    Shared<v1::DeliveryProfileState> state = co_await Try(engine_.Read<DeliveryProfile>(id));
    *response.add_profiles() = state->profile();
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::ListDeliveryOffersResponse>> DeliveryService::ListDeliveryOffers(
    CallContext, v1::ListDeliveryOffersRequest request) {
  co_await Try(CheckLines(request.lines()));
  co_await Try(CheckDestination(request.destination()));
  absl::Time placed = engine_.clock().Now();
  if (request.has_place_time()) placed = co_await Try(RequestTime("place_time", request.place_time()));
  ComputedOffers computed = co_await Try(Compute(request.lines(), request.destination(), placed, ""));
  v1::ListDeliveryOffersResponse response;
  for (ComputedOffer& offer : computed.offers) *response.add_offers() = std::move(offer.offer);
  response.set_undeliverable_reason(computed.reason);
  response.set_undeliverable_profile_id(computed.profile_id);
  co_return response;
}

Task<StatusOr<v1::QuoteDeliveryResponse>> DeliveryService::QuoteDelivery(CallContext call,
                                                                         v1::QuoteDeliveryRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("seller_id", request.seller_id()));
  co_await Try(CheckLines(request.lines()));
  co_await Try(CheckDestination(request.destination()));
  if (request.destination().region_code().empty()) {
    co_return InvalidField("destination.region_code", "is required");
  }
  absl::Time placed = engine_.clock().Now();
  if (request.has_placed_time()) placed = co_await Try(RequestTime("placed_time", request.placed_time()));
  const QuoteSet::Id id =
      QuoteSet::Id::Of(DerivedUuid("quote_set", request.request_id(), ToString(call.principal)));
  Quote command{.seller_id = request.seller_id(),
                .destination = request.destination(),
                .placed = placed,
                .offers = {},
                .quote_set_id = id.str()};
  // A repetition is answered with what was quoted, whatever the profiles say by now.
  Shared<v1::QuoteSetState> state = co_await Try(engine_.Read<QuoteSet>(id));
  if (state->quotes().empty()) command.offers = co_await Try(ComputeForCheckout(request, placed));
  state = co_await Try(engine_.Execute<QuoteSet>(id, std::move(command), std::move(metadata)));
  v1::QuoteDeliveryResponse response;
  *response.mutable_quotes() = state->quotes();
  co_return response;
}

Task<StatusOr<v1::GetQuoteResponse>> DeliveryService::GetQuote(CallContext, v1::GetQuoteRequest request) {
  const QuoteSet::Id id = co_await Try(QuoteSetOf(request.quote_id()));
  const Shared<v1::QuoteSetState> state = co_await Try(engine_.Read<QuoteSet>(id));
  for (const v1::ShippingQuote& quote : state->quotes()) {
    if (quote.quote_id() != request.quote_id()) continue;
    v1::GetQuoteResponse response;
    *response.mutable_quote() = quote;
    co_return response;
  }
  co_return NotFound("no such quote");
}

StatusOr<ComputedOffers> DeliveryService::Compute(
    const google::protobuf::RepeatedPtrField<v1::DeliveryLine>& lines, const v1::Destination& destination,
    absl::Time placed, const std::string& seller_id) const {
  std::map<std::string, Shared<v1::DeliveryProfileState>> profiles;
  for (const v1::DeliveryLine& line : lines) {
    if (profiles.contains(line.profile_id())) continue;
    ASSIGN_OR_RETURN(Shared<v1::DeliveryProfileState> profile,
                     engine_.Read<DeliveryProfile>(DeliveryProfile::Id::Of(line.profile_id())));
    profiles.emplace(line.profile_id(), std::move(profile));
  }
  return ComputeOffers(lines, destination, placed,
                       [&](const std::string& profile_id) -> const v1::DeliveryProfile* {
                         const v1::DeliveryProfileState& state = *profiles.at(profile_id);
                         const bool theirs = seller_id.empty() || state.profile().seller_id() == seller_id;
                         return state.has_profile() && theirs ? &state.profile() : nullptr;
                       });
}

StatusOr<std::vector<ComputedOffer>> DeliveryService::ComputeForCheckout(
    const v1::QuoteDeliveryRequest& request, absl::Time placed) const {
  ASSIGN_OR_RETURN(ComputedOffers computed,
                   Compute(request.lines(), request.destination(), placed, request.seller_id()));
  if (!computed.offers.empty()) return std::move(computed.offers);
  // "UNDELIVERABLE_REASON_TOO_HEAVY" is told as "TOO_HEAVY".
  const std::string cause =
      v1::UndeliverableReason_Name(computed.reason).substr(sizeof("UNDELIVERABLE_REASON_") - 1);
  return Rejected("DELIVERY_UNAVAILABLE",
                  {{"seller_id", request.seller_id()}, {"profile_id", computed.profile_id}, {"cause", cause}},
                  "the seller cannot deliver this there");
}

}  // namespace souk::shipping
