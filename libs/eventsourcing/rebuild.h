// Makes everything that is derived from the log of a partition: stream index, snapshots,
// index rows, request records, effects.
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/aggregate_type.h"
#include "libs/eventsourcing/pending_effects.h"
#include "libs/storage/store.h"

namespace souk {

// The column families that Rebuild fills. Each has a row of its own per partition that
// tells that it is complete, and for which schemas of states.
inline constexpr ColumnFamily kDerivedFamilies[] = {ColumnFamily::kStreams, ColumnFamily::kSnapshots,
                                                    ColumnFamily::kViews, ColumnFamily::kRequests,
                                                    ColumnFamily::kEffects};

// True when all derived rows of the partition are there, made by a build with the same
// schemas. The rows of an empty log always are, once MarkBuilt has run.
StatusOr<bool> IsBuilt(const Store& store, std::uint32_t partition, const AggregateTypes& types);

// Deletes what is derived.
Task<Status> DeleteDerived(Store& store, std::uint32_t partition);

// Deletes what is derived and makes it again. Done when that is durable.
Task<Status> Rebuild(Store& store, std::uint32_t partition, const AggregateTypes& types,
                     std::uint64_t positions_per_effect_write);

// The effects that wait at the end of the log: as stored, with what the log says since. Where it
// says what this build does not know, nothing starts or ends, and the rows stay as they are.
StatusOr<PendingEffects> RecoverEffects(const Store& store, std::uint32_t partition,
                                        const AggregateTypes& types,
                                        std::uint64_t positions_per_effect_write);

// SHA-256 over all derived rows of all partitions, in hexadecimal digits.
StatusOr<std::string> StateHash(const Store& store);

}  // namespace souk
