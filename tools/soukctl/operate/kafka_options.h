// Options of commands that talk to Kafka themselves.
#pragma once

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "libs/kafka/client_settings.h"

namespace souk::ctl {

struct KafkaOptions {
  std::string brokers = "127.0.0.1:9092";
  std::vector<std::string> client;  // NAME=VALUE of librdkafka.
};

// Adds --brokers and --client.
void AddKafkaOptions(CLI::App& command, KafkaOptions& options);

StatusOr<kafka::ClientSettings> ClientSettingsOf(const KafkaOptions& options);

// What to say when the brokers do not answer: that status would blame the store.
Status ExplainBroker(const Status& status, const KafkaOptions& options);

}  // namespace souk::ctl
