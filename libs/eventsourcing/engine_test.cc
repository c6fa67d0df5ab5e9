#include "libs/eventsourcing/engine.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/keys.h"
#include "libs/testing/counter_process.h"

namespace souk {
namespace {

using testing::Add;
using testing::Counter;
using testing::CounterId;
using testing::CounterProcess;
using testing::CounterWorld;
using testing::Open;
using State = Counter::State;

TEST_CASE("a command's events are folded, stored and answered") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  REQUIRE(process.Execute("c-1", Open{"ann"}, "r-1").ok());
  CHECK(process.Execute("c-1", Add{5}, "r-2")->value() == 5);
  CHECK((*process.engine.Read<Counter>(CounterId::Of("c-1")))->value() == 5);
  CHECK((*process.engine.Read<Counter>(CounterId::Of("c-2")))->owner().empty());
  const auto events = process.engine.ReadStream<Counter>(CounterId::Of("c-1")).value();
  REQUIRE(events.size() == 2);
  CHECK(events[0].type() == "counter.opened");
  CHECK(events[1].type() == "counter.added");
  CHECK(events[1].revision() == 2);
  CHECK(events[1].correlation_id() == "journey-1");
}

TEST_CASE("a rejected command stores nothing") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  CHECK(absl::IsNotFound(process.Execute("c-1", Add{5}, "r-1").status()));
  CHECK(process.engine.partition(0).head() == 0);
}

TEST_CASE("a repeated request is answered, not executed again") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Add{5}, "r-2").ok());
  CHECK(process->Execute("c-1", Add{5}, "r-2")->value() == 5);
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK(process->Execute("c-1", Add{5}, "r-2")->value() == 5);
}

TEST_CASE("a request id that was used for other content is refused") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  REQUIRE(process.Execute("c-1", Open{"ann"}, "r-1", 1).ok());
  const Status status = process.Execute("c-1", Add{5}, "r-1", 2).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(Reason(status) == "REQUEST_ID_REUSED");
}

TEST_CASE("later commands of a group see what earlier ones did, and share one sync") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  REQUIRE(process.Execute("c-1", Open{"ann"}, "r-1").ok());
  TaskScope scope;
  int done = 0;
  for (int i = 0; i < 10; ++i) {
    scope.Spawn([](Engine& engine, int n, int& d) -> Task<> {
      CommandMetadata metadata;
      metadata.request_id = "group-" + std::to_string(n % 5);  // Each request twice.
      const auto state = co_await engine.Execute<Counter>(CounterId::Of("c-1"), Add{1}, std::move(metadata));
      CHECK(state.ok());
      ++d;
    }(process.engine, i, done));
  }
  process.Settle();
  CHECK(done == 10);
  CHECK((*process.engine.Read<Counter>(CounterId::Of("c-1")))->value() == 5);
}

TEST_CASE("a transaction is stored whole or not at all") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  const auto move = [&](std::int64_t amount, const std::string& request_id) {
    CommandMetadata metadata;
    metadata.request_id = request_id;
    const auto work = [&](Unit& unit) {
      RETURN_IF_ERROR(unit.Execute<Counter>(CounterId::Of("g.1"), Add{-amount}));
      RETURN_IF_ERROR(unit.Execute<Counter>(CounterId::Of("g.2"), Add{amount}));
      const auto state = unit.Load<Counter>(CounterId::Of("g.1"));
      return (*state)->value() < 0 ? FailedPrecondition("not enough") : OkStatus();
    };
    const auto nothing = [](Unit&) { return OkStatus(); };
    const Status status = process.Run(process.engine.Transact("g", std::move(metadata), work, nothing));
    process.Settle();
    return status;
  };
  REQUIRE(process.Execute("g.1", Open{"ann"}, "r-1").ok());
  REQUIRE(process.Execute("g.2", Open{"ann"}, "r-2").ok());
  REQUIRE(process.Execute("g.1", Add{10}, "r-3").ok());
  const std::uint64_t head = process.engine.partition(0).head();
  CHECK(absl::IsFailedPrecondition(move(11, "m-1")));
  CHECK(process.engine.partition(0).head() == head);
  CHECK((*process.engine.Read<Counter>(CounterId::Of("g.1")))->value() == 10);
  CHECK(move(4, "m-2").ok());
  CHECK(move(4, "m-2").ok());  // A repetition.
  CHECK((*process.engine.Read<Counter>(CounterId::Of("g.1")))->value() == 6);
  CHECK((*process.engine.Read<Counter>(CounterId::Of("g.2")))->value() == 4);
}

TEST_CASE("index rows follow the state, and are read in order") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store, /*partitions=*/4);
  for (int i = 0; i < 20; ++i) {
    const std::string id = "c-" + std::to_string(10 + i);
    REQUIRE(process.Execute(id, Open{i % 2 == 0 ? "ann" : "bob"}, "r-" + id).ok());
  }
  auto rows = process.engine.Query({.index = "counters_by_owner", .prefix = "ann/", .limit = 4}).value();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].key == "ann/c-10");
  CHECK(rows[3].key == "ann/c-16");
  rows = process.engine.Query({.index = "counters_by_owner", .prefix = "ann/", .after = "ann/c-16"}).value();
  CHECK(rows.size() == 6);
  rows =
      process.engine
          .Query(
              {.index = "counters_by_owner", .prefix = "ann/", .limit = 2, .direction = Direction::kBackward})
          .value();
  CHECK(rows[0].key == "ann/c-28");
}

TEST_CASE("everything but the log can be made again from it, to the byte") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store, 2);
  process->report_errors = 1;
  for (int i = 0; i < 10; ++i) {
    const std::string id = "c-" + std::to_string(i);
    REQUIRE(process->Execute(id, Open{"ann"}, id + "-open").ok());
    for (int j = 0; j < 40; ++j) {
      REQUIRE(process->Execute(id, Add{3 + i}, id + "-add-" + std::to_string(j)).ok());
    }
  }
  const std::string before = StateHash(world.store).value();
  process.reset();
  Batch batch;
  for (const ColumnFamily family : kDerivedFamilies) {
    REQUIRE(world.store
                .Scan(family, KeyRange(), Direction::kForward,
                      [&](std::string_view key, std::string_view) {
                        batch.Delete(family, std::string(key));
                        return true;
                      })
                .ok());
  }
  REQUIRE(SyncWait(world.store.Write(std::move(batch), Durability::kSynced)).ok());
  process.emplace(world.scheduler, world.clock, world.store, 2);
  CHECK(StateHash(world.store).value() == before);
}

TEST_CASE("a view follows the log, and a new version of it is built anew") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-0").ok());
  for (int i = 0; i < 600; ++i) REQUIRE(process->Execute("c-1", Add{1}, "a-" + std::to_string(i)).ok());
  CHECK(process->engine.QueryView("additions", {}).value().at(0).value == "600");
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store, 1, /*view=*/2);
  CHECK(process->engine.QueryView("additions", {}).value().at(0).value == "600");
}

TEST_CASE("of an aggregate with an event that this build does not know nothing is decided; others go on") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  REQUIRE(process->Execute("c-2", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-2").ok());
  REQUIRE(process->Execute("c-1", Add{1}, "r-3").ok());
  const std::uint64_t last = process->engine.partition(0).head();
  process.reset();
  // What a newer version has written, in a field that this one has no name for.
  event::v1::EventRecord record;
  record.ParseFromString(world.store.Get(ColumnFamily::kLog, keys::Log(0, last)).value().value());
  record.set_payload("\x9a\x06\x03red");
  Batch batch;
  batch.Put(ColumnFamily::kLog, keys::Log(0, last), record.SerializeAsString());
  REQUIRE(SyncWait(world.store.Write(std::move(batch), Durability::kSynced)).ok());
  process.emplace(world.scheduler, world.clock, world.store);
  const Status held = process->Execute("c-1", Add{1}, "r-4").status();
  CHECK(absl::IsDataLoss(held));
  CHECK(held.message().find("run a newer one") != std::string::npos);
  CHECK(process->engine.partition(0).head() == last);
  CHECK(process->Execute("c-2", Add{1}, "r-5")->value() == 1);
}

TEST_CASE("a log in which a record was changed does not verify") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  REQUIRE(process.Execute("c-1", Open{"ann"}, "r-0").ok());
  for (int i = 0; i < 5; ++i) REQUIRE(process.Execute("c-1", Add{1}, "a-" + std::to_string(i)).ok());
  const EventLog log(world.store, 0);
  CHECK(log.Verify().value() == 6);
  std::string record = world.store.Get(ColumnFamily::kLog, keys::Log(0, 3)).value().value();
  record[record.size() / 2] = static_cast<char>(record[record.size() / 2] ^ 1);
  Batch batch;
  batch.Put(ColumnFamily::kLog, keys::Log(0, 3), record);
  REQUIRE(SyncWait(world.store.Write(std::move(batch), Durability::kSynced)).ok());
  CHECK(absl::IsDataLoss(log.Verify().status()));
}

TEST_CASE("a store that belongs to another service, or has other partitions, is refused") {
  CounterWorld world;
  {
    const CounterProcess process(world.scheduler, world.clock, world.store);
  }
  Engine other({.service = "other"}, world.scheduler, world.clock, world.store);
  CHECK(absl::IsFailedPrecondition(SyncWait(other.Start())));
  Engine more({.service = "test", .partitions = 2}, world.scheduler, world.clock, world.store);
  CHECK(absl::IsFailedPrecondition(SyncWait(more.Start())));
}

TEST_CASE("too many waiting commands are refused, not queued without bound") {
  CounterWorld world;
  SimProcess process(world.scheduler);
  Engine engine({.service = "test", .waiting_commands_max = 2}, process, world.clock, world.store);
  engine.Register<Counter>();
  REQUIRE(SyncWait(engine.Start()).ok());
  TaskScope scope;
  std::vector<absl::StatusCode> codes;
  for (int i = 0; i < 3; ++i) {
    scope.Spawn([](Engine& e, int n, std::vector<absl::StatusCode>& c) -> Task<> {
      const auto state = co_await e.Execute<Counter>(CounterId::Of("c-" + std::to_string(n)), Open{"ann"},
                                                     CommandMetadata());
      c.push_back(state.status().code());
    }(engine, i, codes));
  }
  while (world.scheduler.Step()) {
  }
  CHECK(codes == std::vector<absl::StatusCode>{absl::StatusCode::kResourceExhausted, absl::StatusCode::kOk,
                                               absl::StatusCode::kOk});
}

}  // namespace
}  // namespace souk
