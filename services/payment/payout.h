// Money on its way from a seller's balance to a bank account, through the provider.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "services/payment/provider.h"
#include "souk/payment/v1/payout_events.pb.h"

namespace souk::payment {

struct RequestPayout {
  std::string payout_id;
  std::string seller_id;
  Money amount;
  std::string bank_account_id;
};
// What the provider says. `attempts` as in RecordOutcome of an intent.
struct RecordPayoutOutcome {
  ProviderResult result;
  std::int32_t attempts = 0;
};

struct Payout {
  static constexpr const char* kName = "payout";
  using Id = StrongId<Payout>;  // "<seller id>~<rest>".
  using State = v1::PayoutState;
  using Event = v1::PayoutEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const RequestPayout& request, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordPayoutOutcome& outcome, absl::Time now);
  static void Evolve(State& state, const Event& event);
  // payouts_by_seller: "<seller id>/<time>/<payout id>" -> Payout.
  static void Index(const Id& id, const State& state, IndexRows& rows);
  // Effects "submit" and "resolve" (payload: attempts).
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);
  static std::string PartitionKey(const Id& id);
};

// True once it was paid or has failed.
bool Ended(const v1::Payout& payout);

// Our reference of a payout at the provider, and back; "" when it is not one.
std::string ReferenceOf(const Payout::Id& id);
std::string PayoutOfReference(const std::string& reference);

}  // namespace souk::payment
