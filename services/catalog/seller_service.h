// The RPCs about sellers: parse, execute, render. Rules are in seller.cc.
#pragma once

#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/seller.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

// Whose key seals the personal data of a seller.
inline std::string SubjectOf(const std::string& seller_id) { return "seller/" + seller_id; }

class SellerService {
 public:
  // Both must outlive the service.
  SellerService(Engine& engine, SubjectKeys& keys) : engine_(engine), keys_(keys) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::RegisterSellerResponse>> RegisterSeller(CallContext call,
                                                            v1::RegisterSellerRequest request);
  Task<StatusOr<v1::ApproveSellerResponse>> ApproveSeller(CallContext call, v1::ApproveSellerRequest request);
  Task<StatusOr<v1::SuspendSellerResponse>> SuspendSeller(CallContext call, v1::SuspendSellerRequest request);
  Task<StatusOr<v1::UpdateSellerResponse>> UpdateSeller(CallContext call, v1::UpdateSellerRequest request);
  Task<StatusOr<v1::ScheduleVacationResponse>> ScheduleVacation(CallContext call,
                                                                v1::ScheduleVacationRequest request);
  Task<StatusOr<v1::EndVacationResponse>> EndVacation(CallContext call, v1::EndVacationRequest request);
  Task<StatusOr<v1::GetSellerResponse>> GetSeller(CallContext call, v1::GetSellerRequest request);
  Task<StatusOr<v1::ListSellersResponse>> ListSellers(CallContext call, v1::ListSellersRequest request);

  // With what only the seller and operators see, when the caller is one of them. What was
  // erased is empty.
  v1::Seller RenderFor(const CallContext& call, const v1::SellerState& state) const;

  Engine& engine_;
  SubjectKeys& keys_;
};

}  // namespace souk::catalog
