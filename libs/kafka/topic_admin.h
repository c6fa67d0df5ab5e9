// Makes, changes and describes topics. For tools and tests: calls block, and what they changed
// can be seen when they return.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "libs/base/status.h"
#include "libs/kafka/client.h"

namespace souk::kafka {

struct TopicState {
  std::uint32_t partitions = 0;
  std::uint32_t replicas = 0;
  std::map<std::string, std::string> settings;  // Those that differ from the broker's own.
};

class TopicAdmin {
 public:
  static StatusOr<std::unique_ptr<TopicAdmin>> Open(const ClientSettings& settings);

  // Nothing when there is no such topic.
  StatusOr<std::optional<TopicState>> Describe(const std::string& topic);
  Status Create(const std::string& topic, const TopicState& wanted);
  // Raises the number of partitions.
  Status SetPartitions(const std::string& topic, std::uint32_t partitions);
  // Sets the topic's own settings to these and no others.
  Status SetSettings(const std::string& topic, const std::map<std::string, std::string>& settings);
  Status Delete(const std::string& topic);

 private:
  explicit TopicAdmin(std::unique_ptr<Client> client) : client_(std::move(client)) {}
  StatusOr<EventHandle> Await(rd_kafka_queue_t* queue, const std::string& what) const;
  // Nodes hear of a change after the answer to it: waits until they describe the topic like this.
  Status AwaitChange(const std::string& topic,
                     absl::FunctionRef<bool(const std::optional<TopicState>&)> is_done);

  std::unique_ptr<Client> client_;
};

}  // namespace souk::kafka
