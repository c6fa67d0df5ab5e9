// The RPCs about payment intents, and the inbox of the provider's webhooks.
#pragma once

#include <string>
#include <string_view>

#include "libs/eventsourcing/engine.h"
#include "libs/rpc/router.h"
#include "services/payment/payment_intent.h"
#include "services/payment/provider.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

// What an operator sets.
struct PaymentPolicy {
  std::int64_t commission_basis_points = 0;
  std::string bank_iban;
  absl::Duration unpaid_after;
  std::int64_t payout_minimum = 0;  // In the smallest unit of the payout's currency.
};

class PaymentService {
 public:
  // All references must outlive the service.
  PaymentService(Engine& engine, Provider& provider, const PaymentPolicy& policy)
      : engine_(engine), provider_(provider), policy_(policy) {}

  void AddTo(rpc::Router& router);

  Task<StatusOr<v1::CreatePaymentIntentResponse>> CreatePaymentIntent(rpc::CallContext call,
                                                                      v1::CreatePaymentIntentRequest request);
  Task<StatusOr<v1::AuthorizePaymentResponse>> AuthorizePayment(rpc::CallContext call,
                                                                v1::AuthorizePaymentRequest request);
  Task<StatusOr<v1::ConfirmCardActionResponse>> ConfirmCardAction(rpc::CallContext call,
                                                                  v1::ConfirmCardActionRequest request);
  Task<StatusOr<v1::VoidPaymentResponse>> VoidPayment(rpc::CallContext call, v1::VoidPaymentRequest request);
  Task<StatusOr<v1::GetPaymentIntentResponse>> GetPaymentIntent(rpc::CallContext call,
                                                                v1::GetPaymentIntentRequest request);
  Task<StatusOr<v1::RecordFundsResponse>> RecordFunds(rpc::CallContext call, v1::RecordFundsRequest request);
  Task<StatusOr<v1::RequestRefundResponse>> RequestRefund(rpc::CallContext call,
                                                          v1::RequestRefundRequest request);
  Task<StatusOr<v1::RefundOverpaymentResponse>> RefundOverpayment(rpc::CallContext call,
                                                                  v1::RefundOverpaymentRequest request);
  Task<StatusOr<v1::ReceiveProviderEventResponse>> ReceiveProviderEvent(
      rpc::CallContext call, v1::ReceiveProviderEventRequest request);

 private:
  // The intent, if the caller may see it. NOT_FOUND otherwise.
  StatusOr<Shared<v1::PaymentIntentState>> Find(const rpc::CallContext& call,
                                                const PaymentIntent::Id& id) const;

  Engine& engine_;
  Provider& provider_;
  const PaymentPolicy& policy_;
};

// What callers see of a state: the intent with what the buyer has to do.
v1::PaymentIntent Render(const v1::PaymentIntentState& state);

// INVALID_ARGUMENT for an empty token, and for what looks like a card number: no number
// may get into a log.
Status CheckCardToken(std::string_view token);

}  // namespace souk::payment
