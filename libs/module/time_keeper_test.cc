#include "libs/module/time_keeper.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/storage/temporary_folder.h"
#include "libs/testing/counter.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using testing::Counter;
using testing::CounterId;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'000'000);

class CounterModule final : public Module {
 public:
  explicit CounterModule(testing::CounterService& service) : service_(service) {}
  Engine& engine() override { return service_.engine(); }
  void AddTo(rpc::Router&) override {}

 private:
  testing::CounterService& service_;
};

// A process with counters, which close themselves after an idle day, under a clock that a
// keeper moves.
class World {
 public:
  explicit World(bool manual = true) : keeper_(clock_, manual ? &clock_ : nullptr, clock_file(), process_) {
    service_.engine().OnEffect<Counter>("idle", [this](Effect effect) { return Close(std::move(effect)); });
    keeper_.Watch(module_, [this](std::uint32_t partition) -> std::optional<std::uint64_t> {
      return service_.engine().partition(partition).head();
    });
    REQUIRE(Run(service_.Start()).ok());
    service_.engine().StartEffects();
    REQUIRE(Run(service_.Count(3, 1)).ok());
  }

  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }

  // When each counter was closed, by the business clock.
  std::vector<absl::Time> closed;
  TimeKeeper& keeper() { return keeper_; }
  absl::Time now() const { return clock_.Now(); }
  std::string clock_file() const { return folder_.path() + "/clock"; }

 private:
  Task<Status> Close(Effect effect) {
    closed.push_back(clock_.Now());
    co_await Try(service_.engine().Execute<Counter>(CounterId::Of(effect.aggregate_id),
                                                    testing::Close{.reason = "idle"}, effect.Metadata()));
    co_return OkStatus();
  }

  const TemporaryFolder folder_;
  SimScheduler scheduler_{3};
  SimProcess process_{scheduler_};
  ManualClock clock_{kStart};
  MemoryStore store_;
  testing::CounterService service_{"counter", process_, clock_, store_};
  CounterModule module_{service_};
  TimeKeeper keeper_;
};

TEST_CASE("timers on the way fire at their time, not at the end of the way") {
  World world;
  CHECK(world.keeper().NextDue() == kStart + absl::Hours(24));
  const auto stops = world.Run(world.keeper().AdvanceTo(kStart + absl::Hours(72), absl::InfiniteFuture()));
  CHECK(stops.value() == 1);
  CHECK(world.closed == std::vector<absl::Time>(3, kStart + absl::Hours(24)));
  CHECK(world.now() == kStart + absl::Hours(72));
  CHECK(world.keeper().NextDue() == absl::InfiniteFuture());
}

TEST_CASE("before a timer's time nothing happens") {
  World world;
  const auto stops = world.Run(world.keeper().AdvanceTo(kStart + absl::Hours(23), absl::InfiniteFuture()));
  CHECK(stops.value() == 0);
  CHECK(world.closed.empty());
}

TEST_CASE("the way to idleness ends at the last timer, or at its limit") {
  World world;
  const absl::Time deadline = absl::InfiniteFuture();
  CHECK(world.Run(world.keeper().AdvanceUntilIdle(kStart + absl::Hours(1), deadline)).value() == 0);
  CHECK(world.now() == kStart);
  CHECK(world.Run(world.keeper().AdvanceUntilIdle(absl::InfiniteFuture(), deadline)).value() == 1);
  CHECK(world.now() == kStart + absl::Hours(24));
}

TEST_CASE("the clock never goes back") {
  World world;
  CHECK(world.Run(world.keeper().AdvanceTo(kStart - absl::Hours(1), absl::InfiniteFuture())).ok());
  CHECK(world.now() == kStart);
}

TEST_CASE("the time is kept between runs") {
  World world;
  CHECK(TimeKeeper::ReadClockFile(world.clock_file(), kStart) == kStart);  // There is none yet.
  REQUIRE(world.Run(world.keeper().AdvanceTo(kStart + absl::Hours(5), absl::InfiniteFuture())).ok());
  CHECK(TimeKeeper::ReadClockFile(world.clock_file(), kStart) == kStart + absl::Hours(5));
  std::ofstream(world.clock_file()) << "half past nine";
  CHECK(TimeKeeper::ReadClockFile(world.clock_file(), kStart) == kStart);
}

TEST_CASE("a process that cannot keep the time says so, and must end") {
  World world;
  CHECK(world.keeper().health().ok());
  REQUIRE(std::filesystem::create_directory(world.clock_file() + ".new"));
  const Status status =
      world.Run(world.keeper().AdvanceTo(kStart + absl::Hours(5), absl::InfiniteFuture())).status();
  CHECK(absl::IsUnavailable(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(world.clock_file()));
  CHECK(absl::IsInternal(world.keeper().health()));
}

TEST_CASE("a process on real time cannot be moved") {
  World world(/*manual=*/false);
  const auto stops = world.Run(world.keeper().AdvanceTo(kStart + absl::Hours(72), absl::InfiniteFuture()));
  CHECK(absl::IsFailedPrecondition(stops.status()));
  CHECK(world.closed.empty());
}

TEST_CASE("what there is to do is told to the other processes of the store") {
  World world;
  const admin::v1::GetRestResponse rest = world.keeper().Rest();
  CHECK(rest.manual());
  CHECK(rest.next_due_time().seconds() == 1'000'000 + 24 * 3600);
  REQUIRE(rest.logs_size() == 1);
  CHECK(rest.logs(0).service() == "counter");
  CHECK(rest.logs(0).last_position() == rest.logs(0).head());
}

}  // namespace
}  // namespace souk
