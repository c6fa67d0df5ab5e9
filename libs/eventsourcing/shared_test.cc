// States that readers have in common with the engine.
#include "libs/eventsourcing/shared.h"

#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "libs/eventsourcing/engine.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/run_to_end.h"
#include "libs/testing/spec.h"

namespace souk {
namespace {

using testing::Add;
using testing::Counter;
using testing::CounterId;
using testing::Open;
using State = Counter::State;

struct World {
  explicit World(bool writer_elsewhere)
      : engine({.service = "test", .new_incarnation = "i-1"}, process, clock, store,
               writer_elsewhere ? [this](std::uint32_t) -> Scheduler& { return writer; }
                                : std::function<Scheduler&(std::uint32_t)>()) {
    engine.Register<Counter>();
    REQUIRE(testing::RunToEnd(scheduler, engine.Start()).ok());
  }

  template <typename Command>
  Shared<State> Execute(Command command) {
    return testing::RunToEnd(scheduler,
                             engine.Execute<Counter>(CounterId::Of("c-1"), command, CommandMetadata()))
        .value();
  }
  Shared<State> Read() { return engine.Read<Counter>(CounterId::Of("c-1")).value(); }

  SimScheduler scheduler{1};
  SimProcess process{scheduler};
  SimProcess writer{scheduler};
  ManualClock clock{testing::Noon()};
  MemoryStore store;
  Engine engine;
};

TEST_CASE("a state stays as it was when it was read, whatever happens next") {
  World world(GENERATE(false, true));
  const Shared<State> opened = world.Execute(Open{"ann"});
  const Shared<State> read = world.Read();
  const Shared<State> added = world.Execute(Add{5});
  world.Execute(Add{2});
  CHECK(opened->value() == 0);
  CHECK(read->value() == 0);
  CHECK(added->value() == 5);
  CHECK(world.Read()->value() == 7);
}

TEST_CASE("a state that nothing happened to is not copied for its readers") {
  World world(/*writer_elsewhere=*/false);
  const Shared<State> added = world.Execute(Open{"ann"});
  CHECK(&*world.Read() == &*added);
  CHECK(&*world.Read() == &*added);
}

TEST_CASE("a state that nobody has any more is changed, not copied") {
  World world(/*writer_elsewhere=*/false);
  const State* const before = &*world.Execute(Open{"ann"});
  CHECK(&*world.Execute(Add{5}) == before);
}

TEST_CASE("a state that was given back early is changed, not copied") {
  World world(/*writer_elsewhere=*/false);
  Shared<State> opened = world.Execute(Open{"ann"});
  const State* const before = &*opened;
  opened.Release();
  CHECK(&*world.Execute(Add{5}) == before);
}

TEST_CASE("a writer elsewhere works on states of its own") {
  World world(/*writer_elsewhere=*/true);
  const Shared<State> opened = world.Execute(Open{"ann"});
  CHECK(&*world.Read() != &*opened);
  CHECK(world.Read()->owner() == "ann");
}

}  // namespace
}  // namespace souk
