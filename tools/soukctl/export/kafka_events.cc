#include <algorithm>

#include "libs/kafka/kafka_broker.h"
#include "libs/kafka/topic_scan.h"
#include "libs/messaging/cloud_event.h"
#include "libs/rpc/event_loop.h"
#include "tools/soukctl/export/event_source.h"

namespace souk::ctl {
namespace {

using event::v1::EventRecord;

constexpr const char* kServices[] = {"cart", "catalog", "notification", "order", "payment", "shipping"};

class KafkaSource final : public EventSource {
 public:
  static StatusOr<std::unique_ptr<EventSource>> Open(const kafka::ClientSettings& settings) {
    std::unique_ptr<KafkaSource> source(new KafkaSource());
    ASSIGN_OR_RETURN(source->broker_, kafka::KafkaBroker::Open(settings, source->loop_));
    return source;
  }

  StatusOr<std::vector<LogEnd>> Logs() override {
    std::vector<LogEnd> logs;
    for (const char* const service : kServices) {
      const StatusOr<std::uint32_t> partitions = loop_.Wait(broker_->Partitions(EventsTopic(service)));
      if (absl::IsNotFound(partitions.status())) continue;
      RETURN_IF_ERROR(partitions.status());
      for (std::uint32_t i = 0; i < *partitions; ++i) {
        ASSIGN_OR_RETURN(const auto last, loop_.Wait(kafka::ReadLast(*broker_, {EventsTopic(service), i})));
        LogEnd& log = logs.emplace_back(LogEnd{service, i, 0});
        if (!last.has_value()) continue;
        ASSIGN_OR_RETURN(const TopicLink link, ReadLink(last->record));
        log.head = link.position;
      }
    }
    if (logs.empty()) return NotFound("the broker has no topics such as %s", EventsTopic("order"));
    return logs;
  }

  Status Read(const ReadRange& range, NewBatch new_batch, TakeBatch take) override {
    if (range.stored) return FailedPrecondition("Kafka has public events only; leave out --stored");
    const kafka::TopicPartition topic{EventsTopic(range.log.service), range.log.partition};
    const auto is_past = [after = range.after](const kafka::Record& record) {
      const StatusOr<TopicLink> link = ReadLink(record);
      return link.ok() && link->position <= after;
    };
    ASSIGN_OR_RETURN(const std::int64_t offset, loop_.Wait(kafka::FindOffset(*broker_, topic, is_past)));
    const std::unique_ptr<kafka::TopicReader> reader = broker_->NewReader(topic, offset);
    Chain chain{.topic = topic.topic};
    for (;;) {
      ASSIGN_OR_RETURN(const kafka::Fetched fetched, loop_.Wait(reader->Next()));
      EventBatch batch = new_batch();
      for (const kafka::StoredRecord& stored : fetched.records) {
        RETURN_IF_ERROR(chain.Add(stored.record));
        if (chain.position <= range.after) continue;
        if (chain.position > range.last) break;
        ASSIGN_OR_RETURN(const EventRecord event, FromCloudEvent(stored.record));
        if (range.Wants(event.type()) && !batch.Add(event)) break;
      }
      if (chain.position <= range.after) continue;
      if (!take(batch, std::min(chain.position, range.last)) || chain.position >= range.last)
        return OkStatus();
    }
  }

  StatusOr<std::vector<EventRecord>> ReadStream(const std::string&, const std::string&,
                                                const std::string&) override {
    return FailedPrecondition("Kafka has no history of a single thing; ask the store, or give --data");
  }

 private:
  // Each record tells the position of the one before it: none may be missing.
  struct Chain {
    std::string topic;
    std::uint64_t position = 0;  // 0: nothing yet.

    Status Add(const kafka::Record& record) {
      ASSIGN_OR_RETURN(const TopicLink link, ReadLink(record));
      if (position != 0 && link.previous_position != position) {
        return DataLoss("%s: a record between positions %d and %d is missing", topic, position,
                        link.position);
      }
      position = link.position;
      return OkStatus();
    }
  };

  KafkaSource() = default;

  rpc::EventLoop loop_;
  std::unique_ptr<kafka::KafkaBroker> broker_;
};

}  // namespace

StatusOr<std::unique_ptr<EventSource>> EventsOfKafka(const kafka::ClientSettings& settings) {
  return KafkaSource::Open(settings);
}

}  // namespace souk::ctl
