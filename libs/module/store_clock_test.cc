#include "libs/module/store_clock.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "libs/module/store_clock_fixture.h"

namespace souk {
namespace {

constexpr absl::Time kNoDeadline = absl::InfiniteFuture();

std::vector<absl::Time> Days(int first, int last) {
  std::vector<absl::Time> days;
  for (int day = first; day <= last; ++day) days.push_back(kStart + day * kDay);
  return days;
}

TEST_CASE("timers of all processes fire at their time, whichever is asked to move the clocks") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");
  world.Start();
  REQUIRE(world.Run(a.Open("c")).ok());
  REQUIRE(world.Run(a.clock().AdvanceTo(kStart + absl::Hours(5), kNoDeadline)).value() == 0);
  REQUIRE(world.Run(b.Open("c")).ok());
  CHECK(world.Run(a.clock().NextDue(kNoDeadline)).value() == kStart + kDay);
  CHECK(world.Run(b.clock().NextDue(kNoDeadline)).value() == kStart + kDay);
  CHECK(world.Run(b.clock().AdvanceTo(kStart + 3 * kDay, kNoDeadline)).value() == 2);
  CHECK(a.closed == std::vector<absl::Time>{kStart + kDay});
  CHECK(b.closed == std::vector<absl::Time>{kStart + kDay + absl::Hours(5)});
  for (StoreProcess* const process : {&a, &b}) {
    CHECK(process->now() == kStart + 3 * kDay);
    CHECK(TimeKeeper::ReadClockFile(process->clock_file(), kStart) == kStart + 3 * kDay);
  }
}

TEST_CASE("nobody acts at a new time while a clock still has the old one") {
  StoreWorld world;
  std::vector<StoreProcess*> processes;
  for (const char* const name : {"a", "b", "c"}) processes.push_back(&world.Add(name));
  world.Start();
  for (StoreProcess* const process : processes) {
    process->goes_on = true;
    REQUIRE(world.Run(process->Open("c")).ok());
  }
  CHECK(world.Run(processes[1]->clock().AdvanceTo(kStart + 20 * kDay, kNoDeadline)).value() == 20);
  for (const StoreProcess* const process : processes) CHECK(process->closed == Days(1, 20));
}

TEST_CASE("no time passes while an event is on its way from one process to another") {
  StoreWorld world;
  StoreProcess& source = world.Add("a");
  StoreProcess& listener = world.Add("b");
  listener.ListensTo(source);
  source.goes_on = true;
  world.Start();
  REQUIRE(world.Run(source.Open("c")).ok());
  REQUIRE(world.Run(source.clock().AdvanceTo(kStart + 20 * kDay, kNoDeadline)).ok());
  CHECK(listener.heard == Days(0, 20));
}

TEST_CASE("a store is settled when everything has arrived") {
  StoreWorld world;
  StoreProcess& source = world.Add("a");
  StoreProcess& listener = world.Add("b");
  listener.ListensTo(source);
  world.Start();
  for (std::size_t i = 1; i <= 20; ++i) {
    REQUIRE(world.Run(source.Open("c" + std::to_string(i))).ok());
    REQUIRE(world.Run(source.clock().Settle(kNoDeadline)).ok());
    CHECK(listener.heard.size() == i);
  }
}

TEST_CASE("the way of a store to idleness ends at the last timer of all, or at its limit") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");
  world.Start();
  REQUIRE(world.Run(b.Open("c")).ok());
  CHECK(world.Run(a.clock().AdvanceUntilIdle(kStart + absl::Hours(1), kNoDeadline)).value() == 0);
  CHECK(b.now() == kStart);
  CHECK(world.Run(a.clock().AdvanceUntilIdle(absl::InfiniteFuture(), kNoDeadline)).value() == 1);
  CHECK(a.now() == kStart + kDay);
  CHECK(b.now() == kStart + kDay);
  CHECK(world.Run(a.clock().NextDue(kNoDeadline)).value() == absl::InfiniteFuture());
}

TEST_CASE("a process that was started later is brought to the time of the others first") {
  StoreWorld world;
  StoreProcess& a = world.Add("a", kStart + 7 * kDay);
  StoreProcess& late = world.Add("b", kStart);
  late.goes_on = true;
  world.Start();
  REQUIRE(world.Run(a.clock().AdvanceTo(kStart, kNoDeadline)).ok());
  CHECK(a.now() == kStart + 7 * kDay);
  CHECK(late.now() == kStart + 7 * kDay);
  CHECK(late.closed.empty());
}

TEST_CASE("a process that cannot be reached is waited for") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");
  world.Start();
  REQUIRE(world.Run(b.Open("c")).ok());
  world.Cut(a, b);
  CHECK(absl::IsUnavailable(world.Run(a.clock().NextDue(kNoDeadline)).status()));
  world.scheduler().PostAt(world.In(absl::Seconds(40)), [&world] { world.RestoreAll(); });
  CHECK(world.Run(a.clock().AdvanceTo(kStart + 2 * kDay, world.In(absl::Minutes(5)))).value() == 1);
  CHECK(b.closed == Days(1, 1));
  CHECK(b.now() == kStart + 2 * kDay);
}

TEST_CASE("clocks go on moving when a process was away for a moment, whenever that was") {
  for (absl::Duration after; after < absl::Milliseconds(1500); after += absl::Milliseconds(50)) {
    INFO("away after " << absl::FormatDuration(after));
    StoreWorld world;
    StoreProcess& a = world.Add("a");
    StoreProcess& b = world.Add("b");
    world.Start();
    for (StoreProcess* const process : {&a, &b}) REQUIRE(world.Run(process->Open("c")).ok());
    world.scheduler().PostAt(world.In(after), [&world, &a, &b] { world.Cut(a, b); });
    world.scheduler().PostAt(world.In(after + absl::Seconds(7)), [&world] { world.RestoreAll(); });
    CHECK(world.Run(a.clock().AdvanceTo(kStart + 2 * kDay, world.In(absl::Minutes(5)))).value() == 1);
    CHECK(a.closed == Days(1, 1));
    CHECK(b.closed == Days(1, 1));
    CHECK(b.now() == kStart + 2 * kDay);
  }
}

TEST_CASE("a process that stays away is named at the deadline, and no clock has moved") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");
  StoreProcess& c = world.Add("c");
  world.Start();
  world.Cut(a, c);
  const Status status = world.Run(a.clock().AdvanceTo(kStart + kDay, world.In(absl::Minutes(1)))).status();
  CHECK(absl::IsDeadlineExceeded(status));
  CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains("c cannot be asked"));
  for (const StoreProcess* const process : {&a, &b, &c}) CHECK(process->now() == kStart);
}

// Three processes with a timer each, of which the first loses the others so long after it has
// begun to move all clocks by two days.
class BrokenMove {
 public:
  explicit BrokenMove(absl::Duration after) {
    world.Start();
    for (StoreProcess* const process : all) REQUIRE(world.Run(process->Open("c")).ok());
    world.scheduler().PostAt(world.In(after), [this] {
      world.Cut(a, b);
      world.Cut(a, c);
    });
    static_cast<void>(world.Run(a.clock().AdvanceTo(kStart + 2 * kDay, world.In(absl::Seconds(10)))));
    for (const StoreProcess* const process : all) {
      moved += process->now() > kStart;
      went_on += !process->closed.empty();
    }
    world.RestoreAll();
  }

  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");
  StoreProcess& c = world.Add("c");
  const std::vector<StoreProcess*> all = {&a, &b, &c};
  // How many had moved, and had done what was due then.
  int moved = 0;
  int went_on = 0;
};

TEST_CASE("a move that broke off is brought to its end by the next one, whatever it had done") {
  bool some_had_moved = false, all_had_moved = false, some_went_on = false;
  for (absl::Duration after; after < absl::Milliseconds(1500); after += absl::Milliseconds(25)) {
    INFO("cut off after " << absl::FormatDuration(after));
    BrokenMove move(after);
    some_had_moved = some_had_moved || (move.moved > 0 && move.moved < 3);
    all_had_moved = all_had_moved || (move.moved == 3 && move.went_on == 0);
    some_went_on = some_went_on || (move.went_on > 0 && move.went_on < 3);
    const absl::Time deadline = move.world.In(absl::Minutes(10));
    CHECK(move.world.Run(move.b.clock().AdvanceTo(kStart + 2 * kDay, deadline)).ok());
    for (const StoreProcess* const process : move.all) {
      CHECK(process->closed == Days(1, 1));
      CHECK(process->now() == kStart + 2 * kDay);
    }
  }
  CHECK(some_had_moved);
  CHECK(all_had_moved);
  CHECK(some_went_on);
}

TEST_CASE("a store settles though a move broke off") {
  for (absl::Duration after; after < absl::Milliseconds(1500); after += absl::Milliseconds(25)) {
    INFO("cut off after " << absl::FormatDuration(after));
    BrokenMove move(after);
    CHECK(move.world.Run(move.b.clock().Settle(move.world.In(absl::Minutes(10)))).ok());
    if (move.moved > 0) CHECK(move.c.closed == Days(1, 1));
  }
}

TEST_CASE("a store in which a process runs on real time cannot be moved") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b", kStart, /*manual=*/false);
  StoreProcess& c = world.Add("c");
  world.Start();
  const Status status = world.Run(a.clock().AdvanceTo(kStart + kDay, kNoDeadline)).status();
  CHECK(absl::IsFailedPrecondition(status));
  for (const StoreProcess* const process : {&a, &b, &c}) CHECK(process->now() == kStart);
}

TEST_CASE("a process without others moves its clock alone") {
  StoreWorld world;
  StoreProcess& a = world.Add("a");
  world.Start();
  REQUIRE(world.Run(a.Open("c")).ok());
  CHECK(world.Run(a.clock().NextDue(kNoDeadline)).value() == kStart + kDay);
  CHECK(world.Run(a.clock().AdvanceTo(kStart + absl::Hours(1), kNoDeadline)).value() == 0);
  CHECK(world.Run(a.clock().Settle(kNoDeadline)).ok());
  CHECK(world.Run(a.clock().AdvanceUntilIdle(kStart + 9 * kDay, kNoDeadline)).value() == 1);
  CHECK(a.closed == Days(1, 1));
  CHECK(a.now() == kStart + kDay);
}

}  // namespace
}  // namespace souk
