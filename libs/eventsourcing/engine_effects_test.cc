#include <catch2/catch.hpp>
#include <optional>
#include <utility>

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

TEST_CASE("an effect runs once its event is stored, and not again when it is done") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Add{150}, "r-2").ok());
  CHECK(process->reports == 1);
  CHECK((*process->engine.Read<Counter>(CounterId::Of("c-1")))->reported() == 150);
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK(process->reports == 0);
}

TEST_CASE("an effect whose handler says nothing happened is done as well") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  process->record_reports = false;
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Add{150}, "r-2").ok());
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK(process->reports == 0);
}

TEST_CASE("an effect that fails for a passing reason is tried again, by a new process too") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  process->report_errors = 100;
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Add{150}, "r-2").ok());
  CHECK(process->reports == 3);  // Quick retries; later ones wait for the clock.
  world.clock.AdvanceTo(world.clock.Now() + absl::Minutes(1));
  process->engine.ClockMoved();
  process->Settle();
  CHECK(process->reports == 4);
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK(process->reports == 1);
  CHECK((*process->engine.Read<Counter>(CounterId::Of("c-1")))->reported() == 150);
}

TEST_CASE("an effect that fails for good is set aside, and stays so") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  process->report_errors = 100;
  process->report_error = absl::InternalError("broken");
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  REQUIRE(process->Execute("c-1", Add{150}, "r-2").ok());
  CHECK(process->reports == 1);
  CHECK(process->engine.partition(0).effects().set_aside() == 1);
  process.reset();
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK(process->reports == 0);
  CHECK(process->engine.partition(0).effects().set_aside() == 1);
  REQUIRE(process->Execute("c-1", Add{100}, "r-3").ok());  // Wants another report in its place.
  CHECK(process->reports == 1);
  CHECK(process->engine.partition(0).effects().set_aside() == 0);
}

TEST_CASE("a timer fires when it is due, late after a restart but never lost") {
  CounterWorld world;
  std::optional<CounterProcess> process(std::in_place, world.scheduler, world.clock, world.store);
  REQUIRE(process->Execute("c-1", Open{"ann"}, "r-1").ok());
  world.clock.AdvanceTo(world.clock.Now() + absl::Hours(23));
  process->engine.ClockMoved();
  process->Settle();
  REQUIRE(process->Execute("c-1", Add{1}, "r-2").ok());  // Sets the timer anew.
  world.clock.AdvanceTo(world.clock.Now() + absl::Hours(23));
  process->engine.ClockMoved();
  process->Settle();
  CHECK_FALSE((*process->engine.Read<Counter>(CounterId::Of("c-1")))->closed());
  process.reset();
  world.clock.AdvanceTo(world.clock.Now() + absl::Hours(100));
  process.emplace(world.scheduler, world.clock, world.store);
  CHECK((*process->engine.Read<Counter>(CounterId::Of("c-1")))->closed());
}

TEST_CASE("whoever waits for an effect continues when it is done") {
  CounterWorld world;
  CounterProcess process(world.scheduler, world.clock, world.store);
  REQUIRE(process.Execute("c-1", Open{"ann"}, "r-1").ok());
  const auto run = [](Engine& engine) -> Task<Status> {
    CommandMetadata metadata;
    co_await Try(engine.Execute<Counter>(CounterId::Of("c-1"), Add{150}, metadata));
    co_await Try(engine.AwaitEffect<Counter>(CounterId::Of("c-1"), "report", "", absl::InfiniteFuture()));
    const Shared<State> state = co_await Try(engine.Read<Counter>(CounterId::Of("c-1")));
    co_return state->reported() == 150 ? OkStatus() : Internal("not reported");
  };
  CHECK(process.Run(run(process.engine)).ok());
}

}  // namespace
}  // namespace souk
