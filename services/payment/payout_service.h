// The RPCs about sellers' bank accounts and payouts.
#pragma once

#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/router.h"
#include "services/payment/payment_service.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

class PayoutService {
 public:
  // All references must outlive the service.
  PayoutService(Engine& engine, SubjectKeys& keys, const PaymentPolicy& policy)
      : engine_(engine), keys_(keys), policy_(policy) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::AddBankAccountResponse>> AddBankAccount(rpc::CallContext call,
                                                            v1::AddBankAccountRequest request);
  Task<StatusOr<v1::VerifyBankAccountResponse>> VerifyBankAccount(rpc::CallContext call,
                                                                  v1::VerifyBankAccountRequest request);
  Task<StatusOr<v1::RejectBankAccountResponse>> RejectBankAccount(rpc::CallContext call,
                                                                  v1::RejectBankAccountRequest request);
  Task<StatusOr<v1::ListBankAccountsResponse>> ListBankAccounts(rpc::CallContext call,
                                                                v1::ListBankAccountsRequest request);
  Task<StatusOr<v1::RequestPayoutResponse>> RequestPayout(rpc::CallContext call,
                                                          v1::RequestPayoutRequest request);
  Task<StatusOr<v1::GetPayoutResponse>> GetPayout(rpc::CallContext call, v1::GetPayoutRequest request);
  Task<StatusOr<v1::ListPayoutsResponse>> ListPayouts(rpc::CallContext call, v1::ListPayoutsRequest request);

 private:
  Engine& engine_;
  SubjectKeys& keys_;
  const PaymentPolicy& policy_;
};

}  // namespace souk::payment
