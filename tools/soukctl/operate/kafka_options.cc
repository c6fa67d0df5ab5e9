#include "tools/soukctl/operate/kafka_options.h"

namespace souk::ctl {

void AddKafkaOptions(CLI::App& command, KafkaOptions& options) {
  command.add_option("--brokers", options.brokers, "HOST:PORT of some brokers, comma-separated")
      ->envname("SOUK_KAFKA_BROKERS")
      ->capture_default_str();
  command.add_option("--client", options.client,
                     "A setting of librdkafka, NAME=VALUE, such as security.protocol=SSL; may be repeated");
}

StatusOr<kafka::ClientSettings> ClientSettingsOf(const KafkaOptions& options) {
  ASSIGN_OR_RETURN(kafka::ClientSettings settings, kafka::ParseClientSettings("--client", options.client));
  settings.emplace_back("bootstrap.servers", options.brokers);
  return settings;
}

Status ExplainBroker(const Status& status, const KafkaOptions& options) {
  if (!absl::IsUnavailable(status)) return status;
  return FailedPrecondition("%s; is Kafka at %s? tools/kafka start starts one", status.message(),
                            options.brokers);
}

}  // namespace souk::ctl
