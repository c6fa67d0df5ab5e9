// The running service in a test, with the sandbox behind it, and the words of its tests.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "libs/testing/service_fixture.h"
#include "services/payment/module.h"
#include "services/payment/money_proto.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/payment/events/v1/payment_events.pb.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

inline constexpr char kOrderService[] = "service/order";
inline constexpr char kOperator[] = "operator/ada";

class Shop {
 public:
  Shop() : fixture(PaymentModule()) { fixture.Start(); }

  template <typename Response, typename Request>
  Response Must(std::string_view principal, Request request) {
    const StatusOr<Response> response = Call<Response>(principal, std::move(request));
    INFO(response.status().ToString());
    REQUIRE(response.ok());
    return *response;
  }
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id("r-" + std::to_string(++requests_));
    }
    return fixture.Call<Response>(principal, request);
  }

  // 100.00 for order g-1.1 of seller s-1 and g-1.2 of s-2.
  v1::PaymentIntent Create(v1::PaymentMethod method, const std::string& token = "") {
    v1::CreatePaymentIntentRequest request;
    request.set_intent_id("i-1");
    request.set_group_id("g-1");
    request.set_buyer_id("b-1");
    request.set_method(method);
    request.set_card_token(token);
    *request.mutable_amount() = AsProto({10'000, "EUR"});
    for (const auto& [order, seller, cents] :
         {std::tuple{"g-1.1", "s-1", 6'000}, std::tuple{"g-1.2", "s-2", 4'000}}) {
      v1::CreatePaymentIntentRequest::Share& share = *request.add_shares();
      share.set_order_id(order);
      share.set_seller_id(seller);
      *share.mutable_amount() = *share.mutable_items() = AsProto({cents, "EUR"});
      *share.mutable_shipping() = AsProto({0, "EUR"});
    }
    return Must<v1::CreatePaymentIntentResponse>(kOrderService, request).payment_intent();
  }
  v1::PaymentIntent Authorize(const std::string& token) {
    Create(v1::PAYMENT_METHOD_CARD, token);
    v1::AuthorizePaymentRequest request;
    request.set_intent_id("i-1");
    return Must<v1::AuthorizePaymentResponse>(kOrderService, request).payment_intent();
  }
  v1::PaymentIntent Get(std::string_view principal = kOrderService) {
    v1::GetPaymentIntentRequest request;
    request.set_intent_id("i-1");
    return Must<v1::GetPaymentIntentResponse>(principal, request).payment_intent();
  }

  template <typename Event>
  void Tell(const std::string& order_id, const std::string& event_id = "") {
    Event event;
    event.set_order_id(order_id);
    event.set_payment_intent_id("i-1");
    const Status handled = fixture.Deliver("order", order_id, event, event_id);
    INFO(handled.ToString());
    REQUIRE(handled.ok());
  }
  void Place() {
    Tell<order::events::v1::OrderPlaced>("g-1.1");
    Tell<order::events::v1::OrderPlaced>("g-1.2");
  }

  v1::PaymentIntent RecordFunds(const std::string& reference, std::int64_t cents) {
    v1::RecordFundsRequest request;
    request.set_reference(reference);
    *request.mutable_amount() = AsProto({cents, "EUR"});
    return Must<v1::RecordFundsResponse>(kOperator, request).payment_intent();
  }

  v1::Balance Balance(const std::string& seller_id) {
    v1::GetBalanceRequest request;
    request.set_seller_id(seller_id);
    const auto response = Must<v1::GetBalanceResponse>("seller/" + seller_id, request);
    return response.balances().empty() ? v1::Balance() : response.balances(0);
  }

  // Debits equal credits, sellers' balances are what the ledger says, and nothing is left
  // in between. Returns all accounts.
  std::map<std::string, std::int64_t> TrialBalance() {
    const auto response = Must<v1::GetTrialBalanceResponse>(kOperator, v1::GetTrialBalanceRequest());
    CHECK(response.difference() == 0);
    CHECK(response.sellers_match());
    std::map<std::string, std::int64_t> accounts;
    for (const v1::AccountTotal& total : response.accounts()) {
      CHECK(total.debits() - total.credits() == total.balance());
      accounts[total.account()] = total.balance();
    }
    CHECK(accounts["liab/buyer-clearing"] == 0);
    CHECK(accounts["liab/refunds-payable"] == 0);
    return accounts;
  }

  v1::BankAccount AddBankAccount(const std::string& iban) {
    v1::AddBankAccountRequest request;
    request.set_seller_id("s-1");
    request.set_holder("Aya Mori");
    request.set_iban(iban);
    return Must<v1::AddBankAccountResponse>("seller/s-1", request).bank_account();
  }
  void Verify(const std::string& bank_account_id) {
    v1::VerifyBankAccountRequest request;
    request.set_bank_account_id(bank_account_id);
    Must<v1::VerifyBankAccountResponse>(kOperator, request);
  }
  static v1::RequestPayoutRequest PayoutRequest(const std::string& bank_account_id, std::int64_t cents) {
    v1::RequestPayoutRequest request;
    request.set_seller_id("s-1");
    request.set_bank_account_id(bank_account_id);
    *request.mutable_amount() = AsProto({cents, "EUR"});
    return request;
  }
  v1::Payout GetPayout(const std::string& payout_id) {
    v1::GetPayoutRequest request;
    request.set_payout_id(payout_id);
    return Must<v1::GetPayoutResponse>("seller/s-1", request).payout();
  }

  testing::ServiceFixture fixture;

 private:
  int requests_ = 0;
};

}  // namespace souk::payment
