#include "libs/messaging/consumer.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/consumer_fixture.h"

namespace souk::consumer_world {
namespace {

TEST_CASE("a source that is away is asked less and less often, and at once when it answers") {
  World world;
  world.UseSourceThatGoesAway();
  world.SetAway(true);
  world.StartConsumer();
  world.Advance(absl::Minutes(1));
  CHECK(world.opened > 30);
  CHECK(world.opened < 40);  // Every 2 s in the end.
  CHECK(absl::IsUnavailable(world.consumer().problem(0)));
  world.SetAway(false);
  world.Count(1);
  world.Settle();
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.consumer().problem(0).ok());
}

TEST_CASE("a quiet source whose streams break off is opened again at once each time, and is no problem") {
  World world;
  world.UseSourceThatGoesAway();
  world.SetBreaksOff();
  world.StartConsumer();
  world.Advance(absl::Minutes(1));
  CHECK(world.opened > 1000);  // Every 50 ms.
  CHECK(world.consumer().problem(0).ok());
}

TEST_CASE("nothing is taken from a log that is not the one that was read") {
  World world;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.RestoreSource();
  const int attempts = world.attempts;
  world.StartConsumer();
  world.Advance(absl::Minutes(1));
  CHECK(world.attempts == attempts);
  CHECK(Reason(world.consumer().problem(0)) == "LOG_DIVERGED");
}

TEST_CASE("a checkpoint is not written for every event that nobody listens to") {
  World world;
  world.listens_to_what_is_private = true;
  world.StartConsumer();
  for (int i = 0; i < 20; ++i) world.Count(1);
  world.Settle();
  CHECK(world.consumer().checkpoints()[0] > 0);
  CHECK(world.SavedCheckpoint() == 0);

  for (int i = 0; i < 100; ++i) world.Count(1);
  world.Settle();
  CHECK(world.SavedCheckpoint() > 0);
  CHECK(world.attempts == 0);
}

TEST_CASE("an event that fails again and again is set aside, with what follows it") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(3);
  world.Settle();
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.HandledPositions("c2") == world.PublicPositions("c2"));
  CHECK(world.HandledPositions("c1").empty());
  const auto& letters = world.consumer().letters();
  REQUIRE(letters.entries().size() == world.PublicPositions("c1").size());
  CHECK(letters.CountByReason() ==
        std::map<std::string, std::uint64_t>{{"EARLIER_EVENT", 1}, {"NO_ONES", 1}});
  const auto first = *letters.Read({.position = world.PublicPositions("c1")[0]});
  REQUIRE(first.has_value());
  CHECK(first->attempts() == kAttemptsMax);
  CHECK(first->cause().find("not this one") != std::string::npos);
  // What follows later is not tried either, though it would succeed; the others go on.
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.Count(3);
  world.Settle();
  CHECK(world.HandledPositions("c1").empty());
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(letters.CountOf("counter/c1") == world.PublicPositions("c1").size());
}

TEST_CASE("a new process finds what was set aside, and tries none of it") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.attempts = 0;
  world.StartConsumer();
  world.Settle();
  CHECK(world.attempts == 0);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 2);
  CHECK(world.consumer().letters().Holds("counter/c1"));
  CHECK_FALSE(world.consumer().letters().Holds("counter/c0"));
}

TEST_CASE("failures that pass do not count, and nothing more is taken from the feed meanwhile") {
  World world;
  world.handle = [](const EventRecord&) {
    return absl::ResourceExhaustedError("the queue of the partition is full");
  };
  world.StartConsumer();
  world.Count(2);
  world.RunUntil([&world] { return world.attempts >= 50; });
  const int asked = world.asked;
  for (int i = 0; i < 5; ++i) world.Count(2);
  world.RunUntil([&world] { return world.attempts >= 100; });
  CHECK(world.asked == asked);
  CHECK(world.consumer().dead_letters() == 0);
  // Neither do they over a restart.
  world.KillConsumer();
  world.StartConsumer();
  world.RunUntil([&world] { return world.attempts >= 120; });
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.HandledPositions("c1") == world.PublicPositions("c1"));
}

TEST_CASE("an event that ends the process again and again is set aside, and no other one") {
  World world;
  bool ended = false;
  world.handle = [&ended](const EventRecord& event) -> std::optional<Status> {
    if (!IsOf(event, "c1")) return OkStatus();
    ended = true;
    return std::nullopt;
  };
  world.Count(4);
  int starts = 0;
  world.StartConsumer();
  // The first time nobody knows which event of the batch it was; then each start counts.
  while (++starts <= static_cast<int>(kAttemptsMax) + 1) {
    world.RunUntil([&ended] { return ended; });
    ended = false;
    world.KillConsumer();
    world.StartConsumer();
  }
  world.Settle();
  CHECK_FALSE(ended);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 2);
  CHECK(world.consumer().dead_letters() == 2);
  CHECK(world.consumer().letters().CountByReason().at("PROCESS_ENDED") == 1);
  for (const char* const counter : {"c0", "c2", "c3"}) CHECK_FALSE(world.HandledPositions(counter).empty());
}

TEST_CASE("failures are counted over restarts") {
  World world;
  std::uint32_t refused = 0;
  world.handle = [&refused](const EventRecord& event) {
    if (IsOf(event, "c1")) ++refused;
    return RefuseC1(event);
  };
  world.Count(2);
  world.StartConsumer();
  for (std::uint32_t i = 1; i < kAttemptsMax; ++i) {
    world.RunUntil([&refused, i] { return refused == i; });
    world.KillConsumer();
    world.StartConsumer();
  }
  world.Settle();
  const auto& letters = world.consumer().letters();
  REQUIRE(letters.FirstOf("counter/c1").has_value());
  CHECK((*letters.Read(*letters.FirstOf("counter/c1")))->attempts() == kAttemptsMax);
  CHECK(refused == kAttemptsMax);
}

// -- Versions --

constexpr bool kOlder = true;

TEST_CASE("an event that an older version does not know waits for the newer one, and what follows it, too") {
  World world;
  world.StartConsumer();
  world.Count(1);
  world.Settle();
  world.KillConsumer();

  world.StartConsumer(kOlder);
  world.Count(2);  // c0 is added to, c1 is opened and added to.
  world.Settle();
  CHECK(world.HandledPositions("c0").size() == world.PublicPositions("c0").size() - 1);
  CHECK(world.HandledPositions("c1").size() == 1);
  CHECK(world.consumer().letters().CountByReason().at("UNKNOWN_EVENT") == 2);
  CHECK(world.consumer().dead_letters() == 2);
  world.KillConsumer();

  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.RunUntil([&] { return world.consumer().Drained() && world.consumer().dead_letters() == 0; });
  for (const char* const counter : {"c0", "c1"}) {
    CHECK(world.HandledPositions(counter) == world.PublicPositions(counter));
  }
}

TEST_CASE(
    "an older version that ends and comes again loses nothing, nor does a newer one that ends amid it") {
  World world;
  world.StartConsumer();
  world.Count(1);
  world.Settle();
  for (int times = 0; times < 2; ++times) {
    world.KillConsumer();
    world.StartConsumer(kOlder);
    world.Count(1);
    world.Settle();
  }
  world.KillConsumer();
  world.handle = [](const EventRecord&) { return Unavailable("not now"); };
  world.StartConsumer();
  world.Advance(absl::Seconds(3));
  CHECK(world.consumer().dead_letters() == 2);
  CHECK_FALSE(world.consumer().Drained());
  world.KillConsumer();
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.StartConsumer();
  world.Settle();
  world.RunUntil([&] { return world.consumer().dead_letters() == 0; });
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
}

TEST_CASE("an event that no version has ever asked for is passed by") {
  World world;
  world.StartConsumer(kOlder);
  world.Count(2);
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
}

TEST_CASE("a newer version that refuses what it takes up leaves it to the operator") {
  World world;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.StartConsumer(kOlder);
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.handle = RefuseC1;
  world.StartConsumer();
  world.RunUntil([&] { return !world.consumer().checkpoints().empty() && world.consumer().Drained(); });
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.consumer().letters().CountByReason().at("NO_ONES") == 1);
}

}  // namespace
}  // namespace souk::consumer_world
