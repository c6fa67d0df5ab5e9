// What one seller earns with one order: pending until the buyer has received it. Knows
// which journal entries of the order were posted already, so that each is posted once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/payment/v1/earning_events.pb.h"

namespace souk::payment {

// The order was paid.
struct Accrue {
  std::string seller_id;
  std::string order_id;
  Money amount;  // After commission.
  std::int64_t commission = 0;
};
// The buyer has received it.
struct Release {};
// `amount` of the seller's part goes back to the buyer: first from what is pending.
struct ReserveRefund {
  std::string refund_id;
  std::int64_t amount = 0;
};
// It could not go back.
struct RestoreRefund {
  std::string refund_id;
};

struct Earning {
  static constexpr const char* kName = "earning";
  using Id = StrongId<Earning>;  // "<seller id>~<order id>".
  using State = v1::EarningState;
  using Event = v1::EarningEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Accrue& accrue, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Release& release, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const ReserveRefund& reserve, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RestoreRefund& restore, absl::Time now);
  static void Evolve(State& state, const Event& event);
  static std::string PartitionKey(const Id& id);
};

// Null when nothing was reserved for the refund.
const v1::EarningState::Reservation* FindReservation(const v1::EarningState& state,
                                                     std::string_view refund_id);

}  // namespace souk::payment
