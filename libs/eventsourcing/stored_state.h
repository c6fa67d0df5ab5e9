// States of aggregates as the store has them: a snapshot, and the events since.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate_type.h"
#include "libs/eventsourcing/state_cache.h"
#include "libs/storage/store.h"

namespace souk {

// `message` in the one form that equal messages always have.
std::string SerializeDeterministic(const google::protobuf::MessageLite& message);

// What the store has of an aggregate.
struct StoredState {
  std::uint64_t revision = 0;  // 0: nothing ever happened to it.
  SnapshotAge snapshot_age;
};

// Folds the state of `id` from what the store has: snapshot and events since, none of them
// beyond `revision_max`.
inline constexpr std::uint64_t kAllRevisions = std::numeric_limits<std::uint64_t>::max();
StatusOr<StoredState> FoldStored(const Store& store, std::uint32_t partition, const AggregateType& type,
                                 std::string_view id, google::protobuf::Message& state,
                                 std::uint64_t revision_max = kAllRevisions);

}  // namespace souk
