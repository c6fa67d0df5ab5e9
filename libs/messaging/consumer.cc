#include "libs/messaging/consumer.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/big_endian.h"
#include "libs/base/proto_time.h"
#include "libs/eventsourcing/effect.h"
#include "libs/telemetry/log.h"

namespace souk {

using engine::v1::SetAsideEvent;
using EventAttempts = engine::v1::DeliveryAttempts;
using event::v1::EventRecord;

namespace {

// Pauses before a source is asked again double from the first to the last, until it answers.
constexpr absl::Duration kFirstReconnectPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestReconnectPause = absl::Seconds(2);
constexpr absl::Duration kLookAgain = absl::Milliseconds(10);
// So many positions without an event for us are read again after a restart rather than noted.
constexpr std::uint64_t kUnsavedMax = 256;

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

// The types that were ever listened to, each on a line.
std::string TypesKey(const std::string& source) { return absl::StrFormat("feed/%s/types", source); }

// Of an event that a newer version has a handler for, and this one has not.
constexpr char kUnknownEvent[] = "UNKNOWN_EVENT";

absl::Duration PauseBefore(int attempt) {
  const int last = static_cast<int>(std::size(kRetryPauses)) - 1;
  return kRetryPauses[std::min(attempt - 2, last)];
}

}  // namespace

class Consumer::Retrying {
 public:
  Retrying(Consumer& consumer, std::string aggregate)
      : consumer_(consumer), aggregate_(std::move(aggregate)) {
    consumer_.retrying_.insert(aggregate_);
    ++consumer_.delivering_;
  }
  ~Retrying() {
    consumer_.retrying_.erase(aggregate_);
    --consumer_.delivering_;
  }
  Retrying(const Retrying&) = delete;
  Retrying& operator=(const Retrying&) = delete;

 private:
  Consumer& consumer_;
  const std::string aggregate_;
};

Consumer::Consumer(const Subscription& subscription, std::unique_ptr<FeedSource> source, Scheduler& scheduler,
                   const Clock& clock, Store& store, ConsumerOptions options)
    : subscription_(subscription),
      source_(std::move(source)),
      scheduler_(scheduler),
      clock_(clock),
      store_(store),
      options_(options),
      letters_(subscription.source(), store),
      attempts_(subscription.source(), store),
      pauses_(scheduler) {}

Consumer::~Consumer() = default;

void Consumer::Start() { tasks_.Spawn(Run()); }

void Consumer::Stop() {
  stopping_ = true;
  pauses_.Interrupt();
}

Task<> Consumer::Run() {
  StatusOr<std::uint32_t> partitions = Unavailable("not asked yet");
  absl::Duration pause = kFirstReconnectPause;
  while (!stopping_) {
    partitions = co_await source_->Partitions();
    if (partitions.ok() && *partitions > 0) break;
    co_await pauses_.For(pause);
    pause = std::min(2 * pause, kLongestReconnectPause);
  }
  if (stopping_) co_return;
  checkpoints_.resize(*partitions);
  resume_.resize(*partitions);
  problems_.resize(*partitions);
  saved_.resize(*partitions);
  if (const Status loaded = co_await Load(); !loaded.ok()) {
    telemetry::Log(telemetry::Level::kError, "a feed cannot start", {{"error", loaded.ToString()}});
    co_return;
  }
  for (std::string& aggregate : letters_.SetAsideFor(kUnknownEvent))
    tasks_.Spawn(TakeUp(std::move(aggregate)));
  for (std::uint32_t i = 0; i < *partitions; ++i) tasks_.Spawn(RunPartition(i));
}

Task<Status> Consumer::Load() {
  for (std::uint32_t i = 0; i < checkpoints_.size(); ++i) co_await Try(LoadPartition(i));
  co_return co_await CompareTypes();
}

Task<Status> Consumer::CompareTypes() {
  const std::optional<std::string> stored = co_await Try(store_.Get(ColumnFamily::kMeta, TypesKey(source())));
  std::set<std::string, std::less<>> all;
  if (stored.has_value()) all = absl::StrSplit(*stored, '\n', absl::SkipEmpty());
  for (const std::string& type : all) {
    if (subscription_.Find(type) == nullptr) newer_.insert(type);
  }
  const std::size_t known = all.size();
  for (const auto& [type, handler] : subscription_.handlers()) all.insert(type);
  if (all.size() == known) co_return OkStatus();
  // Before the first event: no checkpoint may pass one that an older version would not know of.
  Batch batch;
  batch.Put(ColumnFamily::kMeta, TypesKey(source()), absl::StrJoin(all, "\n"));
  co_return co_await store_.Write(std::move(batch), Durability::kSynced);
}

std::vector<std::string> Consumer::Types() const {
  std::vector<std::string> types(newer_.begin(), newer_.end());
  for (const auto& [type, handler] : subscription_.handlers()) types.push_back(type);
  return types;
}

Status Consumer::LoadPartition(std::uint32_t partition) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   store_.Get(ColumnFamily::kMeta, CheckpointKey(source(), partition)));
  if (stored.has_value()) resume_[partition] = DecodeCheckpoint(*stored);
  checkpoints_[partition] = saved_[partition] = resume_[partition].position;
  RETURN_IF_ERROR(attempts_.Load(partition, checkpoints_[partition]));
  return letters_.Load(partition);
}

Task<> Consumer::RunPartition(std::uint32_t partition) {
  const std::vector<std::string> types = Types();
  absl::Duration pause = kFirstReconnectPause;
  while (!stopping_) {
    const std::unique_ptr<EventFeed> feed = source_->Open(partition, resume_[partition], types);
    Status status = co_await ReadFeed(partition, *feed, pause);
    if (stopping_) break;
    // Streams break and services start anew: that is said only when it lasts.
    if (!absl::IsUnavailable(status) || pause == kLongestReconnectPause) Report(partition, std::move(status));
    co_await pauses_.For(pause);
    pause = std::min(2 * pause, kLongestReconnectPause);
  }
}

Task<Status> Consumer::ReadFeed(std::uint32_t partition, EventFeed& feed, absl::Duration& pause) {
  while (!stopping_) {
    FeedBatch batch = co_await Try(feed.Next());
    if (stopping_) break;
    ++delivering_;
    const Status delivered = co_await Deliver(partition, std::move(batch));
    --delivering_;
    co_await Try(delivered);
    pause = kFirstReconnectPause;
    Report(partition, OkStatus());
  }
  co_return OkStatus();
}

// Says so once for each problem.
void Consumer::Report(std::uint32_t partition, Status problem) {
  if (problem == problems_[partition]) return;
  problems_[partition] = std::move(problem);
  if (problems_[partition].ok()) return;
  telemetry::Log(telemetry::Level::kWarning, "a feed is held up, and goes on by itself when it can",
                 {{"source", absl::StrFormat("%s/%d", source(), partition)},
                  {"error", problems_[partition].ToString()}});
}

Task<Status> Consumer::Deliver(std::uint32_t partition, FeedBatch batch) {
  if (batch.checkpoint.position <= checkpoints_[partition]) co_return OkStatus();  // Nothing new.
  // Those that may have ended the process before come one at a time.
  std::vector<Event> suspects;
  std::map<std::string, std::vector<Event>> by_aggregate;
  for (EventRecord& event : batch.events) {
    const EventPlace place{.partition = partition, .position = event.position()};
    if (place.position <= checkpoints_[partition]) continue;
    (attempts_.IsSuspect(place) ? suspects : by_aggregate[DeadLetters::AggregateOf(event)])
        .emplace_back(std::make_shared<const EventRecord>(std::move(event)));
  }
  const bool concerns_us = !suspects.empty() || !by_aggregate.empty();
  if (!concerns_us && batch.checkpoint.position - saved_[partition] < kUnsavedMax) {
    MoveTo(partition, std::move(batch.checkpoint));
    co_return OkStatus();
  }
  const auto open = std::make_shared<OpenBatch>();
  for (const Event& event : suspects) co_await Try(DeliverOne(event, *open));
  if (!by_aggregate.empty()) {
    co_await Try(attempts_.BeginBatch({.partition = partition, .position = batch.checkpoint.position}));
    open->aggregates = by_aggregate.size();
    TaskScope deliveries;
    for (auto& [aggregate, events] : by_aggregate) deliveries.Spawn(DeliverInOrder(std::move(events), open));
    // For all of them, even when one has failed: a handler must not end in the middle.
    const bool complete = co_await open->done;
    if (!complete) co_return Unavailable("some events could not be handled or set aside");
  }
  co_return co_await SaveCheckpoint(partition, std::move(batch.checkpoint), std::move(open->writes));
}

Task<> Consumer::DeliverInOrder(std::vector<Event> events, std::shared_ptr<OpenBatch> batch) {
  for (const Event& event : events) {
    const Status status = co_await DeliverOne(event, *batch);
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

Task<Status> Consumer::DeliverOne(Event event, OpenBatch& batch) {
  const Subscription::Handler* const handler = subscription_.Find(event->type());
  if (handler == nullptr && !newer_.contains(event->type())) co_return OkStatus();
  const EventPlace place{.partition = event->partition(), .position = event->position()};
  if (letters_.Holds(DeadLetters::AggregateOf(*event))) {
    // What waits for a newer version waits all together: it takes up all of it.
    const EventPlace first = *letters_.FirstOf(DeadLetters::AggregateOf(*event));
    const bool for_newer = letters_.entries().at(first).reason == kUnknownEvent;
    EventAttempts untried;
    untried.set_cause("an earlier event of the same aggregate is set aside");
    untried.set_reason(for_newer ? kUnknownEvent : "EARLIER_EVENT");
    SetAside(*event, untried, batch);
    co_return OkStatus();
  }
  if (handler == nullptr) {
    EventAttempts untried;
    untried.set_cause("a newer version of this service has a handler for it");
    untried.set_reason(kUnknownEvent);
    SetAside(*event, untried, batch);
    co_return OkStatus();
  }
  for (int attempt = 1;; ++attempt) {
    if (attempts_.Of(place).failures() >= options_.attempts_max) {
      SetAside(*event, attempts_.Of(place), batch);
      co_return OkStatus();
    }
    if (attempt > 1) co_await pauses_.For(PauseBefore(attempt));
    if (stopping_) co_return Unavailable("stopping");
    // The first one is noted with its batch.
    const bool is_noted = attempt > 1 || attempts_.IsSuspect(place);
    if (is_noted) co_await Try(attempts_.Begin(place));
    const Status status = co_await (*handler)(Delivery{.source = source(), .event = event});
    if (is_noted || !status.ok()) co_await Try(attempts_.End(place, status));
    if (status.ok()) co_return status;
  }
}

void Consumer::SetAside(const EventRecord& event, const EventAttempts& tried, OpenBatch& batch) {
  telemetry::Log(
      telemetry::Level::kError, "event set aside; see soukctl dead-letters",
      {{"source", source()}, {"event", event.event_id()}, {"type", event.type()}, {"cause", tried.cause()}});
  SetAsideEvent letter;
  *letter.mutable_event() = event;
  letter.set_cause(tried.cause());
  letter.set_reason(tried.reason());
  letter.set_attempts(tried.failures());
  *letter.mutable_set_aside_time() = ToProto(clock_.Now());
  letters_.Add(letter, batch.writes);
}

Task<StatusOr<Consumer::RetryOutcome>> Consumer::Retry(std::string aggregate) {
  if (stopping_) co_return Unavailable("stopping");
  if (retrying_.contains(aggregate)) {
    co_return Rejected("RETRY_UNDER_WAY", {}, "the dead letters of %s are being tried just now", aggregate);
  }
  const Retrying retrying(*this, aggregate);
  co_return co_await RetryInOrder(aggregate);
}

Task<StatusOr<Consumer::RetryOutcome>> Consumer::RetryInOrder(std::string aggregate) {
  RetryOutcome outcome;
  while (const std::optional<EventPlace> place = letters_.FirstOf(aggregate)) {
    if (stopping_) co_return Unavailable("stopping");
    std::optional<SetAsideEvent> letter = co_await Try(letters_.Read(*place));
    if (!letter.has_value()) {  // Its checkpoint is not written yet.
      co_await pauses_.For(kLookAgain);
      continue;
    }
    const Subscription::Handler* const handler = subscription_.Find(letter->event().type());
    Status status;  // An event that nobody has ever asked for is none to handle.
    if (handler == nullptr && newer_.contains(letter->event().type())) {
      status = Rejected(kUnknownEvent, {}, "a newer version of this service has a handler for it");
    }
    if (handler != nullptr) {
      status = co_await (*handler)(
          Delivery{.source = source(), .event = Event(std::make_shared<const EventRecord>(letter->event()))});
    }
    if (!status.ok()) {
      letter->set_cause(status.ToString());
      outcome.passing = IsTransient(status);
      if (!outcome.passing) letter->set_reason(WordOf(status));
      letter->set_attempts(letter->attempts() + 1);
      co_await Try(letters_.Replace(*letter));
      outcome.failed = *std::move(letter);
      break;
    }
    co_await Try(letters_.Remove(*place));
    ++outcome.handled;
  }
  co_return outcome;
}

Task<> Consumer::TakeUp(std::string aggregate) {
  ++delivering_;
  for (int attempt = 1; !stopping_; ++attempt) {
    if (attempt > 1) co_await pauses_.For(PauseBefore(attempt));
    const StatusOr<RetryOutcome> outcome = co_await Retry(aggregate);
    if (outcome.ok() && !outcome->passing) break;
  }
  --delivering_;
}

Task<Status> Consumer::Skip(EventPlace place) {
  const auto found = letters_.entries().find(place);
  if (found == letters_.entries().end()) {
    co_return NotFound("%s has no dead letter at position %d of partition %d", source(), place.position,
                       place.partition);
  }
  const std::string aggregate = found->second.aggregate;
  if (retrying_.contains(aggregate)) {
    co_return Rejected("RETRY_UNDER_WAY", {}, "the dead letters of %s are being tried just now", aggregate);
  }
  const Retrying retrying(*this, aggregate);
  while (!(co_await Try(letters_.Read(place))).has_value()) co_await pauses_.For(kLookAgain);
  telemetry::Log(telemetry::Level::kWarning, "a dead letter is dropped",
                 {{"source", source()},
                  {"partition", std::to_string(place.partition)},
                  {"position", std::to_string(place.position)},
                  {"aggregate", aggregate}});
  co_return co_await letters_.Remove(place);
}

Status Consumer::MoveBackCheckpoint(const Store& store, const std::string& source, std::uint32_t partition,
                                    std::uint64_t last, Batch& batch) {
  const std::string key = CheckpointKey(source, partition);
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store.Get(ColumnFamily::kMeta, key));
  if (!stored.has_value() || DecodeCheckpoint(*stored).position <= last) return OkStatus();
  batch.Put(ColumnFamily::kMeta, key, EncodeCheckpoint({.position = last, .resume_token = ""}));
  return OkStatus();
}

Task<Status> Consumer::SaveCheckpoint(std::uint32_t partition, FeedPosition checkpoint, Batch batch) {
  // Alone it is buffered: what a crash takes is delivered again, and the commands' ids make
  // that harmless.
  const Durability durability = batch.empty() ? Durability::kBuffered : Durability::kSynced;
  batch.Put(ColumnFamily::kMeta, CheckpointKey(source(), partition), EncodeCheckpoint(checkpoint));
  attempts_.Forget({.partition = partition, .position = checkpoint.position}, batch);
  co_await Try(store_.Write(std::move(batch), durability));
  saved_[partition] = checkpoint.position;
  MoveTo(partition, std::move(checkpoint));
  co_return OkStatus();
}

void Consumer::MoveTo(std::uint32_t partition, FeedPosition checkpoint) {
  checkpoints_[partition] = checkpoint.position;
  resume_[partition] = std::move(checkpoint);
}

}  // namespace souk
