// The payment of one group of orders, whatever the method. Rules, in short:
//
// - A card is authorised for the whole group, and captured order by order. A transfer is
//   held until it is complete, and then captured for all orders. Cash is captured order
//   by order, at the door.
// - Whatever is asked of the provider is an operation with a reference of ours. Its
//   result comes from the call, from a webhook, or from asking again: the first one that
//   says how it ended counts, and UNKNOWN ends by nothing else.
// - captured <= authorised; refunded + on its way back <= captured, per order.
//
// The files: payment_intent.cc decides on cards and orders, payment_intent_funds.cc on
// transfers, cash and refunds, payment_intent_outcome.cc on what the provider says;
// payment_intent_fold.cc has Evolve and Index, payment_intent_react.cc React, and payment_intent_questions.cc
// the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "services/payment/provider.h"
#include "souk/payment/v1/payment_intent_events.pb.h"

namespace souk::payment {

// -- Commands --

struct CreateIntent {
  struct Share {
    std::string order_id;
    std::string seller_id;
    Money amount;
    Money items;
    Money shipping;
  };
  std::string intent_id;
  std::string group_id;
  std::string buyer_id;
  Money amount;
  v1::PaymentMethod method = v1::PAYMENT_METHOD_UNSPECIFIED;
  std::string card_token;
  std::vector<Share> shares;
  std::int64_t commission_basis_points = 0;
  std::string iban;                              // Of the store, for transfers.
  absl::Duration unpaid_after;                   // For transfers without a deadline.
  absl::Time deadline = absl::InfiniteFuture();  // For transfers.
};
// Empty token: the intent's own.
struct Authorize {
  std::string card_token;
};
struct Void {
  std::string reason;
};
// Of an authorisation nobody used, or a transfer that is not complete.
struct Expire {};
// The order was placed: take its money, if it comes from a card.
struct ClaimCapture {
  std::string order_id;
};
// The order was cancelled: its money is not taken, or goes back.
struct CancelShare {
  std::string order_id;
  std::string reason;
};
// The buyer has received the order; if it is paid at the door, it is paid now.
struct RecordReceipt {
  std::string order_id;
};
// A transfer arrived. `receipt_id` tells transfers apart.
struct RecordFunds {
  std::string receipt_id;
  Money amount;
  absl::Time occur_time;
};
// No amount: all that is left.
struct RefundOrder {
  std::string refund_id;
  std::string order_id;
  std::optional<Money> amount;
  std::string reason;
};
struct RefundHeldFunds {
  std::string refund_id;
  std::optional<Money> amount;
};
// What the provider says about an operation. `attempts` is what the operation's counter
// was when it was asked; only results without an end look at it.
struct RecordOutcome {
  std::string reference;
  ProviderResult result;
  std::int32_t attempts = 0;
};

struct PaymentIntent {
  static constexpr const char* kName = "payment_intent";
  using Id = StrongId<PaymentIntent>;
  using State = v1::PaymentIntentState;
  using Event = v1::PaymentIntentEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const CreateIntent& create, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Authorize& authorize, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Void& request, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Expire& expire, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const ClaimCapture& claim, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const CancelShare& cancel, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordReceipt& receipt, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordFunds& funds, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RefundOrder& refund, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RefundHeldFunds& refund, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordOutcome& outcome, absl::Time now);

  static void Evolve(State& state, const Event& event);

  // intents_by_reference: what a transfer says -> intent id.
  static void Index(const Id& id, const State& state, IndexRows& rows);

  // Effects "submit" and "resolve" (key: the operation's reference), "settle" (payload:
  // the order id), and the timer "expire".
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);
};

// How long after an outcome is unknown the provider is asked again: Kill Bill's schedule.
// After the last one only a webhook or an operator can tell.
inline constexpr absl::Duration kResolvePauses[] = {absl::Minutes(5), absl::Hours(1),  absl::Hours(24),
                                                    absl::Hours(24),  absl::Hours(24), absl::Hours(24),
                                                    absl::Hours(24)};
// When to ask for the `attempts`th time; InfiniteFuture when it was asked often enough.
absl::Time ResolveTime(std::int32_t attempts, absl::Time now);

// How long a provider keeps authorised money for us (the common window of card networks).
inline constexpr absl::Duration kAuthorizationWindow = absl::Hours(24 * 7);

// -- Questions about a state --

const v1::PaymentShare* FindShare(const v1::PaymentIntentState& state, std::string_view order_id);
const v1::ProviderOperation* FindOperation(const v1::PaymentIntentState& state, std::string_view reference);
const v1::Refund* FindRefund(const v1::PaymentIntentState& state, std::string_view refund_id);
// The last operation of its kind about `subject_id`; null when there is none.
const v1::ProviderOperation* LastOperation(const v1::PaymentIntentState& state,
                                           v1::ProviderOperation::Kind kind,
                                           std::string_view subject_id = "");
bool Ended(const v1::ProviderOperation& operation);
// What may still go back for an order.
std::int64_t Refundable(const v1::PaymentShare& share);
// What the buyer still has to pay by transfer or in cash.
std::int64_t Outstanding(const v1::PaymentIntentState& state);
// What came by transfer and belongs to no order.
std::int64_t Held(const v1::PaymentIntentState& state);
// What came by transfer beyond what is due.
std::int64_t Overpaid(const v1::PaymentIntentState& state);

// The refund that follows from the cancellation of a captured order.
std::string CancellationRefundId(std::string_view order_id);

// The intent of an operation's reference, such as "capture/INTENT/ORDER"; nothing when it
// is not one of an intent.
std::optional<std::string> IntentOfReference(std::string_view reference);

}  // namespace souk::payment
