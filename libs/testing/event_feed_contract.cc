#include "libs/testing/event_feed_contract.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::testing {

using event::v1::EventRecord;

namespace {

using Events = std::vector<EventRecord>;

void Must(const Status& status) {
  INFO(status.ToString());
  REQUIRE(status.ok());
}

std::vector<std::string> Text(const Events& events) {
  std::vector<std::string> text;
  for (const EventRecord& event : events) text.push_back(event.ShortDebugString());
  return text;
}

// Reads until the feed has come to the last of `count` events. Takes over where it fails, and
// checks that it goes forward only.
Task<Events> Read(FeedWorld& world, std::uint32_t partition, std::size_t count, FeedPosition* after,
                  std::vector<std::string> types = {}) {
  Events events;
  while (events.size() < count) {
    const std::unique_ptr<EventFeed> feed = world.source().Open(partition, *after, types);
    while (events.size() < count) {
      StatusOr<FeedBatch> batch = co_await feed->Next();
      if (absl::IsUnavailable(batch.status())) break;
      Must(batch.status());
      CHECK(batch->checkpoint.position >= after->position);
      CHECK(batch->checkpoint.position <= world.service().engine().partition(partition).head());
      for (EventRecord& event : batch->events) {
        CHECK(event.position() > after->position);
        CHECK(event.position() <= batch->checkpoint.position);
        events.push_back(std::move(event));
      }
      *after = std::move(batch->checkpoint);
    }
  }
  co_return events;
}

Task<> TellsEverythingInOrder(FeedWorld& world) {
  Must(co_await world.service().Count(5, 3));
  StatusOr<std::uint32_t> partitions = co_await world.source().Partitions();
  Must(partitions.status());
  REQUIRE(*partitions == 2);
  std::vector<FeedPosition> after(2);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::size_t> seen(2);
    for (std::uint32_t i = 0; i < 2; ++i) {
      const Events expected = world.service().PublicEvents(i);
      const std::uint64_t begin = after[i].position;
      Events missing;
      for (const EventRecord& event : expected) {
        if (event.position() > begin) missing.push_back(event);
      }
      REQUIRE(!missing.empty());
      CHECK(Text(co_await Read(world, i, missing.size(), &after[i])) == Text(missing));
    }
    Must(co_await world.service().Count(7, 2));
  }
}

Task<> GoesOnWithWhatHappens(FeedWorld& world) {
  FeedPosition after;
  Events events;
  const auto follow = [](FeedWorld& of, FeedPosition* from, Events* into) -> Task<> {
    *into = co_await Read(of, 0, 4, from);
  };
  TaskScope reader;
  reader.Spawn(follow(world, &after, &events));
  while (world.service().PublicEvents(0).size() < 4) Must(co_await world.service().Count(3, 1));
  while (reader.running() > 0) co_await Sleep(world.service().engine().scheduler(), absl::Milliseconds(1));
  Events expected = world.service().PublicEvents(0);
  events.resize(4);
  expected.resize(4);
  CHECK(Text(events) == Text(expected));
}

Task<> ResumesAnywhere(FeedWorld& world) {
  Must(co_await world.service().Count(4, 4));
  const Events expected = world.service().PublicEvents(0);
  for (const bool with_token : {true, false}) {
    FeedPosition after;
    Events events;
    while (events.size() < expected.size()) {
      if (!with_token) after.resume_token.clear();
      const std::unique_ptr<EventFeed> feed = world.source().Open(0, after, {});
      StatusOr<FeedBatch> batch = co_await feed->Next();
      if (absl::IsUnavailable(batch.status())) continue;
      Must(batch.status());
      // As if whoever reads had stopped after the first event.
      if (!with_token && !batch->events.empty()) {
        batch->events.resize(1);
        batch->checkpoint.position = batch->events[0].position();
      }
      for (EventRecord& event : batch->events) events.push_back(std::move(event));
      after = std::move(batch->checkpoint);
    }
    CHECK(Text(events) == Text(expected));
  }
}

Task<> TellsOnlyWhatIsAskedFor(FeedWorld& world) {
  Must(co_await world.service().Count(6, 2));
  Events expected;
  for (EventRecord& event : world.service().PublicEvents(0)) {
    if (event.type() == "souk.testing.v1.CounterOpened") expected.push_back(std::move(event));
  }
  FeedPosition after;
  CHECK(Text(co_await Read(world, 0, expected.size(), &after, {"souk.testing.v1.CounterOpened"})) ==
        Text(expected));
}

Task<> SurvivesDisturbance(FeedWorld& world) {
  FeedPosition after;
  Must(co_await world.service().Count(5, 2));
  Events events = co_await Read(world, 0, world.service().PublicEvents(0).size(), &after);
  const std::unique_ptr<EventFeed> waiting = world.source().Open(0, after, {});
  Must(co_await world.service().Count(5, 2));
  co_await world.Disturb();
  Must(co_await world.service().Count(5, 2));
  const std::size_t count = world.service().PublicEvents(0).size() - events.size();
  for (EventRecord& event : co_await Read(world, 0, count, &after)) events.push_back(std::move(event));
  CHECK(Text(events) == Text(world.service().PublicEvents(0)));
}

}  // namespace

void CheckEventFeedContract(FeedWorld& world) {
  SECTION("a feed tells all public events of its partition, once and in order") {
    world.Run(TellsEverythingInOrder(world));
  }
  SECTION("a feed goes on with what happens") { world.Run(GoesOnWithWhatHappens(world)); }
  SECTION("a feed resumes after any event, with and without its token") { world.Run(ResumesAnywhere(world)); }
  SECTION("a feed tells only the types that are asked for") { world.Run(TellsOnlyWhatIsAskedFor(world)); }
  SECTION("nothing is missing or repeated when connections break") { world.Run(SurvivesDisturbance(world)); }
}

}  // namespace souk::testing
