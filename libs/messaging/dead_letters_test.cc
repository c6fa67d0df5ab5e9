// What becomes of events that were set aside: operators try them again, or drop them.
#include "libs/messaging/dead_letters.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/consumer_fixture.h"

namespace souk::consumer_world {
namespace {

TEST_CASE("dead letters are tried again in order, and free their aggregate") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Count(2);
  world.Settle();
  const StatusOr<Consumer::RetryOutcome> in_vain = world.Run(world.consumer().Retry("counter/c1"));
  REQUIRE(in_vain.ok());
  CHECK(in_vain->handled == 0);
  REQUIRE(in_vain->failed.has_value());
  CHECK(in_vain->failed->attempts() == kAttemptsMax + 1);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 3);

  world.handle = [](const EventRecord&) { return OkStatus(); };
  const StatusOr<Consumer::RetryOutcome> outcome = world.Run(world.consumer().Retry("counter/c1"));
  REQUIRE(outcome.ok());
  CHECK(outcome->handled == 3);
  CHECK_FALSE(outcome->failed.has_value());
  CHECK(world.consumer().dead_letters() == 0);
  world.Count(2);
  world.Settle();
  CHECK(world.HandledPositions("c1") == world.PublicPositions("c1"));
  world.KillConsumer();
  world.StartConsumer();
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
}

TEST_CASE("a dead letter that is skipped never has an effect; those behind it wait for a retry") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  std::vector<std::uint64_t> positions = world.PublicPositions("c1");
  world.Do(world.consumer().Skip({.position = positions[0]}));
  CHECK(absl::IsNotFound(world.Run(world.consumer().Skip({.position = positions[0]}))));
  CHECK(world.consumer().letters().CountOf("counter/c1") == 1);
  world.handle = [](const EventRecord&) { return OkStatus(); };
  REQUIRE(world.Run(world.consumer().Retry("counter/c1")).ok());
  positions.erase(positions.begin());
  CHECK(world.HandledPositions("c1") == positions);
}

TEST_CASE("operators see dead letters page by page, and act on them by name") {
  using namespace eventlog::v1;  // NOLINT: requests and responses of one service.
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  for (int i = 0; i < 4; ++i) world.Count(2);
  world.Settle();
  DeadLetterService service;
  service.Add("reader", {&world.consumer()});
  ListDeadLettersRequest list;
  list.set_service("reader");
  list.set_page_size(2);
  std::vector<std::uint64_t> positions;
  do {
    const StatusOr<ListDeadLettersResponse> page = world.Run(service.ListDeadLetters({}, list));
    REQUIRE(page.ok());
    CHECK(page->total_size() == 5);
    for (const DeadLetter& letter : page->dead_letters()) {
      CHECK(letter.event().payload().empty());
      positions.push_back(letter.event().position());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  CHECK(positions == world.PublicPositions("c1"));

  GetDeadLetterRequest get;
  get.mutable_name()->set_service("reader");
  get.mutable_name()->set_source("counter");
  get.mutable_name()->set_position(positions[1]);
  const StatusOr<GetDeadLetterResponse> found = world.Run(service.GetDeadLetter({}, get));
  REQUIRE(found.ok());
  CHECK(found->waiting() == 3);
  CHECK(found->dead_letter().reason() == "EARLIER_EVENT");
  CHECK_FALSE(found->dead_letter().event().payload().empty());

  SkipDeadLetterRequest skip;
  *skip.mutable_name() = get.name();
  CHECK(world.Run(service.SkipDeadLetter({}, skip))->left() == 4);
  CHECK(absl::IsNotFound(world.Run(service.SkipDeadLetter({}, skip)).status()));
  RetryDeadLettersRequest retry;
  *retry.mutable_name() = get.name();
  retry.mutable_name()->set_position(positions[0]);
  CHECK(world.Run(service.RetryDeadLetters({}, retry))->has_failed());
  world.handle = [](const EventRecord&) { return OkStatus(); };
  const StatusOr<RetryDeadLettersResponse> retried = world.Run(service.RetryDeadLetters({}, retry));
  REQUIRE(retried.ok());
  CHECK(retried->handled() == 4);
  CHECK(retried->left() == 0);
}

}  // namespace
}  // namespace souk::consumer_world
