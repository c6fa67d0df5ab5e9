#include "libs/messaging/consumer.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/str_format.h"
#include "libs/base/big_endian.h"
#include "libs/eventsourcing/effect.h"
#include "libs/telemetry/log.h"
#include "souk/engine/v1/engine.pb.h"

namespace souk {

using engine::v1::DeadLetter;
using event::v1::EventRecord;

namespace {

constexpr absl::Duration kReconnectPause = absl::Milliseconds(100);

// The position, then what the feed wants to know to resume.
std::string EncodeCheckpoint(const FeedPosition& checkpoint) {
  std::string value;
  AppendBigEndian(value, checkpoint.position);
  return value + checkpoint.resume_token;
}

FeedPosition DecodeCheckpoint(std::string_view value) {
  return {.position = ReadBigEndian<std::uint64_t>(value),
          .resume_token = std::string(value.substr(sizeof(std::uint64_t)))};
}

std::string CheckpointKey(const std::string& source, std::uint32_t partition) {
  return absl::StrFormat("feed/%s/%d", source, partition);
}

std::string DeadLetterPrefix(const std::string& source, std::uint32_t partition) {
  return absl::StrFormat("dead_letter/%s/%d/", source, partition);
}

absl::Duration PauseBefore(int attempt) {
  const int last = static_cast<int>(std::size(kRetryPauses)) - 1;
  return kRetryPauses[std::min(attempt - 2, last)];
}

}  // namespace

Consumer::Consumer(const Subscription& subscription, std::unique_ptr<FeedSource> source, Scheduler& scheduler,
                   Store& store)
    : subscription_(subscription),
      source_(std::move(source)),
      scheduler_(scheduler),
      store_(store),
      pauses_(scheduler) {}

Consumer::~Consumer() = default;

void Consumer::Start() { tasks_.Spawn(Run()); }

void Consumer::Stop() {
  stopping_ = true;
  pauses_.Interrupt();
}

Task<> Consumer::Run() {
  StatusOr<std::uint32_t> partitions = Unavailable("not asked yet");
  while (!stopping_) {
    partitions = co_await source_->Partitions();
    if (partitions.ok() && *partitions > 0) break;
    co_await pauses_.For(kReconnectPause);
  }
  if (stopping_) co_return;
  checkpoints_.resize(*partitions);
  resume_.resize(*partitions);
  for (std::uint32_t i = 0; i < *partitions; ++i) {
    if (const Status loaded = LoadPartition(i); !loaded.ok()) {
      telemetry::Log(telemetry::Level::kError, "a feed cannot start", {{"error", loaded.ToString()}});
      co_return;
    }
  }
  for (std::uint32_t i = 0; i < *partitions; ++i) tasks_.Spawn(RunPartition(i));
}

Status Consumer::LoadPartition(std::uint32_t partition) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   store_.Get(ColumnFamily::kMeta, CheckpointKey(source(), partition)));
  if (stored.has_value()) resume_[partition] = DecodeCheckpoint(*stored);
  checkpoints_[partition] = resume_[partition].position;
  return store_.Scan(ColumnFamily::kMeta, KeyRange::WithPrefix(DeadLetterPrefix(source(), partition)),
                     Direction::kForward, [&](std::string_view, std::string_view value) {
                       DeadLetter letter;
                       if (letter.ParseFromString(std::string(value)))
                         blocked_.insert(letter.event().aggregate_id());
                       ++dead_letters_;
                       return true;
                     });
}

Task<> Consumer::RunPartition(std::uint32_t partition) {
  std::vector<std::string> types;
  for (const auto& [type, handler] : subscription_.handlers()) types.push_back(type);
  while (!stopping_) {
    const std::unique_ptr<EventFeed> feed = source_->Open(partition, resume_[partition], types);
    Status status;
    while (status.ok() && !stopping_) {
      StatusOr<FeedBatch> batch = co_await feed->Next();
      status = batch.status();
      if (!batch.ok() || stopping_) break;
      ++delivering_;
      status = co_await Deliver(partition, *std::move(batch));
      --delivering_;
    }
    if (!stopping_) co_await pauses_.For(kReconnectPause);
  }
}

Task<Status> Consumer::Deliver(std::uint32_t partition, FeedBatch batch) {
  if (batch.checkpoint.position <= checkpoints_[partition]) co_return OkStatus();  // Nothing new.
  std::map<std::string, std::vector<EventRecord>> by_aggregate;
  for (EventRecord& event : batch.events) {
    if (event.position() <= checkpoints_[partition]) continue;
    by_aggregate[event.aggregate_id()].push_back(std::move(event));
  }
  if (!by_aggregate.empty()) {
    const auto open = std::make_shared<OpenBatch>(by_aggregate.size());
    TaskScope deliveries;
    for (auto& [id, events] : by_aggregate) {
      deliveries.Spawn(DeliverInOrder(partition, std::move(events), open));
    }
    // For all of them, even when one has failed: a handler must not end in the middle.
    const bool complete = co_await open->done;
    if (!complete) co_return Unavailable("some events could not be handled or set aside");
  }
  co_return co_await SaveCheckpoint(partition, std::move(batch.checkpoint));
}

Task<> Consumer::DeliverInOrder(std::uint32_t partition, std::vector<EventRecord> events,
                                std::shared_ptr<OpenBatch> batch) {
  for (const EventRecord& event : events) {
    const Status status = co_await DeliverOne(partition, event);
    if (status.ok()) continue;
    batch->complete = false;
    break;
  }
  if (--batch->aggregates > 0) co_return;
  // Not within this task: who waits for the last one destroys it.
  scheduler_.Post([weak = std::weak_ptr(batch)] {
    if (const auto open = weak.lock()) open->done.Set(open->complete);
  });
}

Task<Status> Consumer::DeliverOne(std::uint32_t partition, const EventRecord& event) {
  const Subscription::Handler* const handler = subscription_.Find(event.type());
  if (handler == nullptr) co_return OkStatus();
  if (blocked_.contains(event.aggregate_id())) {
    co_return co_await SetAside(partition, event, "an earlier event of the same aggregate is set aside");
  }
  int failures = 0;
  for (int attempt = 1;; ++attempt) {
    if (attempt > 1) co_await pauses_.For(PauseBefore(attempt));
    if (stopping_) break;
    const Status status = co_await (*handler)(Delivery{.source = source(), .event = event});
    if (status.ok()) co_return status;
    if (IsTransient(status)) continue;
    if (++failures == kDeliveryAttemptsMax) co_return co_await SetAside(partition, event, status.ToString());
  }
  co_return Unavailable("stopping");
}

Task<Status> Consumer::SetAside(std::uint32_t partition, const EventRecord& event, std::string cause) {
  std::string key = DeadLetterPrefix(source(), partition);
  AppendBigEndian(key, event.position());
  // Delivered again after a stop before the checkpoint: the cause stays what it was.
  if ((co_await Try(store_.Get(ColumnFamily::kMeta, key))).has_value()) co_return OkStatus();
  telemetry::Log(
      telemetry::Level::kError, "event set aside",
      {{"source", source()}, {"event", event.event_id()}, {"type", event.type()}, {"cause", cause}});
  DeadLetter letter;
  *letter.mutable_event() = event;
  letter.set_cause(std::move(cause));
  Batch batch;
  batch.Put(ColumnFamily::kMeta, std::move(key), letter.SerializeAsString());
  co_await Try(store_.Write(std::move(batch), Durability::kSynced));
  blocked_.insert(event.aggregate_id());
  ++dead_letters_;
  co_return OkStatus();
}

Task<Status> Consumer::SaveCheckpoint(std::uint32_t partition, FeedPosition checkpoint) {
  Batch batch;
  batch.Put(ColumnFamily::kMeta, CheckpointKey(source(), partition), EncodeCheckpoint(checkpoint));
  // Buffered: what a crash takes is delivered again, and the commands' ids make that harmless.
  co_await Try(store_.Write(std::move(batch), Durability::kBuffered));
  checkpoints_[partition] = checkpoint.position;
  resume_[partition] = std::move(checkpoint);
  co_return OkStatus();
}

}  // namespace souk
