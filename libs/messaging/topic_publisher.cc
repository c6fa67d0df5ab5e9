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

std::string CursorKey(const kafka::TopicPartition& target) {
  return absl::StrFormat("publication/%s/%d", target.topic, target.partition);
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
      limit_pauses_(scheduler),
      owner_(options_.target, options_.process_id, broker, scheduler) {}

Task<Status> TopicPublisher::CheckLog() {
  const Status status = (co_await ReadBack()).status();
  co_return EndsTheProcess(status) || absl::IsUnavailable(status) ? status : OkStatus();
}

void TopicPublisher::Start() {
  // For the lag until the topic has been read back.
  if (const StatusOr<Cursor> cursor = LoadCursor(); cursor.ok()) cursor_ = *cursor;
  owner_.Start([this](kafka::TopicWriter& writer) { return Publish(writer); });
}

void TopicPublisher::Stop() {
  owner_.Stop();
  limit_pauses_.Interrupt();
}

bool TopicPublisher::Drained() const {
  if (owner_.idle()) return true;
  return options_.limit && options_.limit->position() <= cursor_.scanned && options_.limit->is_final();
}

TopicPublisher::Progress TopicPublisher::progress() const {
  Progress progress = counts_;
  progress.failures = owner_.failures();
  progress.problem = owner_.problem();
  progress.position = cursor_.scanned;
  if (partition_.head() <= cursor_.scanned) return progress;
  progress.lag = partition_.head() - cursor_.scanned;
  if (const StatusOr<EventRecord> oldest = partition_.log().ReadAt(cursor_.scanned + 1); oldest.ok()) {
    progress.lag_time = std::max(absl::ZeroDuration(), clock_.Now() - FromProto(oldest->record_time()));
  }
  return progress;
}

std::optional<std::uint64_t> TopicPublisher::settled_position() const {
  if (!owner_.gets_on() || partition_.head() > cursor_.scanned) return std::nullopt;
  return cursor_.published;
}

Task<Status> TopicPublisher::Publish(kafka::TopicWriter& writer) {
  cursor_ = co_await Try(ReadBack());
  owner_.GetsOn();
  if (options_.on_progress) options_.on_progress();
  for (;;) {
    co_await Try(AwaitWork(writer));
    if (IsDone()) co_return OkStatus();
    last_began_ = scheduler_.Now();
    Staged staged = co_await Try(Stage());
    const std::size_t records = staged.records.size();
    if (records > 0) {
      co_await Try(writer.Send(std::move(staged.records)));
      co_await Try(writer.Commit());
      counts_.records += records;
      ++counts_.transactions;
      owner_.Committed();
    }
    cursor_ = staged.then;
    co_await Try(SaveCursor());
    if (options_.on_progress) options_.on_progress();
  }
}

Task<StatusOr<TopicPublisher::Cursor>> TopicPublisher::ReadBack() {
  const Cursor known = co_await Try(LoadCursor());
  const std::optional<StoredRecord> last = co_await Try(kafka::ReadLast(broker_, options_.target));
  if (!last.has_value()) {
    const kafka::OffsetRange range = co_await Try(broker_.Offsets(options_.target));
    // What it had was old enough to be deleted. A topic that was made again may have an end, too: that
    // of a transaction which its former self did not see the end of.
    if (range.begin > 0 || known.published == 0) co_return known;
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
  ASSIGN_OR_RETURN(const std::string hash, partition_.log().HashAt(last.position));
  if (hash == last.hash) return OkStatus();
  return Rejected(
      "LOG_DIVERGED", {},
      "position %d of the log is not what topic %s has there: the log was continued from an older state; %s",
      last.position, options_.target.topic, kWayOut);
}

std::uint64_t TopicPublisher::End() const {
  return options_.limit ? std::min(options_.limit->position(), partition_.head()) : partition_.head();
}

Task<Status> TopicPublisher::AwaitWork(kafka::TopicWriter& writer) {
  std::uint64_t end = End();
  for (; end <= cursor_.scanned && !IsDone(); end = End()) {
    if (partition_.head() > cursor_.scanned) {
      co_await limit_pauses_.For(options_.look_again);
    } else {
      co_await partition_.AwaitHead(cursor_.scanned, scheduler_.Now() + options_.look_again);
    }
    if (End() <= cursor_.scanned) co_await Try(owner_.CheckTopic(writer));
  }
  const absl::Time next = last_began_ + options_.transaction_interval;
  const bool full = end - std::min(end, cursor_.scanned) >= options_.entries_per_transaction_max;
  if (!full && scheduler_.Now() < next) co_await owner_.Pause(next - scheduler_.Now());
  co_return OkStatus();
}

Task<StatusOr<TopicPublisher::Staged>> TopicPublisher::Stage() {
  Staged staged{.then = cursor_, .records = {}};
  const std::uint64_t end = std::min(End(), cursor_.scanned + options_.entries_per_transaction_max);
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
