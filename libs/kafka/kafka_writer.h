// A writer of a real Kafka: a transactional producer of librdkafka on a thread of its own.
#pragma once

#include <memory>

#include "libs/kafka/broker.h"
#include "libs/kafka/client.h"
#include "libs/runtime/scheduler.h"

namespace souk::kafka {

// `thread` is where the client is used, since its calls block; the caller continues on `home`.
// Both must outlive what the writer leaves behind, which is gone when `thread` has ended.
std::unique_ptr<TopicWriter> MakeKafkaWriter(WriterOptions options, ClientSettings settings, Scheduler& home,
                                             Scheduler& thread);

}  // namespace souk::kafka
