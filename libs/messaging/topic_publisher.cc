#include "libs/messaging/topic_publisher.h"

#include <algorithm>
#include <utility>

#include "libs/base/big_endian.h"
#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/kafka/topic_scan.h"
#include "libs/messaging/public_event.h"
#include "libs/telemetry/log.h"

namespace souk {

using event::v1::EventRecord;
using kafka::StoredRecord;

namespace {

// Entries read in one go: the thread serves commands too.
constexpr std::uint64_t kEntriesPerSlice = 200;

// Pauses before it begins again double from the first to the last.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

std::string CursorKey(const kafka::TopicPartition& target) {
  return absl::StrFormat("publication/%s/%d", target.topic, target.partition);
}

std::string TransactionalId(const kafka::TopicPartition& target) {
  return absl::StrFormat("%s-%d", target.topic, target.partition);
}

// True when to go on would do harm: the log is not the one that was published.
bool EndsTheProcess(const Status& status) {
  const std::string reason = Reason(status);
  return reason == "LOG_BEHIND_TOPIC" || reason == "LOG_DIVERGED" || reason == "SUPERSEDED";
}

}  // namespace

RecordMapping PublicRecords(const Engine& engine) {
  return [&engine](const EventRecord& entry, std::string_view,
                   const TopicLink& link) -> std::optional<kafka::Record> {
    const std::optional<EventRecord> event = ToPublic(engine, entry);
    if (!event.has_value()) return std::nullopt;
    return ToCloudEvent(engine.options().service, *event, link);
  };
}

RecordMapping LogRecords(const Engine& engine) {
  return [&engine](const EventRecord& entry, std::string_view stored, const TopicLink& link) {
    return std::optional(ToLogRecord(engine.options().service, entry, stored, link));
  };
}

TopicPublisher::TopicPublisher(PublisherOptions options, Partition& partition, RecordMapping mapping,
                               kafka::Broker& broker, Scheduler& scheduler, const Clock& clock, Store& store)
    : options_(std::move(options)),
      partition_(partition),
      mapping_(std::move(mapping)),
      broker_(broker),
      scheduler_(scheduler),
      clock_(clock),
      store_(store),
      pauses_(scheduler) {}

Task<Status> TopicPublisher::CheckLog() {
  const Status status = (co_await ReadBack()).status();
  co_return EndsTheProcess(status) || absl::IsUnavailable(status) ? status : OkStatus();
}

void TopicPublisher::Start() {
  // For the lag until the topic has been read back.
  if (const StatusOr<Cursor> cursor = LoadCursor(); cursor.ok()) cursor_ = *cursor;
  tasks_.Spawn(Run());
}

void TopicPublisher::Stop() {
  stopping_ = true;
  pauses_.Interrupt();
}

TopicPublisher::Progress TopicPublisher::progress() const {
  Progress progress = counts_;
  progress.position = cursor_.scanned;
  if (partition_.head() <= cursor_.scanned) return progress;
  progress.lag = partition_.head() - cursor_.scanned;
  if (const StatusOr<EventRecord> oldest = partition_.log().ReadAt(cursor_.scanned + 1); oldest.ok()) {
    progress.lag_time = std::max(absl::ZeroDuration(), clock_.Now() - FromProto(oldest->record_time()));
  }
  return progress;
}

std::optional<std::uint64_t> TopicPublisher::settled_position() const {
  if (!publishing_ || partition_.head() > cursor_.scanned) return std::nullopt;
  return cursor_.published;
}

Task<> TopicPublisher::Run() {
  absl::Duration pause = kFirstPause;
  while (!stopping_) {
    const std::uint64_t transactions = counts_.transactions;
    Status status = co_await PublishAsOwner();
    publishing_ = false;
    if (EndsTheProcess(status)) health_ = status;
    if (!health_.ok() || status.ok()) break;
    Report(std::move(status));
    ++counts_.failures;
    pause = counts_.transactions > transactions ? kFirstPause : std::min(pause * 2, kLongestPause);
    co_await pauses_.For(pause);
  }
  ended_ = true;
}

// Says so once for each problem.
void TopicPublisher::Report(Status problem) {
  if (problem == counts_.problem) return;
  counts_.problem = std::move(problem);
  if (counts_.problem.ok()) return;
  telemetry::Log(telemetry::Level::kWarning, "publication is held up, and goes on by itself when it can",
                 {{"topic", options_.target.topic},
                  {"partition", std::to_string(options_.target.partition)},
                  {"error", counts_.problem.ToString()}});
}

Task<Status> TopicPublisher::PublishAsOwner() {
  const std::unique_ptr<kafka::TopicWriter> writer =
      broker_.NewWriter({.transactional_id = TransactionalId(options_.target), .target = options_.target});
  co_await Try(Fence(*writer));
  co_await Try(CheckOwner(*writer));
  cursor_ = co_await Try(ReadBack());
  Report(OkStatus());
  publishing_ = true;
  for (;;) {
    co_await Try(AwaitWork());
    if (stopping_ && partition_.head() <= cursor_.scanned) co_return OkStatus();
    last_began_ = scheduler_.Now();
    Staged staged = co_await Try(Stage());
    const std::size_t records = staged.records.size();
    if (records > 0) {
      co_await Try(writer->Send(std::move(staged.records)));
      co_await Try(writer->Commit());
      counts_.records += records;
      ++counts_.transactions;
    }
    cursor_ = staged.then;
    co_await Try(SaveCursor());
  }
}

Task<Status> TopicPublisher::Fence(kafka::TopicWriter& writer) {
  for (;;) {
    const Status fenced = co_await writer.Fence();
    if (!absl::IsUnavailable(fenced)) co_return fenced;
    Report(fenced);
    if (stopping_) co_return fenced;
  }
}

Task<Status> TopicPublisher::CheckOwner(kafka::TopicWriter& writer) {
  const std::string note = claimed_ ? co_await Try(writer.ReadNote()) : "";
  if (note == options_.process_id) co_return OkStatus();
  if (!note.empty()) {
    co_return Rejected(
        "SUPERSEDED", {},
        "another process that started later publishes %s/%d; this one works on a copy of the data, "
        "and must end",
        options_.target.topic, options_.target.partition);
  }
  co_await Try(writer.WriteNote(options_.process_id));
  claimed_ = true;
  co_return OkStatus();
}

Task<StatusOr<TopicPublisher::Cursor>> TopicPublisher::ReadBack() {
  const Cursor known = co_await Try(LoadCursor());
  const std::optional<StoredRecord> last = co_await Try(kafka::ReadLast(broker_, options_.target));
  if (!last.has_value()) {
    const kafka::OffsetRange range = co_await Try(broker_.Offsets(options_.target));
    if (range.end > 0 || known.published == 0) co_return known;  // What it had was old enough to be deleted.
    if (options_.republish) co_return Cursor{};
    co_return Rejected(
        "TOPIC_LOST", {},
        "topic %s is empty, but events up to position %d had been published: it was deleted and made "
        "again; to publish everything anew, start once with --set kafka.republish=true",
        options_.target.topic, known.published);
  }
  const TopicLink link = co_await Try(ReadLink(last->record));
  co_await Try(CheckWitness(link));
  if (link.position < known.published) {
    telemetry::Log(telemetry::Level::kWarning, "the topic has lost its end; publishing it again",
                   {{"topic", options_.target.topic},
                    {"had", std::to_string(known.published)},
                    {"has", std::to_string(link.position)}});
  }
  const std::uint64_t scanned = link.position == known.published ? known.scanned : link.position;
  co_return Cursor{.scanned = std::max(scanned, link.position), .published = link.position};
}

Status TopicPublisher::CheckWitness(const TopicLink& last) const {
  static constexpr char kWayOut[] =
      "restore the newest backup, or make the log again with `soukctl restore --from-kafka`";
  if (last.position > partition_.head()) {
    return Rejected(
        "LOG_BEHIND_TOPIC", {},
        "the log ends at position %d, but topic %s already has position %d: the data folder is older than "
        "what was published; %s",
        partition_.head(), options_.target.topic, last.position, kWayOut);
  }
  std::string hash;
  RETURN_IF_ERROR(
      partition_.log().ReadAfter(last.position - 1, [&hash](const EventRecord&, std::string_view stored) {
        hash = Sha256(stored);
        return false;
      }));
  if (hash == last.hash) return OkStatus();
  return Rejected(
      "LOG_DIVERGED", {},
      "position %d of the log is not what topic %s has there: the log was continued from an older state; %s",
      last.position, options_.target.topic, kWayOut);
}

Task<Status> TopicPublisher::AwaitWork() {
  while (partition_.head() <= cursor_.scanned && !stopping_) {
    co_await partition_.AwaitHead(cursor_.scanned, scheduler_.Now() + options_.look_again);
  }
  const absl::Time next = last_began_ + options_.transaction_interval;
  const bool full = partition_.head() - cursor_.scanned >= options_.entries_per_transaction_max;
  if (!full && scheduler_.Now() < next) co_await pauses_.For(next - scheduler_.Now());
  co_return OkStatus();
}

Task<StatusOr<TopicPublisher::Staged>> TopicPublisher::Stage() {
  Staged staged{.then = cursor_, .records = {}};
  const std::uint64_t end =
      std::min(partition_.head(), cursor_.scanned + options_.entries_per_transaction_max);
  const auto full = [&] {
    return staged.then.scanned >= end || staged.bytes >= options_.bytes_per_transaction_max;
  };
  for (bool first = true; !full(); first = false) {
    if (!first) co_await Yield(scheduler_);
    const std::uint64_t before = staged.then.scanned;
    const std::uint64_t slice_end = std::min(end, before + kEntriesPerSlice);
    co_await Try(partition_.log().ReadAfter(staged.then.scanned, [&](const EventRecord& entry,
                                                                     std::string_view stored) {
      const TopicLink link{
          .position = entry.position(), .previous_position = staged.then.published, .hash = Sha256(stored)};
      staged.then.scanned = entry.position();
      if (std::optional<kafka::Record> record = mapping_(entry, stored, link)) {
        staged.bytes += record->value.size();
        staged.records.push_back(*std::move(record));
        staged.then.published = entry.position();
      }
      return staged.then.scanned < slice_end && !full();
    }));
    if (staged.then.scanned == before) {
      co_return DataLoss("the log has no entry %d, though it goes up to %d; run soukctl verify", before + 1,
                         partition_.head());
    }
  }
  co_return staged;
}

StatusOr<TopicPublisher::Cursor> TopicPublisher::LoadCursor() const {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   store_.Get(ColumnFamily::kMeta, CursorKey(options_.target)));
  if (!stored.has_value()) return Cursor{};
  return Cursor{.scanned = ReadBigEndian<std::uint64_t>(*stored),
                .published = ReadBigEndian<std::uint64_t>(stored->substr(sizeof(std::uint64_t)))};
}

Task<Status> TopicPublisher::SaveCursor() {
  std::string value;
  AppendBigEndian(value, cursor_.scanned);
  AppendBigEndian(value, cursor_.published);
  Batch batch;
  batch.Put(ColumnFamily::kMeta, CursorKey(options_.target), std::move(value));
  // Buffered: what a crash takes is read back from the topic.
  co_return co_await store_.Write(std::move(batch), Durability::kBuffered);
}

}  // namespace souk
