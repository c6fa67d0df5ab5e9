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

// A process that publishes it; as long as it runs, it works on the shop's log. Its cursor is
// its own unless a store is given.
struct Process {
  Process(Shop& shop, std::string id, Without without = Without::kNothing)
      : Process(shop, std::move(id), own_store, /*republish=*/false, without) {}
  Process(Shop& shop, std::string id, MemoryStore& store, bool republish = false,
          Without without = Without::kNothing)
      : broker(shop.world.broker(), without),
        publisher({.target = shop.target, .process_id = std::move(id), .republish = republish},
                  shop.service.engine().partition(0), PublicRecords(shop.service.engine()), broker,
                  shop.world.scheduler(), shop.clock, store) {}

  MemoryStore own_store;
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
  std::size_t count = 0;
  std::uint64_t previous = 0;
  for (bool at_end = false; !at_end || count < events.size();) {
    const Fetched fetched = co_await Try(reader->Next());
    at_end = fetched.at_end;
    for (const StoredRecord& stored : fetched.records) {
      const TopicLink link = co_await Try(ReadLink(stored.record));
      const EventRecord event = co_await Try(FromCloudEvent(stored.record));
      if (count >= events.size()) co_return DataLoss("position %d is on the topic once more", link.position);
      const EventRecord& expected = events[count++];
      if (event.SerializeAsString() != expected.SerializeAsString() || link.previous_position != previous) {
        co_return DataLoss("position %d is where %d should be", link.position, expected.position());
      }
      previous = link.position;
    }
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

// The broker comes back without the end of the topic.
Task<Status> LostTail(Shop& shop, Without without) {
  Process process(shop, "p-1", without);
  co_await Try(shop.service.Count(4, 2));
  process.publisher.Start();
  co_await Try(UntilPublished(shop, process.publisher));
  co_await Try(CheckTopic(shop));
  shop.world.MarkEnd(shop.target.topic);
  co_await Try(shop.service.Count(4, 2));
  co_await Try(UntilPublished(shop, process.publisher));
  co_await Try(CheckTopic(shop));
  shop.world.LoseWhatFollowed(shop.target.topic);
  co_await Try(shop.service.Count(4, 1));
  co_await Try(UntilPublished(shop, process.publisher));
  co_return co_await CheckTopic(shop);
}

bool IsHeldUp(const Process& process, const char* way_out) {
  return absl::StrContains(process.publisher.progress().problem.message(), way_out);
}

// Nothing is published to a topic that was made again, until somebody says that it may be.
Task<Status> DeletedTopic(Shop& shop, Without) {
  co_await Try(shop.service.Count(5, 2));
  MemoryStore store;
  {
    Process process(shop, "p-1", store);
    process.publisher.Start();
    co_await Try(UntilPublished(shop, process.publisher));
    process.publisher.Stop();
    co_await Try(Until(shop, "it ends", [&process] { return process.publisher.Drained(); }));
  }
  shop.world.DeleteTopic(shop.target.topic);
  {
    Process process(shop, "p-2", store);
    process.publisher.Start();
    co_await Try(Until(shop, "it misses the topic",
                       [&process] { return IsHeldUp(process, "soukctl topics create"); }));
    shop.world.MakeTopic(shop.target.topic);
    co_await Try(Until(shop, "it finds the topic empty",
                       [&process] { return IsHeldUp(process, "kafka.republish=true"); }));
    co_await Try(shop.service.Count(5, 1));  // Commands go on.
    if (!process.publisher.health().ok()) co_return process.publisher.health();
  }
  Process process(shop, "p-3", store, /*republish=*/true);
  process.publisher.Start();
  co_await Try(UntilPublished(shop, process.publisher));
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

Task<Status> PublishRestlessly(PublisherWorld& world, Without without) {
  Shop shop(world);
  world.MakeTopic(shop.target.topic);
  co_await Try(shop.service.Start());
  MemoryStore store;
  for (int i = 0; i < 5; ++i) {
    Process process(shop, "p-" + std::to_string(i), store, /*republish=*/false, without);
    process.publisher.Start();
    co_await Try(shop.service.Count(3, 2));
    co_await Sleep(world.scheduler(), absl::Milliseconds(15));
  }
  Process last(shop, "last", store, /*republish=*/false, without);
  last.publisher.Start();
  co_await Try(UntilPublished(shop, last.publisher));
  // A commit may be late even now.
  co_await Sleep(world.scheduler(), absl::Minutes(2));
  co_return co_await CheckTopic(shop);
}

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
  SECTION("what a broker loses is published again") { world.Run(Check(world, LostTail, Without::kNothing)); }
  SECTION("without the read back it would be missing") {
    world.Run(Check(world, LostTail, Without::kReadBack));
  }
  SECTION("a topic that was deleted is not filled again unasked") {
    world.Run(Check(world, DeletedTopic, Without::kNothing));
  }
  SECTION("a log that is older than its topic, or another one, is refused") {
    world.Run(CheckOtherLogs(world));
  }
}

}  // namespace souk::testing
