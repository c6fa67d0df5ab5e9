// A seller's balances per currency: the fold of the journal entries posted to it. Entries
// come from seller_ledger.h, which posts each (cause, rule) once; this aggregate refuses
// whatever would take more than there is.
//
// Aggregates of one seller share a partition, so that a balance and what it is about
// change in one transaction. Their ids are "<seller id>~<rest>".
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
#include "souk/payment/v1/seller_account_events.pb.h"

namespace souk::payment {

// Posts an entry. FAILED_PRECONDITION INSUFFICIENT_BALANCE {available} when it takes more
// than is available.
struct Post {
  v1::JournalEntry entry;
};

struct SellerAccount {
  static constexpr const char* kName = "seller_account";
  using Id = StrongId<SellerAccount>;  // The seller's id.
  using State = v1::SellerAccountState;
  using Event = v1::SellerAccountEvent;

  static StatusOr<std::vector<Event>> Decide(const State& state, const Post& post, absl::Time now);
  static void Evolve(State& state, const Event& event);
  // seller_balances: seller id -> SellerAccountState.
  static void Index(const Id& id, const State& state, IndexRows& rows);
};

// All zero when there never was money in this currency.
v1::Balance BalanceIn(const v1::SellerAccountState& state, std::string_view currency_code);

// "<seller id>~<rest>", and its parts.
std::string OfSeller(std::string_view seller_id, std::string_view rest);
std::string SellerOf(std::string_view id);

}  // namespace souk::payment
