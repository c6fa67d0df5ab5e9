// Payments that the tests of this folder begin with: 100.00 for two orders of two sellers,
// at a commission of 8 %.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/testing/spec.h"
#include "services/payment/payment_intent.h"

namespace souk::payment {

inline Money Euros(std::int64_t cents) { return {cents, "EUR"}; }

inline CreateIntent NewIntent(v1::PaymentMethod method) {
  return {.intent_id = "i-1",
          .group_id = "g-1",
          .buyer_id = "b-1",
          .amount = Euros(10'000),
          .method = method,
          .card_token = method == v1::PAYMENT_METHOD_CARD ? "tok_ok" : "",
          .shares = {{.order_id = "g-1.1",
                      .seller_id = "s-1",
                      .amount = Euros(6'000),
                      .items = Euros(5'000),
                      .shipping = Euros(1'000)},
                     {.order_id = "g-1.2",
                      .seller_id = "s-2",
                      .amount = Euros(4'000),
                      .items = Euros(4'000),
                      .shipping = Euros(0)}},
          .commission_basis_points = 800,
          .iban = "DE89 3704 0044 0532 0130 00",
          .unpaid_after = absl::Hours(120)};
}
inline CreateIntent NewCardIntent() { return NewIntent(v1::PAYMENT_METHOD_CARD); }
inline CreateIntent NewTransferIntent() { return NewIntent(v1::PAYMENT_METHOD_BANK_TRANSFER); }
inline CreateIntent NewCashIntent() { return NewIntent(v1::PAYMENT_METHOD_CASH_ON_DELIVERY); }

inline constexpr char kAuthorization[] = "authorize/i-1/1";
inline constexpr char kCapture[] = "capture/i-1/g-1.1";
inline constexpr char kVoiding[] = "void/i-1";

inline RecordOutcome Says(std::string reference, ProviderResult::Kind kind, std::int32_t attempts = 0) {
  ProviderResult result{.kind = kind};
  if (kind == ProviderResult::Kind::kFailed) result.code = "card_declined";
  if (kind == ProviderResult::Kind::kActionRequired) result.url = "https://bank.example";
  return {.reference = std::move(reference), .result = result, .attempts = attempts};
}
inline RecordOutcome Succeeds(std::string reference) {
  return Says(std::move(reference), ProviderResult::Kind::kSucceeded);
}
inline RecordOutcome Fails(std::string reference) {
  return Says(std::move(reference), ProviderResult::Kind::kFailed);
}
inline RecordOutcome Unknown(std::string reference, std::int32_t attempts = 0) {
  return Says(std::move(reference), ProviderResult::Kind::kUnknown, attempts);
}
inline RecordFunds Transfer(std::string receipt_id, std::int64_t cents) {
  return {.receipt_id = std::move(receipt_id), .amount = Euros(cents), .occur_time = testing::Noon()};
}

// A payment that commands are applied to, one after the other.
class Payment {
 public:
  template <typename Command>
  Payment& Do(const Command& command, absl::Time now = testing::Noon()) {
    const auto made = PaymentIntent::Decide(state, command, now);
    INFO(made.status().ToString());
    REQUIRE(made.ok());
    for (const v1::PaymentIntentEvent& event : *made) {
      PaymentIntent::Evolve(state, event);
      events.push_back(event);
    }
    return *this;
  }

  v1::PaymentIntent::State phase() const { return state.intent().state(); }
  const v1::PaymentShare& share(int index) const { return state.intent().shares(index); }
  const v1::Refund& refund(int index) const { return state.intent().refunds(index); }

  v1::PaymentIntentState state;
  std::vector<v1::PaymentIntentEvent> events;
};

inline Payment Authorized() {
  return Payment().Do(NewCardIntent()).Do(Authorize{}).Do(Succeeds(kAuthorization));
}
inline Payment Captured() {
  return Authorized().Do(ClaimCapture{.order_id = "g-1.1"}).Do(Succeeds(kCapture));
}

}  // namespace souk::payment
