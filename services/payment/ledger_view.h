// Reads the whole ledger: what is on all accounts of one kind, what each posting rule has
// moved, and the journal of each seller.
//
//   account/KIND/CURRENCY                -> AccountTotal
//   rule/RULE/CURRENCY                   -> RuleTotal
//   entry/SELLER/TIME/POSITION           -> JournalEntry
//
// With several partitions the totals of one kind are several rows: one per partition.
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/status.h"
#include "libs/eventsourcing/view.h"

namespace souk::payment {

class LedgerView final : public View {
 public:
  static constexpr char kName[] = "ledger";

  std::string name() const override { return kName; }
  std::uint32_t version() const override { return 1; }
  Status Project(const event::v1::EventRecord& event, ViewRows& rows) override;
};

}  // namespace souk::payment
