#include "services/payment/ledger_view.h"

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/payment/ledger.h"
#include "services/payment/payment_intent.h"
#include "services/payment/seller_account.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {
namespace {

// The entry inside an event of an intent; null when it moves no money.
const v1::JournalEntry* EntryOf(const v1::PaymentIntentEvent& event) {
  using Event = v1::PaymentIntentEvent;
  switch (event.kind_case()) {
    case Event::kShareCaptured:
      return &event.share_captured().entry();
    case Event::kFundsReceived:
      return &event.funds_received().entry();
    case Event::kRefundRequested:
      return event.refund_requested().has_entry() ? &event.refund_requested().entry() : nullptr;
    case Event::kRefundSucceeded:
      return &event.refund_succeeded().entry();
    case Event::kRefundFailed:
      return event.refund_failed().has_entry() ? &event.refund_failed().entry() : nullptr;
    case Event::kCreated:
    case Event::kAuthorizationStarted:
    case Event::kActionRequired:
    case Event::kAuthorized:
    case Event::kDeclined:
    case Event::kOutcomePending:
    case Event::kOutcomeUnknown:
    case Event::kVoidRequested:
    case Event::kVoidStarted:
    case Event::kVoidFailed:
    case Event::kVoided:
    case Event::kCaptureClaimed:
    case Event::kCaptureFailed:
    case Event::kShareCancelled:
    case Event::kOrderReceived:
    case Event::kExpired:
    case Event::KIND_NOT_SET:
      return nullptr;
  }
  return nullptr;
}

// Reads a row, lets `change` work on it, and writes it back.
template <typename Row, typename Change>
Status Update(ViewRows& rows, const std::string& key, Change change) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, rows.Get(key));
  Row row;
  if (stored.has_value() && !row.ParseFromString(*stored))
    return DataLoss("row %s of the ledger is unreadable", key);
  change(row);
  rows.Put(key, row.SerializeAsString());
  return OkStatus();
}

Status ProjectEntry(const v1::JournalEntry& entry, std::uint64_t position, ViewRows& rows) {
  std::int64_t moved = 0;
  for (const v1::Posting& posting : entry.postings()) {
    const std::string kind = ledger::KindOf(posting.account());
    const std::int64_t minor_units = posting.minor_units();
    if (minor_units > 0) moved += minor_units;
    RETURN_IF_ERROR(Update<v1::AccountTotal>(
        rows, absl::StrFormat("account/%s/%s", kind, entry.currency_code()), [&](v1::AccountTotal& total) {
          total.set_account(kind);
          total.set_currency_code(entry.currency_code());
          if (minor_units > 0) total.set_debits(total.debits() + minor_units);
          if (minor_units < 0) total.set_credits(total.credits() - minor_units);
          total.set_balance(total.balance() + minor_units);
        }));
  }
  RETURN_IF_ERROR(Update<v1::RuleTotal>(
      rows, absl::StrFormat("rule/%02d/%s", static_cast<int>(entry.rule()), entry.currency_code()),
      [&](v1::RuleTotal& total) {
        total.set_rule(entry.rule());
        total.set_currency_code(entry.currency_code());
        total.set_amount(total.amount() + moved);
        total.set_entries(total.entries() + 1);
      }));
  if (!entry.seller_id().empty()) {
    rows.Put(absl::StrFormat("entry/%s/%s/%020d", entry.seller_id(),
                             SortableTime(FromProto(entry.post_time())), position),
             entry.SerializeAsString());
  }
  return OkStatus();
}

}  // namespace

Status LedgerView::Project(const event::v1::EventRecord& event, ViewRows& rows) {
  if (event.aggregate() == PaymentIntent::kName) {
    v1::PaymentIntentEvent stored;
    if (!stored.ParseFromString(event.payload()))
      return DataLoss("position %d is unreadable", event.position());
    const v1::JournalEntry* const entry = EntryOf(stored);
    return entry == nullptr ? OkStatus() : ProjectEntry(*entry, event.position(), rows);
  }
  if (event.aggregate() == SellerAccount::kName) {
    v1::SellerAccountEvent stored;
    if (!stored.ParseFromString(event.payload()))
      return DataLoss("position %d is unreadable", event.position());
    return ProjectEntry(stored.entry_posted().entry(), event.position(), rows);
  }
  return OkStatus();
}

}  // namespace souk::payment
