#include "libs/kafka/topic_admin.h"

#include <array>

#include "absl/time/clock.h"

namespace souk::kafka {
namespace {

constexpr absl::Duration kAnswerMax = absl::Seconds(30);
constexpr absl::Duration kPauseBetweenLooks = absl::Milliseconds(20);

using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, DestroyWith<rd_kafka_NewTopic_destroy>>;
using NewPartitionsHandle =
    std::unique_ptr<rd_kafka_NewPartitions_t, DestroyWith<rd_kafka_NewPartitions_destroy>>;
using DeleteTopicHandle = std::unique_ptr<rd_kafka_DeleteTopic_t, DestroyWith<rd_kafka_DeleteTopic_destroy>>;
using ConfigHandle = std::unique_ptr<rd_kafka_ConfigResource_t, DestroyWith<rd_kafka_ConfigResource_destroy>>;

// The first error among the results for topics.
Status FirstError(const Client& client, const rd_kafka_topic_result_t** results, std::size_t count,
                  const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* const text = rd_kafka_topic_result_error_string(results[i]);
    return client.ToStatus(error, text == nullptr ? what : what + ": " + text);
  }
  return OkStatus();
}

Status FirstError(const Client& client, const rd_kafka_ConfigResource_t** results, std::size_t count,
                  const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* const text = rd_kafka_ConfigResource_error_string(results[i]);
    return client.ToStatus(error, text == nullptr ? what : what + ": " + text);
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<TopicAdmin>> TopicAdmin::Open(const ClientSettings& settings) {
  ASSIGN_OR_RETURN(std::unique_ptr<Client> client, Client::Make(RD_KAFKA_PRODUCER, settings));
  return std::unique_ptr<TopicAdmin>(new TopicAdmin(std::move(client)));
}

StatusOr<EventHandle> TopicAdmin::Await(rd_kafka_queue_t* queue, const std::string& what) const {
  EventHandle event(rd_kafka_queue_poll(queue, Milliseconds(kAnswerMax)));
  if (event == nullptr) return client_->ToStatus(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
  return client_->ToStatus(error, what + ": " + rd_kafka_event_error_string(event.get()));
}

Status TopicAdmin::AwaitChange(const std::string& topic,
                               absl::FunctionRef<bool(const std::optional<TopicState>&)> is_done) {
  for (const absl::Time deadline = absl::Now() + kAnswerMax;;) {
    const StatusOr<std::optional<TopicState>> state = Describe(topic);
    // While it comes and goes one part of a node may know it and another not.
    if (!state.ok() && !absl::IsNotFound(state.status())) return state.status();
    if (state.ok() && is_done(*state)) return OkStatus();
    if (absl::Now() > deadline) {
      return Unavailable("topic %s: the change was accepted, but cannot be seen after %s", topic,
                         absl::FormatDuration(kAnswerMax));
    }
    absl::SleepFor(kPauseBetweenLooks);
  }
}

StatusOr<std::optional<TopicState>> TopicAdmin::Describe(const std::string& topic) {
  const std::string what = "cannot describe topic " + topic;
  const TopicHandle handle(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t asked =
      rd_kafka_metadata(client_->get(), 0, handle.get(), &found, Milliseconds(kAnswerMax));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->ToStatus(asked, what);
  const rd_kafka_metadata_topic& entry = found->topics[0];
  const rd_kafka_resp_err_t error = entry.err;
  TopicState state{.partitions = static_cast<std::uint32_t>(entry.partition_cnt)};
  if (entry.partition_cnt > 0) state.replicas = static_cast<std::uint32_t>(entry.partitions[0].replica_cnt);
  rd_kafka_metadata_destroy(found);
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<TopicState>();
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->ToStatus(error, what);

  const ConfigHandle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  std::array<rd_kafka_ConfigResource_t*, 1> resources = {resource.get()};
  rd_kafka_DescribeConfigs(client_->get(), resources.data(), resources.size(), nullptr, queue.get());
  ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), what));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** const described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  RETURN_IF_ERROR(FirstError(*client_, described, count, what));
  std::size_t entries = 0;
  const rd_kafka_ConfigEntry_t** const settings = rd_kafka_ConfigResource_configs(described[0], &entries);
  for (std::size_t i = 0; i < entries; ++i) {
    if (rd_kafka_ConfigEntry_source(settings[i]) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG) continue;
    const char* const value = rd_kafka_ConfigEntry_value(settings[i]);
    state.settings[rd_kafka_ConfigEntry_name(settings[i])] = value == nullptr ? "" : value;
  }
  return std::optional(std::move(state));
}

Status TopicAdmin::Create(const std::string& topic, const TopicState& wanted) {
  const std::string what = "cannot make topic " + topic;
  std::array<char, 512> problem{};
  const NewTopicHandle request(rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(wanted.partitions),
                                                     static_cast<int>(wanted.replicas), problem.data(),
                                                     problem.size()));
  if (request == nullptr) return InvalidArgument("%s: %s", what, problem.data());
  for (const auto& [name, value] : wanted.settings) {
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  }
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  std::array<rd_kafka_NewTopic_t*, 1> requests = {request.get()};
  rd_kafka_CreateTopics(client_->get(), requests.data(), requests.size(), nullptr, queue.get());
  ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), what));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  RETURN_IF_ERROR(FirstError(*client_, results, count, what));
  return AwaitChange(
      topic, [&](const auto& state) { return state.has_value() && state->partitions == wanted.partitions; });
}

Status TopicAdmin::SetPartitions(const std::string& topic, std::uint32_t partitions) {
  const std::string what = "cannot add partitions to topic " + topic;
  std::array<char, 512> problem{};
  const NewPartitionsHandle request(
      rd_kafka_NewPartitions_new(topic.c_str(), partitions, problem.data(), problem.size()));
  if (request == nullptr) return InvalidArgument("%s: %s", what, problem.data());
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  std::array<rd_kafka_NewPartitions_t*, 1> requests = {request.get()};
  rd_kafka_CreatePartitions(client_->get(), requests.data(), requests.size(), nullptr, queue.get());
  ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), what));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event.get()), &count);
  RETURN_IF_ERROR(FirstError(*client_, results, count, what));
  return AwaitChange(topic,
                     [&](const auto& state) { return state.has_value() && state->partitions == partitions; });
}

Status TopicAdmin::SetSettings(const std::string& topic, const std::map<std::string, std::string>& settings) {
  const std::string what = "cannot change the settings of topic " + topic;
  const ConfigHandle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [name, value] : settings) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  std::array<rd_kafka_ConfigResource_t*, 1> resources = {resource.get()};
  rd_kafka_AlterConfigs(client_->get(), resources.data(), resources.size(), nullptr, queue.get());
  ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), what));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** const results =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
  RETURN_IF_ERROR(FirstError(*client_, results, count, what));
  return AwaitChange(topic,
                     [&](const auto& state) { return state.has_value() && state->settings == settings; });
}

Status TopicAdmin::Delete(const std::string& topic) {
  const std::string what = "cannot delete topic " + topic;
  const DeleteTopicHandle request(rd_kafka_DeleteTopic_new(topic.c_str()));
  const QueueHandle queue(rd_kafka_queue_new(client_->get()));
  std::array<rd_kafka_DeleteTopic_t*, 1> requests = {request.get()};
  rd_kafka_DeleteTopics(client_->get(), requests.data(), requests.size(), nullptr, queue.get());
  ASSIGN_OR_RETURN(const EventHandle event, Await(queue.get(), what));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** const results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  RETURN_IF_ERROR(FirstError(*client_, results, count, what));
  return AwaitChange(topic, [](const auto& state) { return !state.has_value(); });
}

}  // namespace souk::kafka
