#include "libs/module/kafka_link.h"

#include <algorithm>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/kafka/kafka_broker.h"
#include "libs/messaging/cloud_event.h"
#include "libs/messaging/kafka_feed.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace souk {
namespace {

Status CheckFeed(std::string_view value) {
  return value == "local" || value == "kafka" ? OkStatus() : InvalidArgument("must be local or kafka");
}

}  // namespace

std::vector<config::Setting> KafkaSettings() {
  return {
      {.key = "messaging.feed",
       .default_value = "local",
       .help = "Where events of other services come from: local (their gRPC) or kafka.",
       .check = CheckFeed},
      {.key = "kafka.brokers",
       .default_value = "",
       .help =
           "HOST:PORT of some Kafka brokers, comma-separated; events are published there. Empty: no Kafka."},
      {.key = "kafka.log_topic",
       .type = config::Type::kBoolean,
       .default_value = "false",
       .help = "Whether log entries as stored, and keys and checkpoints, are published too, to "
               "souk.SERVICE.log and souk.SERVICE.rows, for soukctl restore --from-kafka."},
      {.key = "kafka.transaction_interval",
       .type = config::Type::kDuration,
       .default_value = "5ms",
       .help = "Transactions of a partition begin at least so far apart while they are not full."},
      {.key = "kafka.republish",
       .type = config::Type::kBoolean,
       .default_value = "false",
       .help = "Whether to publish everything again to a topic that was deleted and made again."},
      {.key = "kafka.client.*",
       .help = "Settings of librdkafka by its names, such as kafka.client.security.protocol or "
               "kafka.client.sasl.username."},
  };
}

bool PublishesLog(const config::Settings& settings) {
  return !settings.GetString("kafka.brokers").empty() && settings.GetBoolean("kafka.log_topic");
}

kafka::ClientSettings KafkaClientSettings(const config::Settings& settings) {
  kafka::ClientSettings client = settings.GetAll("kafka.client");
  client.emplace_back("bootstrap.servers", settings.GetString("kafka.brokers"));
  return client;
}

StatusOr<std::unique_ptr<KafkaLink>> KafkaLink::Open(const config::Settings& settings, Scheduler& scheduler,
                                                     const Clock& clock, std::string process_id) {
  if (settings.GetString("kafka.brokers").empty()) {
    if (settings.GetString("messaging.feed") != "kafka") return std::unique_ptr<KafkaLink>();
    return InvalidArgument("messaging.feed = kafka needs kafka.brokers, such as 127.0.0.1:9092");
  }
  std::unique_ptr<KafkaLink> link(new KafkaLink(settings, scheduler, clock, std::move(process_id)));
  ASSIGN_OR_RETURN(link->broker_, kafka::KafkaBroker::Open(KafkaClientSettings(settings), scheduler));
  return link;
}

std::unique_ptr<KafkaLink> KafkaLink::On(std::unique_ptr<kafka::Broker> broker,
                                         const config::Settings& settings, Scheduler& scheduler,
                                         const Clock& clock, std::string process_id,
                                         absl::Duration look_again) {
  std::unique_ptr<KafkaLink> link(new KafkaLink(settings, scheduler, clock, std::move(process_id)));
  link->broker_ = std::move(broker);
  link->look_again_ = look_again;
  return link;
}

KafkaLink::KafkaLink(const config::Settings& settings, Scheduler& scheduler, const Clock& clock,
                     std::string process_id)
    : scheduler_(scheduler),
      clock_(clock),
      process_id_(std::move(process_id)),
      feeds_(settings.GetString("messaging.feed") == "kafka"),
      log_topic_(settings.GetBoolean("kafka.log_topic")),
      republish_(settings.GetBoolean("kafka.republish")),
      transaction_interval_(settings.GetDuration("kafka.transaction_interval")) {}

Task<Status> KafkaLink::Publish(Engine& engine) {
  const std::string& service = engine.options().service;
  const std::size_t first = publishers_.size();
  if (log_topic_) {
    AddWithLog(engine);
  } else {
    for (std::uint32_t i = 0; i < engine.options().partitions; ++i) {
      Add(engine, i, EventsTopic(service), PublicRecords(engine));
    }
  }
  for (std::size_t i = first; i < publishers_.size(); ++i) {
    const Status checked = co_await publishers_[i]->CheckLog();
    if (absl::IsUnavailable(checked)) {
      telemetry::Log(telemetry::Level::kWarning, "cannot compare log and topic yet",
                     {{"topic", publishers_[i]->target().topic}, {"error", checked.ToString()}});
      co_return OkStatus();  // It is done again before anything is published.
    }
    co_await Try(checked);
  }
  co_return OkStatus();
}

void KafkaLink::AddWithLog(Engine& engine) {
  const std::string& service = engine.options().service;
  rows_.push_back(std::make_unique<RowsPublisher>(
      RowsPublisherOptions{.target = {.topic = RowsTopic(service)},
                           .process_id = process_id_,
                           .look_every = std::max(RowsPublisherOptions().look_every, look_again_)},
      *broker_, scheduler_, engine.store()));
  RowsPublisher& rows = *rows_.back();
  for (std::uint32_t i = 0; i < engine.options().partitions; ++i) {
    const kafka::TopicPartition events{.topic = EventsTopic(service), .partition = i};
    TopicPublisher& log = Add(engine, i, LogTopic(service), LogRecords(engine),
                              PublicationLimit{.position = [&rows, i] { return rows.LimitOf(i); },
                                               .is_final = [&rows] { return rows.owner().idle(); }},
                              [this, &rows, events] {
                                by_target_.at(events)->LookAgain();
                                rows.LogGotOn();
                              });
    rows.Follow(log);
    Add(engine, i, events.topic, PublicRecords(engine),
        PublicationLimit{.position = [&log] { return log.position(); },
                         .is_final = [&log] { return log.Drained(); }});
  }
}

TopicPublisher& KafkaLink::Add(Engine& engine, std::uint32_t partition, std::string topic,
                               RecordMapping mapping, std::optional<PublicationLimit> limit,
                               std::function<void()> on_progress) {
  kafka::TopicPartition target{.topic = std::move(topic), .partition = partition};
  publishers_.push_back(std::make_unique<TopicPublisher>(
      PublisherOptions{.target = target,
                       .process_id = process_id_,
                       .republish = republish_,
                       .transaction_interval = transaction_interval_,
                       .look_again = look_again_,
                       .limit = std::move(limit),
                       .on_progress = std::move(on_progress)},
      engine.partition(partition), std::move(mapping), *broker_, scheduler_, clock_, engine.store()));
  by_target_[std::move(target)] = publishers_.back().get();
  return *publishers_.back();
}

std::unique_ptr<FeedSource> KafkaLink::FeedOf(const std::string& service) {
  return std::make_unique<KafkaFeedSource>(service, *broker_);
}

std::optional<std::uint64_t> KafkaLink::SettledPosition(const std::string& service,
                                                        std::uint32_t partition) const {
  const auto found = by_target_.find({.topic = EventsTopic(service), .partition = partition});
  return found == by_target_.end() ? std::nullopt : found->second->settled_position();
}

void KafkaLink::Start() {
  for (const auto& rows : rows_) rows->Start();
  for (const auto& publisher : publishers_) publisher->Start();
}

void KafkaLink::Stop() {
  for (const auto& rows : rows_) rows->Stop();
  for (const auto& publisher : publishers_) publisher->Stop();
}

bool KafkaLink::Drained() const {
  return std::all_of(rows_.begin(), rows_.end(), [](const auto& each) { return each->Drained(); }) &&
         std::all_of(publishers_.begin(), publishers_.end(),
                     [](const auto& each) { return each->Drained(); });
}

std::uint64_t KafkaLink::lag() const {
  std::uint64_t lag = 0;
  for (const auto& publisher : publishers_) lag += publisher->head() - publisher->position();
  return lag;
}

std::vector<eventlog::v1::PublicationStatus> KafkaLink::PublicationsOf(const std::string& service,
                                                                       std::uint32_t partition) const {
  // Rows go before the log, the log before what is public.
  const TopicOwner* held_up = nullptr;
  for (const auto& rows : rows_) {
    const TopicOwner& owner = rows->owner();
    if (owner.target().topic == RowsTopic(service) && !owner.problem().ok()) held_up = &owner;
  }
  std::vector<eventlog::v1::PublicationStatus> topics;
  for (const std::string& topic : {LogTopic(service), EventsTopic(service)}) {
    const auto found = by_target_.find({.topic = topic, .partition = partition});
    if (found == by_target_.end()) continue;
    const TopicPublisher& publisher = *found->second;
    if (held_up == nullptr && !publisher.owner().problem().ok()) held_up = &publisher.owner();
    eventlog::v1::PublicationStatus& status = topics.emplace_back();
    status.set_topic(topic);
    status.set_position(publisher.position());
    if (held_up == nullptr) continue;
    *status.mutable_held_up_time() = ToProto(held_up->problem_since());
    status.set_problem(std::string(held_up->problem().message()));
  }
  return topics;
}

Status KafkaLink::Health() const {
  for (const auto& rows : rows_) RETURN_IF_ERROR(rows->owner().health());
  for (const auto& publisher : publishers_) RETURN_IF_ERROR(publisher->health());
  return OkStatus();
}

void KafkaLink::Measure() const {
  const auto set = [](const kafka::TopicPartition& target, const char* name, const char* help, double value) {
    const telemetry::Labels labels = {{"topic", target.topic},
                                      {"partition", std::to_string(target.partition)}};
    telemetry::ProcessMetrics().GaugeFor(name, help, labels).Set(value);
  };
  const auto measure = [&set](const kafka::TopicPartition& target, std::uint64_t failures, bool held_up) {
    set(target, "souk_publication_failures", "How often publication had to begin again since the start.",
        static_cast<double>(failures));
    set(target, "souk_publication_held_up", "1 while publication cannot go on.", held_up ? 1 : 0);
  };
  for (const auto& rows : rows_) {
    measure(rows->owner().target(), rows->owner().failures(), !rows->owner().problem().ok());
  }
  for (const auto& publisher : publishers_) {
    const kafka::TopicPartition& target = publisher->target();
    const TopicPublisher::Progress progress = publisher->progress();
    set(target, "souk_publication_position", "The log is published up to this position.",
        static_cast<double>(progress.position));
    set(target, "souk_publication_lag", "Log entries that are not published yet.",
        static_cast<double>(progress.lag));
    set(target, "souk_publication_lag_seconds", "The age of the oldest log entry that is not published yet.",
        absl::ToDoubleSeconds(progress.lag_time));
    set(target, "souk_publication_records", "Records published since the start.",
        static_cast<double>(progress.records));
    set(target, "souk_publication_transactions", "Transactions since the start.",
        static_cast<double>(progress.transactions));
    measure(target, progress.failures, !progress.problem.ok());
  }
}

}  // namespace souk
