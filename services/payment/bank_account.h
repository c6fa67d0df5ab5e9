// Where a seller is paid out to. The number and the holder's name are sealed: only the
// call to the provider opens them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/payment/v1/bank_account_events.pb.h"

namespace souk::payment {

struct Add {
  std::string bank_account_id;
  std::string seller_id;
  type::v1::Sealed holder;
  type::v1::Sealed iban;
  std::string iban_suffix;
};
struct Verify {};
struct Reject {
  std::string reason;
};
// A payout to it failed.
struct Block {
  std::string reason;
};

struct BankAccount {
  static constexpr const char* kName = "bank_account";
  using Id = StrongId<BankAccount>;  // "<seller id>~<rest>".
  using State = v1::BankAccountState;
  using Event = v1::BankAccountEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Add& add, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Verify& verify, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Reject& reject, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Block& block, absl::Time now);
  static void Evolve(State& state, const Event& event);
  // bank_accounts_by_seller: "<seller id>/<bank account id>" -> BankAccount.
  static void Index(const Id& id, const State& state, IndexRows& rows);
  static std::string PartitionKey(const Id& id);
};

// Without spaces, in upper case. INVALID_ARGUMENT unless it has the shape and the check
// digits of an IBAN (ISO 13616).
StatusOr<std::string> ParseIban(std::string_view text);

}  // namespace souk::payment
