#include "libs/messaging/kafka_feed.h"

#include <charconv>
#include <optional>
#include <set>

#include "libs/kafka/topic_scan.h"
#include "libs/messaging/cloud_event.h"

namespace souk {

using event::v1::EventRecord;
using kafka::Fetched;
using kafka::StoredRecord;
using kafka::TopicPartition;

namespace {

// Reads the offset that a resume token holds; false when it holds none.
bool ParseToken(const std::string& token, std::int64_t& offset) {
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), offset);
  return !token.empty() && error == std::errc() && end == token.data() + token.size();
}

class KafkaFeed final : public EventFeed {
 public:
  KafkaFeed(kafka::Broker& broker, TopicPartition from, FeedPosition after, std::vector<std::string> types)
      : broker_(broker),
        from_(std::move(from)),
        position_(after.position),
        is_sought_(!ParseToken(after.resume_token, offset_)),
        types_(types.begin(), types.end()) {}

  Task<StatusOr<FeedBatch>> Next() override { return NextFrom(this); }

 private:
  static Task<StatusOr<FeedBatch>> NextFrom(KafkaFeed* self) {
    for (;;) {
      co_await Try(std::exchange(self->broken_, OkStatus()));
      if (self->reader_ == nullptr) co_await Try(OpenReader(self));
      StatusOr<Fetched> fetched = co_await self->reader_->Next();
      if (absl::IsOutOfRange(fetched.status()) && self->SearchAgain()) continue;
      co_await Try(fetched.status());
      FeedBatch batch;
      if (!self->TakeAll(fetched->records, batch)) continue;
      batch.checkpoint = {.position = self->position_, .resume_token = std::to_string(self->offset_)};
      co_return batch;
    }
  }

  static Task<Status> OpenReader(KafkaFeed* self) {
    if (self->is_sought_) {
      const std::uint64_t position = self->position_;
      self->offset_ =
          co_await Try(kafka::FindOffset(self->broker_, self->from_, [position](const auto& record) {
            const StatusOr<TopicLink> link = ReadLink(record);
            return link.ok() && link->position <= position;
          }));
    }
    self->reader_ = self->broker_.NewReader(self->from_, self->offset_);
    co_return OkStatus();
  }

  // Where the reading goes on is not where it should: the topic was made again, or lost its
  // end and was filled anew. False when that was looked for already.
  bool SearchAgain() {
    reader_ = nullptr;
    return !std::exchange(is_sought_, true);
  }

  // Adds the events that are wanted to the batch, up to where the topic is broken. False when
  // there were none, wanted or not.
  bool TakeAll(const std::vector<StoredRecord>& records, FeedBatch& batch) {
    bool any = false;
    for (const StoredRecord& stored : records) {
      broken_ = Take(stored, batch);
      if (!broken_.ok()) {
        if (SearchAgain()) broken_ = OkStatus();
        return any;
      }
      offset_ = stored.offset + 1;
      any = true;
    }
    return any;
  }

  // Adds the event to the batch if it is wanted.
  Status Take(const StoredRecord& stored, FeedBatch& batch) {
    ASSIGN_OR_RETURN(const TopicLink link, ReadLink(stored.record));
    // The publisher never repeats, but a topic may have lost its end once, or this feed
    // began before the position it was asked for.
    if (link.position <= position_) return OkStatus();
    if (link.previous_position > position_) {
      return DataLoss("%s/%d: events between positions %d and %d are missing: offset %d follows %d",
                      from_.topic, from_.partition, position_, link.position, stored.offset,
                      link.previous_position);
    }
    position_ = link.position;
    is_sought_ = false;
    ASSIGN_OR_RETURN(EventRecord event, FromCloudEvent(stored.record));
    if (types_.empty() || types_.contains(event.type())) batch.events.push_back(std::move(event));
    return OkStatus();
  }

  kafka::Broker& broker_;
  const TopicPartition from_;
  std::uint64_t position_;   // Of the last event taken.
  std::int64_t offset_ = 0;  // Where to go on.
  // Whether that was found by a search for the position, and nothing new was taken since.
  bool is_sought_;
  Status broken_;  // What the next call returns.
  const std::set<std::string> types_;
  std::unique_ptr<kafka::TopicReader> reader_;
};

}  // namespace

Task<StatusOr<std::uint32_t>> KafkaFeedSource::Partitions() {
  return broker_.Partitions(EventsTopic(service_));
}

std::unique_ptr<EventFeed> KafkaFeedSource::Open(std::uint32_t partition, FeedPosition after,
                                                 std::vector<std::string> types) {
  return std::make_unique<KafkaFeed>(broker_,
                                     TopicPartition{.topic = EventsTopic(service_), .partition = partition},
                                     std::move(after), std::move(types));
}

}  // namespace souk
