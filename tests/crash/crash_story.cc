#include "tests/crash/crash_story.h"

#include "libs/base/uuid.h"
#include "libs/eventsourcing/rebuild.h"

namespace souk::crash {

using event::v1::EventRecord;
using testing::Add;
using testing::Counter;
using testing::CounterId;
using State = Counter::State;

namespace {

constexpr const char* kCounters[] = {"a.1", "a.2", "b.1", "b.2", "c.1", "c.2"};
constexpr int kRounds = 6;
constexpr std::int64_t kAmount = 40;  // Every third addition or so passes a hundred and asks for a report.
constexpr std::int64_t kMoved = 10;   // From x.1 to x.2 in each round.
constexpr std::int64_t kTally = 2 + 2 * kAmount * kRounds;

// Long enough that rows fill pages and buffers.
std::string OwnerOf(std::string_view counter) { return std::string(300, counter[0]); }

std::int64_t ValueInTheEnd(std::string_view counter) {
  return (kAmount + (counter.ends_with("1") ? -kMoved : kMoved)) * kRounds;
}

Task<StatusOr<Shared<State>>> Execute(Engine& engine, Request request) {
  CommandMetadata metadata;
  metadata.request_id = request.id;
  metadata.fingerprint = 7;
  switch (request.kind) {
    case Request::Kind::kOpen:
      co_return co_await engine.Execute<Counter>(
          request.counter, testing::Open{.owner = OwnerOf(request.counter.str())}, std::move(metadata));
    case Request::Kind::kAdd:
      co_return co_await engine.Execute<Counter>(request.counter, Add{.amount = kAmount},
                                                 std::move(metadata));
    case Request::Kind::kMove:
      break;
  }
  StatusOr<Shared<State>> result;
  const CounterId from = request.counter;
  const CounterId to = CounterId::Of(Counter::PartitionKey(from) + ".2");
  const auto move = [&](Unit& unit) {
    RETURN_IF_ERROR(unit.Execute<Counter>(from, Add{.amount = -kMoved}));
    return unit.Execute<Counter>(to, Add{.amount = kMoved});
  };
  const auto read = [&](Unit& unit) {
    result = unit.Share<Counter>(from);
    return result.status();
  };
  co_await Try(engine.Transact(Counter::PartitionKey(from), std::move(metadata), move, read));
  co_return result;
}

}  // namespace

void CrashStory::Tell(FaultDisk& disk) {
  const std::unique_ptr<CrashProcess> process = Start(disk);
  if (process == nullptr) return;
  process->Go();
  if (!TellTo(*process)) return CheckStopped(*process);
  // What is written last has no voucher behind it: something that nobody misses.
  Batch end;
  end.Put(ColumnFamily::kMeta, "story", "the end");
  (void)SyncWait(process->store().Write(std::move(end), Durability::kBuffered));
}

std::unique_ptr<CrashProcess> CrashStory::Start(FaultDisk& disk) {
  StatusOr<std::unique_ptr<CrashProcess>> process = CrashProcess::Start(disk, clock_, mutations_, *this);
  if (process.ok()) return *std::move(process);
  if (!disk.struck()) Fail("cannot start: " + process.status().ToString());
  return nullptr;
}

bool CrashStory::TellTo(CrashProcess& process) {
  Requests open;
  for (const char* const counter : kCounters) {
    open.push_back({std::string("open-") + counter, Request::Kind::kOpen, CounterId::Of(counter)});
  }
  if (!Send(process, open)) return false;
  for (int round = 1; round <= kRounds; ++round) {
    const std::string suffix = "-" + std::to_string(round);
    Requests add, move;
    for (const char* const counter : kCounters) {
      const CounterId id = CounterId::Of(counter);
      add.push_back({std::string("add-") + counter + suffix, Request::Kind::kAdd, id});
      if (!std::string_view(counter).ends_with("1")) continue;
      move.push_back({std::string("move-") + counter + suffix, Request::Kind::kMove, id});
    }
    if (!Send(process, add) || !Send(process, move)) return false;
    if (!AdvanceTo(process, absl::Hours(round))) return false;
  }
  return AdvanceTo(process, absl::Hours(kRounds + 30));  // The timers of all counters fire.
}

bool CrashStory::Send(CrashProcess& process, const Requests& requests) {
  std::map<std::string, StatusOr<Shared<State>>> answers;
  TaskScope scope;
  for (const Request& request : requests) {
    scope.Spawn([](Engine& engine, Request r, std::map<std::string, StatusOr<Shared<State>>>& a) -> Task<> {
      StatusOr<Shared<State>> answer = co_await Execute(engine, r);
      a.emplace(r.id, std::move(answer));
    }(process.engine(), request, answers));
  }
  process.RunUntil([&] { return answers.size() == requests.size(); });
  bool all = true;
  for (const Request& request : requests) {
    const auto it = answers.find(request.id);
    if (it == answers.end()) {
      Fail("never answered: " + request.id);
    } else if (it->second.ok()) {
      acknowledged_.emplace(request.id, request);
      continue;
    } else if (!absl::IsUnavailable(it->second.status())) {
      Fail(request.id + " was refused: " + it->second.status().ToString());
    }
    all = false;
  }
  return all;
}

bool CrashStory::AdvanceTo(CrashProcess& process, absl::Duration since_beginning) {
  clock_.AdvanceTo(beginning_ + since_beginning);
  process.engine().ClockMoved();
  if (process.Settle()) return true;
  if (process.engine().Health().ok()) Fail("the process does not come to rest");
  return false;
}

void CrashStory::CheckStopped(CrashProcess& process) {
  if (process.engine().Health().ok()) Fail("an error of the disk, and the engine is well");
  for (const char* const counter : {"a.9", "b.9", "c.9"}) {
    Request request{std::string("late-") + counter, Request::Kind::kOpen, CounterId::Of(counter)};
    const auto answer = process.Run(Execute(process.engine(), std::move(request)));
    if (!answer.has_value() || !absl::IsUnavailable(answer->status()))
      Fail("a stopped engine accepts commands");
  }
}

void CrashStory::Saw(const EventRecord& event) {
  const auto [it, first] =
      seen_.emplace(Position(event.partition(), event.position()), event.SerializeAsString());
  if (!first && it->second != event.SerializeAsString()) {
    Fail("a position was issued twice: " + std::to_string(event.position()));
  }
}

void CrashStory::Check(FaultDisk& disk) {
  std::unique_ptr<CrashProcess> process = Start(disk);
  if (process == nullptr) return;
  CheckRecovered(*process);
  // Everything but the log is a cache: made anew it is the same.
  const StatusOr<std::string> hash = StateHash(process->store());
  const std::optional<Status> dropped = process->Run(process->engine().DropDerived());
  if (!hash.ok() || !dropped.has_value() || !dropped->ok()) return Fail("cannot make the state anew");
  process = nullptr;
  process = Start(disk);
  if (process == nullptr) return;
  if (StateHash(process->store()).value_or("") != *hash) return Fail("the state made anew differs");
  process->Go();
  if (!TellTo(*process))
    return Fail("the story does not come to its end: " + process->engine().Health().ToString());
  CheckEnd(*process);
}

void CrashStory::CheckRecovered(CrashProcess& process) {
  stored_requests_.clear();
  stored_effects_.clear();
  for (std::uint32_t i = 0; i < kPartitions; ++i) CheckLog(process, i);
  for (const auto& [id, request] : acknowledged_) {
    if (!stored_requests_.contains(id)) Fail("lost, though acknowledged: " + id);
  }
  CheckSeen(process);
  for (const std::string& effect : effects_) {
    if (!stored_effects_.contains(effect)) Fail("an effect ran, and its event is lost: " + effect);
  }
  CheckStates(process);
  CheckRepetitions(process);
}

// Positions without a gap, the chain whole, transactions whole, each request once.
void CrashStory::CheckLog(CrashProcess& process, std::uint32_t partition) {
  const EventLog& log = process.engine().partition(partition).log();
  std::uint64_t records = 0;
  std::uint32_t following = 0;
  std::string request_id;
  const Status read = log.ReadAfter(0, [&](const EventRecord& record, std::string_view) {
    if (record.position() != ++records) Fail("a gap before position " + std::to_string(record.position()));
    if (following > 0) {
      if (record.following() != following - 1 || record.request_id() != request_id) {
        Fail("half a transaction: " + request_id);
      }
    } else if (!record.request_id().empty() && !stored_requests_.insert(record.request_id()).second) {
      Fail("applied twice: " + record.request_id());
    }
    following = record.following();
    request_id = record.request_id();
    stored_effects_.insert(DerivedUuid(record.event_id(), "report", ""));
    return true;
  });
  if (!read.ok()) Fail(read.ToString());
  if (following > 0) Fail("half a transaction: " + request_id);
  if (log.Verify().value_or(0) != records) Fail("the hash chain is broken");
  if (process.engine().partition(partition).head() != records) Fail("the head is not the end of the log");
}

// What the feed has delivered cannot be taken back.
void CrashStory::CheckSeen(CrashProcess& process) {
  for (const auto& [position, bytes] : seen_) {
    EventRecord seen;
    seen.ParseFromString(bytes);
    const StatusOr<EventRecord> stored =
        process.engine().partition(position.first).log().ReadAt(position.second);
    if (!stored.ok() || stored->event_id() != seen.event_id() || stored->revision() != seen.revision() ||
        stored->aggregate_id() != seen.aggregate_id()) {
      Fail("the feed has delivered what the log does not have: position " + std::to_string(position.second));
    }
  }
}

std::map<std::string, State> CrashStory::FoldLog(CrashProcess& process) {
  std::map<std::string, State> counters;
  for (std::uint32_t i = 0; i < kPartitions; ++i) {
    const Status read =
        process.engine().partition(i).log().ReadAfter(0, [&](const EventRecord& record, auto) {
          Counter::Event event;
          if (record.aggregate() != Counter::kName) return true;
          if (!event.ParseFromString(record.payload())) Fail("an event that nobody can read");
          Counter::Evolve(counters[record.aggregate_id()], event);
          return true;
        });
    if (!read.ok()) Fail(read.ToString());
  }
  return counters;
}

void CrashStory::CheckStates(CrashProcess& process) {
  std::int64_t additions = 0;
  const std::map<std::string, State> counters = FoldLog(process);
  for (const auto& [id, counter] : counters) {
    additions += counter.additions();
    const StatusOr<Shared<State>> state = process.engine().Read<Counter>(CounterId::Of(id));
    if (!state.ok() || (*state)->SerializeAsString() != counter.SerializeAsString())
      Fail("a stale state: " + id);
    const auto row = process.engine().Lookup("counters_by_owner", counter.owner() + "/" + id);
    if (!row.ok() || *row != counter.SerializeAsString()) Fail("a stale index row: " + id);
  }
  const auto rows = process.engine().Query({.index = "counters_by_owner"});
  if (!rows.ok() || rows->size() != counters.size()) Fail("an index has rows too many or too few");
  std::int64_t in_view = 0;
  const auto view = process.engine().QueryView("additions", {});
  if (!view.ok()) return Fail(view.status().ToString());
  for (const IndexRow& row : *view) in_view += std::stoll(row.value);
  if (in_view != additions) Fail("a view has not caught up");
}

void CrashStory::CheckRepetitions(CrashProcess& process) {
  for (const auto& [id, request] : acknowledged_) {
    const std::uint32_t partition = process.engine().PartitionOf(Counter::PartitionKey(request.counter));
    const std::uint64_t head = process.engine().partition(partition).head();
    const auto answer = process.Run(Execute(process.engine(), request));
    const StatusOr<Shared<State>> state = process.engine().Read<Counter>(request.counter);
    if (!answer.has_value() || !answer->ok() || !state.ok() ||
        (**answer)->SerializeAsString() != (*state)->SerializeAsString()) {
      return Fail("a repetition is not answered: " + id);
    }
    if (process.engine().partition(partition).head() != head) Fail("a repetition has an effect: " + id);
  }
}

void CrashStory::CheckEnd(CrashProcess& process) {
  CheckRecovered(process);
  const auto expect = [&](const std::string& id, std::int64_t value) {
    const StatusOr<Shared<State>> state = process.engine().Read<Counter>(CounterId::Of(id));
    if (!state.ok()) return Fail(state.status().ToString());
    const State& counter = **state;
    if (counter.value() != value)
      Fail(id + " is " + std::to_string(counter.value()) + ", not " + std::to_string(value));
    if (counter.reported() / 100 < value / 100) Fail("an effect never happened: " + id);
    if (!counter.closed()) Fail("a timer never fired: " + id);
  };
  for (const char* const counter : kCounters) expect(counter, ValueInTheEnd(counter));
  for (const char* const owner : {"a", "b", "c"}) expect(TallyOf(owner).str(), kTally);
  if (process.consumer().dead_letters() != 0) Fail("the feed has dead letters");
}

}  // namespace souk::crash
