#include "libs/testing/model_kafka.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace souk::testing {

using kafka::Fetched;
using kafka::OffsetRange;
using kafka::Record;
using kafka::StoredRecord;
using kafka::TopicPartition;

namespace {

// A reader gets so many records at once, so that tests see more than one batch.
constexpr std::size_t kRecordsMax = 40;

constexpr absl::Duration kTransactionMax = absl::Minutes(1);

}  // namespace

// Effects happen in the world, whatever becomes of the process that asked for them.
class ModelKafka::Writer final : public kafka::TopicWriter {
 public:
  Writer(ModelKafka& kafka, kafka::WriterOptions options, Scheduler& home)
      : kafka_(kafka), options_(std::move(options)), pauses_(home) {}

  Task<Status> Fence() override {
    failure_ = OkStatus();
    epoch_ = std::make_shared<int>(0);
    return Request([options = options_, epoch = epoch_](ModelKafka& kafka) -> Status {
      RETURN_IF_ERROR(kafka.Find(options.target).status());
      Holder& holder = kafka.holders_[options.transactional_id];
      *epoch = ++holder.epoch;
      holder.sent.clear();
      kafka.End(options.transactional_id, Entry::State::kAborted);
      return OkStatus();
    });
  }
  Task<StatusOr<std::string>> ReadNote() override { return NoteOf(this); }
  Task<Status> WriteNote(std::string note) override {
    return Request(AsHolder([note = std::move(note), id = options_.transactional_id](ModelKafka& kafka) {
      kafka.holders_[id].note = note;
      return OkStatus();
    }));
  }
  Task<Status> Send(std::vector<Record> records) override {
    return Request(AsHolder([options = options_, records = std::move(records)](ModelKafka& kafka) {
      return kafka.Append(options.transactional_id, options.target, records);
    }));
  }
  Task<Status> Commit() override { return Request(Ending(Entry::State::kCommitted)); }
  Task<Status> Abort() override { return Request(Ending(Entry::State::kAborted)); }
  Task<StatusOr<std::int64_t>> End() override { return EndOf(this); }

 private:
  using Effect = std::function<Status(ModelKafka& kafka)>;

  // What only the holder of the transactional id may do.
  Effect AsHolder(Effect effect) const {
    return [epoch = epoch_, id = options_.transactional_id, effect = std::move(effect)](ModelKafka& kafka) {
      if (kafka.holders_[id].epoch == *epoch) return effect(kafka);
      return WithReason(Status(absl::StatusCode::kAborted, id + ": another writer has fenced this one"),
                        "FENCED");
    };
  }
  Effect Ending(Entry::State outcome) const {
    return AsHolder([id = options_.transactional_id, outcome](ModelKafka& kafka) {
      kafka.End(id, outcome);
      return OkStatus();
    });
  }

  Task<Status> Request(Effect effect) { return Answer(this, std::move(effect)); }
  static Task<Status> Answer(Writer* self, Effect effect) {
    if (self->failure_.ok()) self->failure_ = co_await Exchange(self, std::move(effect));
    co_return self->failure_;
  }
  static Task<Status> Exchange(Writer* self, Effect effect) {
    ModelKafka& kafka = self->kafka_;
    const KafkaFaults faults = kafka.faults_;
    const auto outcome = std::make_shared<std::optional<Status>>();
    const bool is_lost = kafka.world_.Chance(faults.lost_request);
    const bool is_late = kafka.world_.Chance(faults.late_request);
    absl::Duration way = kafka.RandomDelay(faults.delay_max);
    if (is_late) way += faults.time_out;
    if (!is_lost) {
      kafka.world_.PostAt(kafka.world_.Now() + way, [&kafka, outcome, effect = std::move(effect)] {
        if (!kafka.down_) *outcome = effect(kafka);
      });
    }
    co_await self->pauses_.For((is_late ? faults.time_out : way) + kafka.RandomDelay(faults.delay_max));
    if (!is_late && outcome->has_value() && !kafka.down_ && !kafka.world_.Chance(faults.lost_answer)) {
      co_return **outcome;
    }
    if (!is_late) co_await self->pauses_.For(faults.time_out);
    co_return Unavailable("%s: no answer", self->options_.transactional_id);
  }

  static Task<StatusOr<std::string>> NoteOf(Writer* self) {
    const auto note = std::make_shared<std::string>();
    co_await Try(self->Request([note, id = self->options_.transactional_id](ModelKafka& kafka) {
      *note = kafka.holders_[id].note;
      return OkStatus();
    }));
    co_return *note;
  }
  static Task<StatusOr<std::int64_t>> EndOf(Writer* self) {
    const auto end = std::make_shared<std::int64_t>();
    co_await Try(self->Request([end, target = self->options_.target](ModelKafka& kafka) -> Status {
      ASSIGN_OR_RETURN(const Log* const log, kafka.Find(target));
      *end = static_cast<std::int64_t>(log->size());
      return OkStatus();
    }));
    co_return *end;
  }

  ModelKafka& kafka_;
  const kafka::WriterOptions options_;
  Pauses pauses_;
  std::shared_ptr<int> epoch_ = std::make_shared<int>(0);
  Status failure_;
};

class ModelKafka::Reader final : public kafka::TopicReader {
 public:
  Reader(ModelKafka& kafka, TopicPartition from, std::int64_t offset, Scheduler& home)
      : state_(std::make_shared<State>(
            State{.kafka = kafka, .home = home, .from = std::move(from), .offset = offset})) {}

  Task<StatusOr<Fetched>> Next() override { return NextOf(state_); }

 private:
  struct State {
    ModelKafka& kafka;
    Scheduler& home;
    const TopicPartition from;
    std::int64_t offset;
    bool told_end = false;
  };

  static Task<StatusOr<Fetched>> NextOf(std::shared_ptr<State> state) {
    ModelKafka& kafka = state->kafka;
    co_await Yield(state->home);
    for (;; co_await kafka.AwaitChange(state->home)) {
      if (kafka.down_) continue;
      const Log* const log = co_await Try(kafka.Find(state->from));
      if (state->offset > static_cast<std::int64_t>(log->size())) {
        co_return Status(absl::StatusCode::kOutOfRange,
                         "there is no offset " + std::to_string(state->offset));
      }
      Fetched fetched = Fetch(*log, *state);
      if (fetched.records.empty() && fetched.at_end && state->told_end) continue;
      state->told_end = fetched.at_end;
      co_return fetched;
    }
  }

  static Fetched Fetch(const Log& log, State& state) {
    Fetched fetched;
    const std::int64_t end = StableEnd(log);
    for (; state.offset < end && fetched.records.size() < kRecordsMax; ++state.offset) {
      const Entry& entry = log[static_cast<std::size_t>(state.offset)];
      if (entry.state != Entry::State::kCommitted) continue;
      fetched.records.push_back({.offset = state.offset, .time = entry.time, .record = entry.record});
    }
    fetched.next_offset = state.offset;
    fetched.at_end = state.offset >= end;
    return fetched;
  }

  const std::shared_ptr<State> state_;
};

class ModelKafka::Connection final : public kafka::Broker {
 public:
  Connection(ModelKafka& kafka, Scheduler& home) : kafka_(kafka), home_(home), pauses_(home) {}

  std::unique_ptr<kafka::TopicWriter> NewWriter(kafka::WriterOptions options) override {
    return std::make_unique<Writer>(kafka_, std::move(options), home_);
  }
  std::unique_ptr<kafka::TopicReader> NewReader(TopicPartition from, std::int64_t offset) override {
    return std::make_unique<Reader>(kafka_, std::move(from), offset, home_);
  }
  Task<StatusOr<std::uint32_t>> Partitions(std::string topic) override {
    return PartitionsOf(this, std::move(topic));
  }
  Task<StatusOr<OffsetRange>> Offsets(TopicPartition of) override { return OffsetsOf(this, std::move(of)); }

 private:
  static Task<StatusOr<std::uint32_t>> PartitionsOf(Connection* self, std::string topic) {
    co_await Try(Ask(self));
    const auto found = self->kafka_.topics_.find(topic);
    if (found == self->kafka_.topics_.end()) co_return NotFound("there is no topic %s", topic);
    co_return static_cast<std::uint32_t>(found->second.size());
  }
  static Task<StatusOr<OffsetRange>> OffsetsOf(Connection* self, TopicPartition of) {
    co_await Try(Ask(self));
    const Log* const log = co_await Try(self->kafka_.Find(of));
    co_return OffsetRange{.begin = 0, .end = StableEnd(*log)};
  }
  static Task<Status> Ask(Connection* self) {
    ModelKafka& kafka = self->kafka_;
    co_await self->pauses_.For(kafka.RandomDelay(kafka.faults_.delay_max));
    if (!kafka.down_) co_return OkStatus();
    co_await self->pauses_.For(kafka.faults_.time_out);
    co_return Unavailable("no broker answers");
  }

  ModelKafka& kafka_;
  Scheduler& home_;
  Pauses pauses_;
};

void ModelKafka::MakeTopic(const std::string& name, std::uint32_t partitions) {
  topics_[name].resize(partitions);
}

void ModelKafka::LoseTail(const TopicPartition& of, std::size_t records) {
  Log& log = topics_.at(of.topic).at(of.partition);
  std::size_t kept = 0;
  const auto end = std::find_if(log.begin(), log.end(), [&](const Entry& entry) {
    return entry.state == Entry::State::kCommitted && kept++ == records;
  });
  log.erase(end, log.end());
}

void ModelKafka::SetDown(bool down) {
  down_ = down;
  if (!down) Changed();
}

std::vector<StoredRecord> ModelKafka::Committed(const TopicPartition& of) const {
  const Log& log = topics_.at(of.topic).at(of.partition);
  std::vector<StoredRecord> records;
  for (std::int64_t offset = 0; offset < StableEnd(log); ++offset) {
    const Entry& entry = log[static_cast<std::size_t>(offset)];
    if (entry.state != Entry::State::kCommitted) continue;
    records.push_back({.offset = offset, .time = entry.time, .record = entry.record});
  }
  return records;
}

std::unique_ptr<kafka::Broker> ModelKafka::Connect(Scheduler& home) {
  return std::make_unique<Connection>(*this, home);
}

StatusOr<ModelKafka::Log*> ModelKafka::Find(const TopicPartition& of) {
  const auto found = topics_.find(of.topic);
  if (found == topics_.end() || of.partition >= found->second.size())
    return NotFound("there is no %s/%d; make it with soukctl topics create", of.topic, of.partition);
  return &found->second[of.partition];
}

// Before the first record whose transaction is not decided.
std::int64_t ModelKafka::StableEnd(const Log& log) {
  const auto open = std::find_if(log.begin(), log.end(),
                                 [](const Entry& each) { return each.state == Entry::State::kOpen; });
  return open - log.begin();
}

Status ModelKafka::Append(const std::string& transactional_id, const TopicPartition& to,
                          const std::vector<Record>& records) {
  ASSIGN_OR_RETURN(Log* const log, Find(to));
  Holder& holder = holders_[transactional_id];
  // As by the sequence numbers of a real one.
  const auto kept = std::count_if(log->begin(), log->end(), [&](const Entry& entry) {
    return entry.transactional_id == transactional_id && entry.epoch == holder.epoch;
  });
  if (static_cast<std::size_t>(kept) != holder.sent[to])
    return Unavailable("records of this writer are lost");
  holder.sent[to] += records.size();
  if (holder.open.empty()) {
    // Left open for too long, it is aborted, and its writer fenced.
    world_.PostAt(world_.Now() + kTransactionMax,
                  [this, transactional_id, transaction = ++holder.transactions] {
                    Holder& then = holders_[transactional_id];
                    if (then.open.empty() || then.transactions != transaction) return;
                    ++then.epoch;
                    End(transactional_id, Entry::State::kAborted);
                  });
  }
  holder.open.insert(to);
  for (const Record& record : records) {
    log->push_back({.state = Entry::State::kOpen,
                    .transactional_id = transactional_id,
                    .epoch = holder.epoch,
                    .time = world_.Now(),
                    .record = record});
  }
  return OkStatus();
}

void ModelKafka::End(const std::string& transactional_id, Entry::State outcome) {
  for (const TopicPartition& each : std::exchange(holders_[transactional_id].open, {})) {
    const StatusOr<Log*> log = Find(each);
    if (!log.ok()) continue;
    for (Entry& entry : **log) {
      const bool is_meant = entry.state == Entry::State::kOpen && entry.transactional_id == transactional_id;
      if (is_meant) entry.state = outcome;
    }
    (*log)->push_back({.state = Entry::State::kMarker,
                       .transactional_id = "",
                       .epoch = 0,
                       .time = world_.Now(),
                       .record = {}});
  }
  Changed();
}

absl::Duration ModelKafka::RandomDelay(absl::Duration max) {
  return absl::Nanoseconds(world_.Random(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(max)) + 1));
}

void ModelKafka::Changed() {
  for (const Waiter& waiter : std::exchange(waiters_, {})) {
    if (waiter.change.expired()) continue;
    waiter.home->Post([weak = waiter.change] {
      if (const auto change = weak.lock()) change->Set(true);
    });
  }
}

Task<> ModelKafka::AwaitChange(Scheduler& home) {
  const auto change = std::make_shared<Completion<bool>>();
  waiters_.push_back({.change = change, .home = &home});
  co_await *change;
}

}  // namespace souk::testing
