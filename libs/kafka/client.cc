#include "libs/kafka/client.h"

#include <syslog.h>

#include <array>
#include <string_view>

#include "absl/strings/str_format.h"
#include "libs/telemetry/log.h"

namespace souk::kafka {
namespace {

absl::StatusCode CodeOf(rd_kafka_resp_err_t code) {
  switch (static_cast<int>(code)) {  // Not our enum: it has 170 values.
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return absl::StatusCode::kAborted;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return absl::StatusCode::kOutOfRange;
  }
  return absl::StatusCode::kUnavailable;
}

}  // namespace

StatusOr<std::unique_ptr<Client>> Client::Make(rd_kafka_type_t type, const ClientSettings& settings,
                                               OnDelivery on_delivery, void* opaque) {
  std::unique_ptr<Client> client(new Client());
  client->opaque_ = opaque;
  client->on_delivery_ = on_delivery;
  std::array<char, 512> error{};
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) == RD_KAFKA_CONF_OK)
      continue;
    rd_kafka_conf_destroy(conf);
    return InvalidArgument("kafka.client.%s: %s", name, error.data());
  }
  rd_kafka_conf_set_opaque(conf, client.get());
  rd_kafka_conf_set_log_cb(conf, &Client::OnLog);
  if (on_delivery != nullptr) {
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t* handle, const rd_kafka_message_t* message, void* self) {
      const Client* const owner = static_cast<Client*>(self);
      owner->on_delivery_(handle, message, owner->opaque_);
    });
  }
  client->handle_ = rd_kafka_new(type, conf, error.data(), error.size());
  if (client->handle_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return InvalidArgument("cannot make a Kafka client: %s", error.data());
  }
  return client;
}

Client::~Client() {
  if (handle_ == nullptr) return;
  if (rd_kafka_type(handle_) == RD_KAFKA_PRODUCER)
    rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

// Connections that fail are tried again and again, and each time logged: that is noise. The
// last one explains time-outs, which would not say why.
void Client::OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  telemetry::Log(telemetry::Level::kDebug, "kafka client", {{"facility", facility}, {"text", text}});
  if (level > LOG_ERR || handle == nullptr) return;
  auto* const self = static_cast<Client*>(rd_kafka_opaque(handle));
  MutexLock lock(self->mutex_);
  std::string_view line = text;  // "[thrd:...]: 127.0.0.1:9092/bootstrap: Connect to ... failed: ..."
  if (const std::size_t end = line.find("]: "); end != std::string_view::npos) line.remove_prefix(end + 3);
  self->trouble_ = line;
}

std::string Client::Trouble() const {
  MutexLock lock(mutex_);
  return trouble_;
}

StatusOr<std::uint32_t> Client::Partitions(rd_kafka_topic_t* topic, absl::Duration timeout) const {
  const std::string name = rd_kafka_topic_name(topic);
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle_, 0, topic, &found, Milliseconds(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(error, "cannot ask for topic " + name);
  const rd_kafka_resp_err_t topic_error = found->topics[0].err;
  const auto partitions = static_cast<std::uint32_t>(found->topics[0].partition_cnt);
  rd_kafka_metadata_destroy(found);
  if (topic_error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
      topic_error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    return NotFound("there is no topic %s; make it with soukctl topics create", name);
  }
  if (topic_error != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(topic_error, "topic " + name);
  return partitions;
}

StatusOr<std::int64_t> Client::OffsetOf(const TopicPartition& partition, std::int64_t place,
                                        absl::Duration timeout) const {
  const ListHandle partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), partition.topic.c_str(),
                                    static_cast<std::int32_t>(partition.partition))
      ->offset = place;
  rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(handle_, partitions.get(), Milliseconds(timeout));
  const rd_kafka_topic_partition_t& answer = partitions->elems[0];
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = answer.err;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return answer.offset;
  return ToStatus(
      error, absl::StrFormat("cannot ask for the offsets of %s/%d", partition.topic, partition.partition));
}

Status Client::ToStatus(rd_kafka_resp_err_t code, const std::string& what) const {
  // A client that had a fatal error answers everything with something vague.
  std::array<char, 512> fatal{};
  if (const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(handle_, fatal.data(), fatal.size());
      cause != RD_KAFKA_RESP_ERR_NO_ERROR) {
    code = cause;
  }
  std::string text = what + ": " + rd_kafka_err2str(code);
  const absl::StatusCode status = CodeOf(code);
  if (status == absl::StatusCode::kUnavailable) {
    const std::string trouble = fatal[0] != '\0' ? fatal.data() : Trouble();
    if (!trouble.empty()) text += " (" + trouble + ")";
  }
  if (status == absl::StatusCode::kAborted) return WithReason(Status(status, text), "FENCED");
  return Status(status, text);
}

Status Client::ToStatus(const rd_kafka_error_t* error, const std::string& what) const {
  if (error == nullptr) return OkStatus();
  return ToStatus(rd_kafka_error_code(error), what + ": " + rd_kafka_error_string(error));
}

Record ToRecord(const rd_kafka_message_t& message) {
  Record record;
  if (message.key != nullptr) record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  return record;
}

}  // namespace souk::kafka
