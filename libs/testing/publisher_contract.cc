#include "libs/testing/publisher_contract.h"

#include <catch2/catch.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "libs/base/clock.h"
#include "libs/messaging/topic_publisher.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter_service.h"

namespace souk::testing {

using event::v1::EventRecord;
using kafka::Fetched;
using kafka::Record;
using kafka::StoredRecord;
using kafka::TopicPartition;
using Writer = ScriptedBroker::Writer;

namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);

// A service whose log is published.
struct Shop {
  explicit Shop(PublisherWorld& in) : Shop(in, in.NewService()) {}
  Shop(PublisherWorld& in, std::string name)
      : world(in), target{.topic = EventsTopic(name)}, service(name, in.scheduler(), clock, store) {}

  PublisherWorld& world;
  SystemClock clock;
  MemoryStore store;
  const TopicPartition target;
  CounterService service;

  std::uint64_t head() { return service.engine().partition(0).head(); }
};

// A process that publishes it; as long as it runs, it works on the shop's log.
struct Process {
  Process(Shop& shop, std::string id, Without without = Without::kNothing, bool republish = false)
      : broker(shop.world.broker(), without),
        publisher({.target = shop.target, .process_id = std::move(id), .republish = republish},
                  shop.service.engine().partition(0), PublicRecords(shop.service.engine()), broker,
                  shop.world.scheduler(), shop.clock, store) {}

  MemoryStore store;
  ScriptedBroker broker;
  TopicPublisher publisher;
};

template <typename Condition>
Task<Status> Until(Shop& shop, const char* what, Condition condition) {
  const absl::Time deadline = shop.world.scheduler().Now() + kPatience;
  while (!condition()) {
    if (shop.world.scheduler().Now() > deadline) co_return Unavailable("it never came to this: %s", what);
    co_await Sleep(shop.world.scheduler(), absl::Milliseconds(2));
  }
  co_return OkStatus();
}

Task<Status> UntilPublished(Shop& shop, const TopicPublisher& publisher) {
  return Until(shop, "everything is published",
               [&shop, &publisher] { return publisher.progress().position == shop.head(); });
}

// Reads until nothing more is missing, for a commit is seen a moment after it.
Task<Status> CheckTopic(Shop& shop) {
  const std::vector<EventRecord> events = shop.service.PublicEvents();
  const std::unique_ptr<kafka::TopicReader> reader = shop.world.broker().NewReader(shop.target, 0);
  std::vector<StoredRecord> records;
  for (bool at_end = false; !at_end || records.size() < events.size();) {
    Fetched fetched = co_await Try(reader->Next());
    for (StoredRecord& record : fetched.records) records.push_back(std::move(record));
    at_end = fetched.at_end;
  }
  std::uint64_t previous = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const TopicLink link = co_await Try(ReadLink(records[i].record));
    if (i >= events.size()) co_return DataLoss("position %d is on the topic once more", link.position);
    const EventRecord event = co_await Try(FromCloudEvent(records[i].record));
    if (event.SerializeAsString() != events[i].SerializeAsString() || link.previous_position != previous) {
      co_return DataLoss("position %d is where %d should be", link.position, events[i].position());
    }
    previous = link.position;
  }
  co_return OkStatus();
}

// -- Scripts --

// Holds the first commit, as if its process were stopped just before it.
struct HeldCommit {
  bool is_held = false;
  bool is_over = false;
  Completion<bool> go;

  static Task<Status> Do(HeldCommit* self, Writer writer) {
    if (std::exchange(self->is_held, true)) co_return co_await writer->Commit();
    co_await self->go;
    Status status = co_await writer->Commit();
    self->is_over = true;
    co_return status;
  }
};

// Nobody learns whether the first commit took effect. It does: at once, or when the next
// writer has sent something.
struct LostCommit {
  bool is_late = false;
  bool is_lost = false;
  Writer late = nullptr;
  Status outcome;

  static Task<Status> OnCommit(LostCommit* self, Writer writer) {
    if (std::exchange(self->is_lost, true)) co_return co_await writer->Commit();
    if (self->is_late) {
      self->late = std::move(writer);
    } else {
      self->outcome = co_await writer->Commit();
    }
    co_return Unavailable("no answer to the commit");
  }
  static Task<Status> OnSend(LostCommit* self, Writer writer, std::vector<Record> records) {
    Status sent = co_await writer->Send(std::move(records));
    if (self->late != nullptr) {
      self->outcome = co_await self->late->Commit();
      self->late = nullptr;
    }
    co_return sent;
  }
  void Script(ScriptedBroker& broker) {
    broker.on_commit = [this](Writer writer) { return OnCommit(this, std::move(writer)); };
    broker.on_send = [this](Writer writer, std::vector<Record> records) {
      return OnSend(this, std::move(writer), std::move(records));
    };
  }
};

// Each writer breaks for good in its second transaction: when it has sent, when it has
// committed, in turn.
struct FatalErrors {
  int broken = 0;
  Writer last = nullptr;
  int steps = 0;  // Of the last one.

  bool IsNow(const Writer& writer) {
    if (std::exchange(last, writer) != writer) steps = 0;
    return ++steps == (broken % 2 == 0 ? 3 : 4);
  }
  static Task<Status> After(FatalErrors* self, bool is_fatal, Task<Status> step) {
    const Status status = co_await std::move(step);
    if (!is_fatal || !status.ok()) co_return status;
    ++self->broken;
    co_return Unavailable("Local: Fatal error");
  }
  void Script(ScriptedBroker& broker) {
    broker.on_commit = [this](Writer writer) { return After(this, IsNow(writer), writer->Commit()); };
    broker.on_send = [this](Writer writer, std::vector<Record> records) {
      return After(this, IsNow(writer), writer->Send(std::move(records)));
    };
  }
};

// -- Scenarios: OK when the topic is right in the end --

// Two processes on the same log; the older one is stopped with a transaction open, and goes
// on when the newer one has published everything.
Task<Status> Zombie(Shop& shop, Without without) {
  HeldCommit held;
  Process older(shop, "older", without);
  older.broker.on_commit = [&held](Writer writer) { return HeldCommit::Do(&held, std::move(writer)); };
  co_await Try(shop.service.Count(5, 2));
  older.publisher.Start();
  co_await Try(Until(shop, "the older one commits", [&held] { return held.is_held; }));
  Process newer(shop, "newer", without);
  newer.publisher.Start();
  co_await Try(UntilPublished(shop, newer.publisher));
  held.go.Set(true);
  co_await Try(Until(shop, "the older one has its answer", [&held] { return held.is_over; }));
  co_await Try(shop.service.Count(5, 2));
  co_await Try(UntilPublished(shop, newer.publisher));
  co_await Try(CheckTopic(shop));
  co_await Try(Until(shop, "the older one ends", [&older] { return !older.publisher.health().ok(); }));
  if (Reason(older.publisher.health()) != "SUPERSEDED") co_return older.publisher.health();
  if (older.publisher.progress().records > 0) co_return DataLoss("the older one has published");
  co_return OkStatus();
}

Task<Status> AfterLostCommit(Shop& shop, bool is_late, Without without) {
  LostCommit lost{.is_late = is_late};
  Process process(shop, "p-1", without);
  lost.Script(process.broker);
  co_await Try(shop.service.Count(5, 2));
  process.publisher.Start();
  co_await Try(UntilPublished(shop, process.publisher));
  co_await Try(shop.service.Count(5, 2));
  co_await Try(UntilPublished(shop, process.publisher));
  if (!lost.is_lost || lost.late != nullptr) co_return Unavailable("no commit was lost");
  co_await Try(CheckTopic(shop));
  if (is_late && Reason(lost.outcome) != "FENCED") co_return DataLoss("a late commit took effect");
  co_return OkStatus();
}

Task<Status> LateCommit(Shop& shop, Without without) { return AfterLostCommit(shop, true, without); }
Task<Status> UnknownCommit(Shop& shop, Without without) { return AfterLostCommit(shop, false, without); }

Task<Status> FatalError(Shop& shop, Without without) {
  FatalErrors errors;
  Process process(shop, "p-1", without);
  errors.Script(process.broker);
  co_await Try(shop.service.Count(5, 2));
  process.publisher.Start();
  while (errors.broken < 4) {
    co_await Try(shop.service.Count(3, 1));
    co_await Try(UntilPublished(shop, process.publisher));
  }
  if (process.broker.writers_made() <= errors.broken) co_return Internal("a broken writer was used again");
  co_return co_await CheckTopic(shop);
}

// A new process finds what the one before it has published, without its cursor.
Task<Status> NewProcess(Shop& shop, Without without) {
  for (const char* const id : {"p-1", "p-2", "p-3"}) {
    co_await Try(shop.service.Count(4, 2));
    Process process(shop, id, without);
    process.publisher.Start();
    co_await Try(UntilPublished(shop, process.publisher));
    process.publisher.Stop();
    co_await Try(Until(shop, "it ends", [&process] { return process.publisher.Drained(); }));
  }
  co_return co_await CheckTopic(shop);
}

// A log that ends before what the topic has, and one that is another.
Task<Status> OtherLogs(Shop& shop, PublisherWorld& world) {
  co_await Try(shop.service.Count(5, 2));
  Process process(shop, "p-1");
  process.publisher.Start();
  co_await Try(UntilPublished(shop, process.publisher));
  co_await Try(CheckTopic(shop));
  Shop restored(world, shop.service.engine().options().service);
  co_await Try(restored.service.Start());
  co_await Try(restored.service.Count(1, 1));
  Process behind(restored, "p-2");
  const Status refused = co_await behind.publisher.CheckLog();
  CHECK(Reason(refused) == "LOG_BEHIND_TOPIC");
  CHECK(absl::StrContains(refused.message(), "soukctl restore --from-kafka"));
  co_await Try(restored.service.Count(6, 5));
  Process other(restored, "p-3");
  CHECK(Reason(co_await other.publisher.CheckLog()) == "LOG_DIVERGED");
  // Nor does it publish when nobody has asked before.
  other.publisher.Start();
  co_await Try(Until(restored, "it gives up", [&other] { return !other.publisher.health().ok(); }));
  CHECK(Reason(other.publisher.health()) == "LOG_DIVERGED");
  co_return co_await CheckTopic(shop);
}

Task<> Check(PublisherWorld& world, Task<Status> (*scenario)(Shop&, Without), Without without) {
  Shop shop(world);
  world.MakeTopic(shop.target.topic);
  Status status = co_await shop.service.Start();
  if (status.ok()) status = co_await scenario(shop, without);
  INFO(status.ToString());
  CHECK(status.code() ==
        (without == Without::kNothing ? absl::StatusCode::kOk : absl::StatusCode::kDataLoss));
}

Task<> CheckOtherLogs(PublisherWorld& world) {
  Shop shop(world);
  world.MakeTopic(shop.target.topic);
  Status status = co_await shop.service.Start();
  if (status.ok()) status = co_await OtherLogs(shop, world);
  INFO(status.ToString());
  CHECK(status.ok());
}

}  // namespace

void CheckPublisherContract(PublisherWorld& world) {
  SECTION("a process that was stopped and superseded publishes nothing") {
    world.Run(Check(world, Zombie, Without::kNothing));
  }
  SECTION("without the fence it would") { world.Run(Check(world, Zombie, Without::kFence)); }
  SECTION("a commit that arrives late has no effect") {
    world.Run(Check(world, LateCommit, Without::kNothing));
  }
  SECTION("without the fence it would have") { world.Run(Check(world, LateCommit, Without::kFence)); }
  SECTION("a commit without an answer is found on the topic") {
    world.Run(Check(world, UnknownCommit, Without::kNothing));
  }
  SECTION("without the read back it would be sent again") {
    world.Run(Check(world, UnknownCommit, Without::kReadBack));
  }
  SECTION("after a fatal error of the client publication goes on with another one") {
    world.Run(Check(world, FatalError, Without::kNothing));
  }
  SECTION("without the read back it would repeat events") {
    world.Run(Check(world, FatalError, Without::kReadBack));
  }
  SECTION("a new process goes on where the former one ended") {
    world.Run(Check(world, NewProcess, Without::kNothing));
  }
  SECTION("without the read back it would begin again") {
    world.Run(Check(world, NewProcess, Without::kReadBack));
  }
  SECTION("a log that is older than its topic, or another one, is refused") {
    world.Run(CheckOtherLogs(world));
  }
}

}  // namespace souk::testing
