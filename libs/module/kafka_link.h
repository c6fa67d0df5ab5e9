// What a process has to do with Kafka: it publishes the events of its services, and may take
// those of others from there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/config/settings.h"
#include "libs/eventsourcing/engine.h"
#include "libs/kafka/broker.h"
#include "libs/kafka/client_settings.h"
#include "libs/messaging/event_feed.h"
#include "libs/messaging/rows_publisher.h"
#include "libs/messaging/topic_publisher.h"
#include "libs/runtime/scheduler.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk {

// kafka.brokers and others, and messaging.feed.
std::vector<config::Setting> KafkaSettings();

// Whether log entries are published as they are stored, and what else it takes to make a store
// again.
bool PublishesLog(const config::Settings& settings);

// The settings of librdkafka that `settings` ask for.
kafka::ClientSettings KafkaClientSettings(const config::Settings& settings);

class KafkaLink {
 public:
  // Null when no brokers are set. `process_id` is a UUID of this run. All must outlive the
  // link.
  static StatusOr<std::unique_ptr<KafkaLink>> Open(const config::Settings& settings, Scheduler& scheduler,
                                                   const Clock& clock, std::string process_id);

  // On a broker of a simulated world, where time passes only if something happens: an idle
  // publisher looks whether it is to stop every `look_again`.
  static std::unique_ptr<KafkaLink> On(std::unique_ptr<kafka::Broker> broker,
                                       const config::Settings& settings, Scheduler& scheduler,
                                       const Clock& clock, std::string process_id, absl::Duration look_again);

  // Publishes the events of a service from Start on. FAILED_PRECONDITION when its topics hold
  // what its log does not: see TopicPublisher::CheckLog. A broker that cannot be asked is no
  // error.
  Task<Status> Publish(Engine& engine);

  // True when events of other services come from Kafka too.
  bool feeds() const { return feeds_; }
  std::unique_ptr<FeedSource> FeedOf(const std::string& service);
  // How far the topic of a service goes; nothing while it is behind the log.
  std::optional<std::uint64_t> SettledPosition(const std::string& service, std::uint32_t partition) const;

  void Start();
  // Publishes what there is and ends; see TopicPublisher::Stop.
  void Stop();
  bool Drained() const;
  // Log entries that some topic does not have yet.
  std::uint64_t lag() const;
  // How far each topic has the log of a partition, those first that go before others. One that
  // waits for what is held up is held up, too.
  std::vector<eventlog::v1::PublicationStatus> PublicationsOf(const std::string& service,
                                                              std::uint32_t partition) const;
  // Not OK when the process must end: see TopicPublisher::health.
  Status Health() const;
  // Samples the metrics of all publishers.
  void Measure() const;

 private:
  KafkaLink(const config::Settings& settings, Scheduler& scheduler, const Clock& clock,
            std::string process_id);
  // What is public goes after the log, the log after the keys of what is sealed in it.
  void AddWithLog(Engine& engine);
  TopicPublisher& Add(Engine& engine, std::uint32_t partition, std::string topic, RecordMapping mapping,
                      std::optional<PublicationLimit> limit = {},
                      std::function<void()> on_progress = nullptr);

  Scheduler& scheduler_;
  const Clock& clock_;
  const std::string process_id_;
  const bool feeds_;
  const bool log_topic_;
  const bool republish_;
  const absl::Duration transaction_interval_;
  absl::Duration look_again_ = PublisherOptions().look_again;
  std::unique_ptr<kafka::Broker> broker_;
  std::vector<std::unique_ptr<RowsPublisher>> rows_;
  std::vector<std::unique_ptr<TopicPublisher>> publishers_;
  std::map<kafka::TopicPartition, TopicPublisher*> by_target_;
};

}  // namespace souk
