#include "services/payment/bank_account.h"

#include <cctype>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

using Event = v1::BankAccountEvent;
using Events = std::vector<Event>;

Status CheckExists(const v1::BankAccountState& state) {
  if (state.bank_account().bank_account_id().empty()) return NotFound("no such bank account");
  return OkStatus();
}

}  // namespace

StatusOr<Events> BankAccount::Decide(const State& state, const Add& add, absl::Time now) {
  if (!state.bank_account().bank_account_id().empty()) return Events{};
  Event event;
  Event::Added& added = *event.mutable_added();
  added.set_bank_account_id(add.bank_account_id);
  added.set_seller_id(add.seller_id);
  *added.mutable_holder() = add.holder;
  *added.mutable_iban() = add.iban;
  added.set_iban_suffix(add.iban_suffix);
  *added.mutable_create_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> BankAccount::Decide(const State& state, const Verify&, absl::Time) {
  RETURN_IF_ERROR(CheckExists(state));
  const v1::BankAccount& account = state.bank_account();
  if (account.state() == v1::BankAccount::STATE_VERIFIED) return Events{};
  if (account.state() == v1::BankAccount::STATE_REJECTED) {
    return IllegalTransition("the bank account was rejected; the seller has to add another one");
  }
  Event event;
  event.mutable_verified()->set_bank_account_id(account.bank_account_id());
  event.mutable_verified()->set_seller_id(account.seller_id());
  return Events{event};
}

StatusOr<Events> BankAccount::Decide(const State& state, const Reject& reject, absl::Time) {
  RETURN_IF_ERROR(CheckExists(state));
  if (state.bank_account().state() == v1::BankAccount::STATE_REJECTED) return Events{};
  Event event;
  event.mutable_rejected()->set_reason(reject.reason);
  return Events{event};
}

StatusOr<Events> BankAccount::Decide(const State& state, const Block& block, absl::Time) {
  RETURN_IF_ERROR(CheckExists(state));
  if (state.bank_account().state() != v1::BankAccount::STATE_VERIFIED) return Events{};
  Event event;
  event.mutable_blocked()->set_reason(block.reason);
  return Events{event};
}

void BankAccount::Evolve(State& state, const Event& event) {
  v1::BankAccount& account = *state.mutable_bank_account();
  switch (event.kind_case()) {
    case Event::kAdded:
      account.set_bank_account_id(event.added().bank_account_id());
      account.set_seller_id(event.added().seller_id());
      account.set_state(v1::BankAccount::STATE_ADDED);
      account.set_iban_suffix(event.added().iban_suffix());
      *account.mutable_create_time() = event.added().create_time();
      *state.mutable_holder() = event.added().holder();
      *state.mutable_iban() = event.added().iban();
      return;
    case Event::kVerified:
      account.set_state(v1::BankAccount::STATE_VERIFIED);
      account.clear_reason();
      return;
    case Event::kRejected:
      account.set_state(v1::BankAccount::STATE_REJECTED);
      account.set_reason(event.rejected().reason());
      return;
    case Event::kBlocked:
      account.set_state(v1::BankAccount::STATE_BLOCKED);
      account.set_reason(event.blocked().reason());
      return;
    case Event::KIND_NOT_SET:
      return;
  }
}

void BankAccount::Index(const Id& id, const State& state, IndexRows& rows) {
  rows.Add("bank_accounts_by_seller", absl::StrFormat("%s/%s", state.bank_account().seller_id(), id.str()),
           state.bank_account().SerializeAsString());
}

std::string BankAccount::PartitionKey(const Id& id) { return SellerOf(id.str()); }

StatusOr<std::string> ParseIban(std::string_view text) {
  const Status wrong = InvalidField("iban", "is not an IBAN, or has a typing mistake");
  std::string iban;
  for (const char c : text) {
    if (c == ' ') continue;
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) return wrong;
    iban.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  if (iban.size() < 15 || iban.size() > 34) return wrong;
  for (std::size_t i = 0; i < 4; ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(iban[i])) != 0;
    if (digit != (i >= 2)) return wrong;
  }
  // The first four characters go to the end, letters become 10 to 35, and the number is 1
  // modulo 97.
  int rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    rest = (digit ? rest * 10 + (c - '0') : rest * 100 + (c - 'A' + 10)) % 97;
  }
  if (rest != 1) return wrong;
  return iban;
}

}  // namespace souk::payment
