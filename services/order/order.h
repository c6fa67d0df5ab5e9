// The order aggregate: what one buyer bought of one seller, from placement to the end.
//
//   PLACED (waits for its money: a card's capture, or a bank transfer)
//     |-> AWAITING_DISPATCH -> DISPATCHED -> RECEIVED -> COMPLETED
//     |-> CANCELLED <-|
//
// What was agreed (the snapshot) is frozen at placement. How the money stands is a facet
// of its own. Every state that waits has a timer, so that every order ends: see React.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/order/v1/order_events.pb.h"

namespace souk::order {

// -- Commands --

// The checkout places it; once. An order that is paid, or will be in cash, is confirmed at once.
// A card that is authorised is a promise, not money: its order is confirmed when it is captured,
// so that nothing leaves for which nobody pays.
struct Place {
  v1::OrderSnapshot snapshot;
  v1::OrderPolicy policy;
  bool paid = false;  // The money is there.
};

// The money is there. Nothing happens when it was there already, or the order is cancelled:
// the payment service gives money back by itself.
struct ConfirmPayment {};

// Money that was authorised could not be captured. Cancels the order unless it has left, as
// orders in old logs could: they were confirmed when the card was authorised.
struct FailPayment {
  std::string failure_code;
};

// A note from the seller, sealed with the buyer's key. Replaces an earlier one.
struct AttachNote {
  type::v1::Sealed note;
};

// A parcel left. Nothing happens when the order is cancelled: the parcel is on its way
// all the same, but the order is over.
struct RecordDispatch {
  std::string shipment_id;
  std::vector<v1::LineQuantity> lines;
  std::string carrier;
  std::string tracking_code;
  absl::Time dispatch_time;
};

// A parcel arrived.
struct RecordDelivery {
  std::string shipment_id;
  absl::Time delivery_time;
};

struct RemindOfReceipt {};

// The buyer has it: says the buyer (PARTY_BUYER), the carrier's scan of some days ago
// (PARTY_CARRIER), or nobody in all the time (PARTY_SYSTEM).
struct ConfirmReceipt {
  v1::Party by = v1::PARTY_UNSPECIFIED;
};

struct Cancel {
  v1::CancelReason reason = v1::CANCEL_REASON_UNSPECIFIED;
  v1::Party by = v1::PARTY_UNSPECIFIED;
};

// Money went back to the buyer.
struct RecordRefund {
  std::string refund_id;
  type::v1::Money amount;
};

// -- Timers --

inline constexpr char kUnpaidTimer[] = "unpaid";                     // The money did not come.
inline constexpr char kDispatchOverdueTimer[] = "dispatch_overdue";  // The seller did not dispatch.
inline constexpr char kReceiptReminderTimer[] = "receipt_reminder";  // The buyer has not said anything.
inline constexpr char kReceiveTimer[] = "receive";                   // It counts as received.

struct Order {
  static constexpr const char* kName = "order";
  using Id = StrongId<Order>;  // "<group id>.<n>"
  using State = v1::OrderState;
  using Event = v1::OrderEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& order, const Place& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const ConfirmPayment& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const FailPayment& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const AttachNote& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const RecordDispatch& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const RecordDelivery& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const RemindOfReceipt& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const ConfirmReceipt& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const Cancel& command, absl::Time now);
  static StatusOr<Events> Decide(const State& order, const RecordRefund& command, absl::Time now);

  static void Evolve(State& order, const Event& event);
  static void React(const Id& id, const State& order, const Event& event, absl::Time now,
                    Reactions& reactions);

  // orders_by_seller, orders_by_buyer:  <seller or buyer>/<place time>/<id>
  // orders_by_seller_and_state:         <seller>/<STATE>/<ship-by time>/<id>, value: place time
  // orders_by_buyer_and_state:          <buyer>/<STATE>/<place time>/<id>
  static void Index(const Id& id, const State& order, IndexRows& rows);

  // The orders of a group are placed in one transaction.
  static std::string PartitionKey(const Id& id) { return id.str().substr(0, id.str().find('.')); }
};
using OrderId = Order::Id;

// The n-th order of a group, from 1.
OrderId OrderIdOf(std::string_view group_id, int n);

// "AWAITING_DISPATCH".
std::string NameOf(v1::OrderState::State state);

// SHA-256 of everything that was agreed, hexadecimal.
std::string ContentHash(const v1::OrderSnapshot& snapshot);

// Pieces of a line that neither left nor were called off.
std::int64_t Awaiting(const v1::LineProgress& line);

// Whether any piece of it has left.
bool AnyDispatched(const v1::OrderState& order);

}  // namespace souk::order
