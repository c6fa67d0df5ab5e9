#include "tests/simulation/mutant_store.h"

#include "libs/base/big_endian.h"

namespace souk::simulation {
namespace {

// How often a mutant strikes that does so only now and then.
constexpr double kNowAndThen = 0.02;

// How the key ends of the position up to which the rows of effects are right.
constexpr char kEffectsPosition = '\xfe';

}  // namespace

// Rows of a mutant's kind are dropped, with this probability.
double MutantStore::Forgetfulness(const Batch::Entry& entry) const {
  switch (entry.family) {
    case ColumnFamily::kRequests:
      return stage_.Has(Mutant::kForgetRequests) ? 1 : 0;
    case ColumnFamily::kEffects:
      // But that they are complete is remembered.
      return stage_.Has(Mutant::kForgetTimers) && !entry.key.ends_with(kEffectsPosition) ? 1 : 0;
    case ColumnFamily::kSnapshots:
      return stage_.Has(Mutant::kStaleSnapshot) ? 0.3 : 0;
    case ColumnFamily::kViews:
      return stage_.Has(Mutant::kForgetIndexRow) ? kNowAndThen : 0;
    case ColumnFamily::kLog:
      return stage_.Has(Mutant::kForgetLogRecord) ? kNowAndThen / 4 : 0;
    case ColumnFamily::kStreams:
    case ColumnFamily::kMeta:
    case ColumnFamily::kKeys:
      return 0;
  }
  return 0;
}

std::string MutantStore::Change(const Batch::Entry& entry) const {
  std::string value(*entry.value);
  if (stage_.Has(Mutant::kFlipLogBit) && entry.family == ColumnFamily::kLog &&
      stage_.Chance(kNowAndThen / 4)) {
    value[value.size() / 2] ^= 1;
  }
  if (stage_.Has(Mutant::kCheckpointAhead) && entry.family == ColumnFamily::kMeta &&
      entry.key.starts_with("feed/") && !entry.key.ends_with("/types") && stage_.Chance(0.3)) {
    std::string ahead;
    AppendBigEndian(ahead, ReadBigEndian<std::uint64_t>(value) + 3);
    value = ahead + value.substr(sizeof(std::uint64_t));
  }
  return value;
}

Batch MutantStore::Break(const Batch& batch) const {
  Batch broken;
  for (const Batch::Entry& entry : batch) {
    if (!entry.value.has_value()) {
      broken.Delete(entry.family, entry.key);
    } else if (!stage_.Chance(Forgetfulness(entry))) {
      broken.Put(entry.family, entry.key, Change(entry));
    }
  }
  return broken;
}

}  // namespace souk::simulation
