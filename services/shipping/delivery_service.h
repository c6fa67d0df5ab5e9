// The RPCs about profiles, offers and quotes: parse, compute or execute, render. What
// delivery costs and when it arrives is in delivery_offer.cc and promise.cc.
#pragma once

#include <map>
#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/shipping/delivery_offer.h"
#include "services/shipping/delivery_profile.h"
#include "services/shipping/quote.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::shipping {

class DeliveryService {
 public:
  // `engine` must outlive the service.
  explicit DeliveryService(Engine& engine) : engine_(engine) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::DefineDeliveryProfileResponse>> DefineDeliveryProfile(
      CallContext call, v1::DefineDeliveryProfileRequest request);
  Task<StatusOr<v1::GetDeliveryProfileResponse>> GetDeliveryProfile(CallContext call,
                                                                    v1::GetDeliveryProfileRequest request);
  Task<StatusOr<v1::ListDeliveryProfilesResponse>> ListDeliveryProfiles(
      CallContext call, v1::ListDeliveryProfilesRequest request);
  Task<StatusOr<v1::ListDeliveryOffersResponse>> ListDeliveryOffers(CallContext call,
                                                                    v1::ListDeliveryOffersRequest request);
  Task<StatusOr<v1::QuoteDeliveryResponse>> QuoteDelivery(CallContext call, v1::QuoteDeliveryRequest request);
  Task<StatusOr<v1::GetQuoteResponse>> GetQuote(CallContext call, v1::GetQuoteRequest request);

  // What `lines` cost to deliver. With `seller_id`, profiles of other sellers are unknown.
  StatusOr<ComputedOffers> Compute(const google::protobuf::RepeatedPtrField<v1::DeliveryLine>& lines,
                                   const v1::Destination& destination, absl::Time placed,
                                   const std::string& seller_id) const;
  StatusOr<std::vector<ComputedOffer>> ComputeForCheckout(const v1::QuoteDeliveryRequest& request,
                                                          absl::Time placed) const;

  Engine& engine_;
};

}  // namespace souk::shipping
