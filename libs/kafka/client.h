// One client of librdkafka, and what else of its C interface has to be released. Destroying
// a client while lists, topics or queues of its are alive would hang for ever: members are
// therefore declared after the client they belong to.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/mutex.h"
#include "libs/base/status.h"
#include "libs/kafka/broker.h"
#include "libs/kafka/client_settings.h"

namespace souk::kafka {

template <auto Destroy>
struct DestroyWith {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, DestroyWith<rd_kafka_error_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, DestroyWith<rd_kafka_event_destroy>>;
using GroupHandle = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                    DestroyWith<rd_kafka_consumer_group_metadata_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, DestroyWith<rd_kafka_headers_destroy>>;
using ListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyWith<rd_kafka_topic_partition_list_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, DestroyWith<rd_kafka_queue_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, DestroyWith<rd_kafka_topic_destroy>>;

// Thread-safe, as librdkafka is.
class Client {
 public:
  using OnDelivery = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void* opaque);

  // INVALID_ARGUMENT that names the setting which librdkafka does not accept. `on_delivery`,
  // if any, is called with `opaque` whenever the client is flushed.
  static StatusOr<std::unique_ptr<Client>> Make(rd_kafka_type_t type, const ClientSettings& settings,
                                                OnDelivery on_delivery = nullptr, void* opaque = nullptr);
  ~Client();

  rd_kafka_t* get() const { return handle_; }

  // How many partitions `topic` has. NOT_FOUND when there is none of that name.
  StatusOr<std::uint32_t> Partitions(rd_kafka_topic_t* topic, absl::Duration timeout) const;

  // Where a partition begins or ends: `place` is RD_KAFKA_OFFSET_BEGINNING or RD_KAFKA_OFFSET_END.
  // Not by rd_kafka_query_watermark_offsets, which takes no notice of its time-out when the
  // broker goes away: it waits for a minute, and then again.
  StatusOr<std::int64_t> OffsetOf(const TopicPartition& partition, std::int64_t place,
                                  absl::Duration timeout) const;

  // The error as a status, with what the connection last complained about if that helps.
  Status ToStatus(rd_kafka_resp_err_t code, const std::string& what) const;
  Status ToStatus(const rd_kafka_error_t* error, const std::string& what) const;

 private:
  Client() = default;
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text);
  std::string Trouble() const;

  rd_kafka_t* handle_ = nullptr;
  void* opaque_ = nullptr;  // The delivery callback's.
  OnDelivery on_delivery_ = nullptr;

  mutable Mutex mutex_;
  std::string trouble_ ABSL_GUARDED_BY(mutex_);  // The last error it has logged.
};

inline int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Key, value and headers of a message.
Record ToRecord(const rd_kafka_message_t& message);

}  // namespace souk::kafka
