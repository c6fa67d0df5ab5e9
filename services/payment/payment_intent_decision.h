// What the files that decide on payment intents share: a decision that grows event by
// event, each made from the state after the one before.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/payment/money_proto.h"
#include "services/payment/payment_intent.h"

namespace souk::payment {

class Decision {
 public:
  Decision(const v1::PaymentIntentState& state, absl::Time now) : state_(state), now_(now) {}

  // The state with all events so far.
  const v1::PaymentIntentState& state() const { return state_; }
  const v1::PaymentIntent& intent() const { return state_.intent(); }
  absl::Time now() const { return now_; }

  void Add(v1::PaymentIntentEvent event) {
    PaymentIntent::Evolve(state_, event);
    events_.push_back(std::move(event));
  }
  std::vector<v1::PaymentIntentEvent> Take() && { return std::move(events_); }

  // -- Steps that several commands have in common --

  // Gives the payment up, or frees the card at the provider, or remembers to.
  void StartVoid(std::string_view reason);
  void AddVoided(std::string_view reason, std::string_view reference);
  void AddShareCaptured(const v1::PaymentShare& share, std::string_view reference, v1::JournalEntry entry);
  // Pays for all open orders once held money suffices for them.
  void ApplyFunds();
  // Sends all money back that belongs to no order. `cause` makes the refund's id.
  void ReturnHeldFunds(std::string_view cause, std::string_view reason);
  void AddRefundRequested(std::string_view refund_id, std::string_view order_id, const Money& amount,
                          std::string_view reason);

  v1::PaymentIntentEvent::Parties Parties() const;
  Money In(std::int64_t minor_units) const { return {minor_units, intent().amount().currency_code()}; }
  // A reference for an operation: "capture/INTENT/ORDER".
  std::string Reference(std::string_view operation, std::string_view subject = "") const;

 private:
  v1::PaymentIntentState state_;
  const absl::Time now_;
  std::vector<v1::PaymentIntentEvent> events_;
};

// NOT_FOUND when nothing was ever created.
Status CheckExists(const v1::PaymentIntentState& state);
// NOT_FOUND for an order that the intent does not pay for.
StatusOr<v1::PaymentShare> ShareOf(const v1::PaymentIntentState& state, std::string_view order_id);
// True when the state of `share` is one of those in which a capture may succeed or has.
bool CapturedOrTrying(const v1::PaymentShare& share);

}  // namespace souk::payment
