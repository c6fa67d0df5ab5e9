// The RPCs that other services call: what is offered, holds on stock, how to address a shop.
#pragma once

#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/catalog/stock_keeper.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"

namespace souk::catalog {

class CatalogInternalService {
 public:
  // All must outlive the service.
  CatalogInternalService(Engine& engine, StockKeeper& keeper, SubjectKeys& keys)
      : engine_(engine), keeper_(keeper), keys_(keys) {}

  void AddTo(rpc::Router& router);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::GetOffersResponse>> GetOffers(CallContext call, v1::GetOffersRequest request);
  Task<StatusOr<v1::HoldStockResponse>> HoldStock(CallContext call, v1::HoldStockRequest request);
  Task<StatusOr<v1::ExtendHoldResponse>> ExtendHold(CallContext call, v1::ExtendHoldRequest request);
  Task<StatusOr<v1::CommitHoldResponse>> CommitHold(CallContext call, v1::CommitHoldRequest request);
  Task<StatusOr<v1::ReleaseHoldResponse>> ReleaseHold(CallContext call, v1::ReleaseHoldRequest request);
  Task<StatusOr<v1::GetSellerContactResponse>> GetSellerContact(CallContext call,
                                                                v1::GetSellerContactRequest request);

  // Executes `command` about the hold that `request` names.
  template <typename Response, typename Request, typename Command>
  Task<StatusOr<Response>> Change(CallContext call, Request request, Command command);

  Engine& engine_;
  StockKeeper& keeper_;
  SubjectKeys& keys_;
};

}  // namespace souk::catalog
