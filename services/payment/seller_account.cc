#include "services/payment/seller_account.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "services/payment/ledger.h"

namespace souk::payment {

StatusOr<std::vector<v1::SellerAccountEvent>> SellerAccount::Decide(const State& state, const Post& post,
                                                                    absl::Time) {
  RETURN_IF_ERROR(ledger::Check(post.entry));
  const v1::Balance before = BalanceIn(state, post.entry.currency_code());
  const v1::Balance after = ledger::Apply(before, post.entry);
  if (after.available() < 0) {
    return Rejected("INSUFFICIENT_BALANCE", {{"available", std::to_string(before.available())}},
                    "only %s is available", ToString(Money{before.available(), post.entry.currency_code()}));
  }
  if (std::min({after.pending(), after.in_transit(), after.debt()}) < 0 ||
      (after.debt() > 0 && after.available() > 0)) {
    return Internal("entry %s takes what is not there", post.entry.entry_id());
  }
  Event event;
  *event.mutable_entry_posted()->mutable_entry() = post.entry;
  return std::vector<Event>{event};
}

void SellerAccount::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kEntryPosted: {
      const v1::JournalEntry& entry = event.entry_posted().entry();
      state.set_seller_id(entry.seller_id());
      state.set_entries(state.entries() + 1);
      auto& balances = *state.mutable_balances();
      auto balance = std::find_if(balances.begin(), balances.end(), [&](const v1::Balance& candidate) {
        return candidate.currency_code() == entry.currency_code();
      });
      if (balance != balances.end()) {
        *balance = ledger::Apply(*balance, entry);
        return;
      }
      *balances.Add() = ledger::Apply(BalanceIn(state, entry.currency_code()), entry);
      std::sort(balances.begin(), balances.end(), [](const v1::Balance& a, const v1::Balance& b) {
        return a.currency_code() < b.currency_code();
      });
      return;
    }
    case Event::KIND_NOT_SET:
      return;
  }
}

void SellerAccount::Index(const Id& id, const State& state, IndexRows& rows) {
  rows.Add("seller_balances", id.str(), state.SerializeAsString());
}

v1::Balance BalanceIn(const v1::SellerAccountState& state, std::string_view currency_code) {
  for (const v1::Balance& balance : state.balances()) {
    if (balance.currency_code() == currency_code) return balance;
  }
  v1::Balance none;
  none.set_currency_code(std::string(currency_code));
  return none;
}

std::string OfSeller(std::string_view seller_id, std::string_view rest) {
  return absl::StrFormat("%s~%s", seller_id, rest);
}

std::string SellerOf(std::string_view id) { return std::string(id.substr(0, id.rfind('~'))); }

}  // namespace souk::payment
