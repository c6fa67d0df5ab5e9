// The RPCs that read the ledger: a seller's balance and journal, and the trial balance.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/router.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

class LedgerService {
 public:
  explicit LedgerService(Engine& engine) : engine_(engine) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::GetBalanceResponse>> GetBalance(rpc::CallContext call, v1::GetBalanceRequest request);
  Task<StatusOr<v1::ListLedgerEntriesResponse>> ListLedgerEntries(rpc::CallContext call,
                                                                  v1::ListLedgerEntriesRequest request);
  Task<StatusOr<v1::GetTrialBalanceResponse>> GetTrialBalance(rpc::CallContext call,
                                                              v1::GetTrialBalanceRequest request);

 private:
  // Adds up all sellers' own balances.
  Status SumSellers(v1::GetTrialBalanceResponse& response) const;

  Engine& engine_;
};

// NOT_FOUND unless the caller is the seller or an operator: a seller learns nothing about
// others, not even that they are there.
Status CheckSeller(const rpc::CallContext& call, std::string_view seller_id);

}  // namespace souk::payment
