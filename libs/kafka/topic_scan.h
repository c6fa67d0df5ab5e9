// Questions about a partition that take more than one read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/kafka/broker.h"

namespace souk::kafka {

// The last committed record: looks back over the markers of transactions and over what was
// aborted. Nothing when there is none. `broker` must outlive the task.
Task<StatusOr<std::optional<StoredRecord>>> ReadLast(Broker& broker, TopicPartition of);

// An offset from which to read on so as to see every record of which `is_past` is false, and
// few of the others. `is_past` must be true of a beginning of the partition only. `broker`
// must outlive the task.
Task<StatusOr<std::int64_t>> FindOffset(Broker& broker, TopicPartition of,
                                        std::function<bool(const Record&)> is_past);

}  // namespace souk::kafka
