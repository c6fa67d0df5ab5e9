#include "libs/messaging/event_log_service.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "libs/messaging/event_log_fixture.h"

namespace souk {
namespace {

using Catch::Matchers::Contains;
using event::v1::EventRecord;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;
using eventlog::v1::ReadStreamRequest;
using eventlog::v1::ReadStreamResponse;

using Answers = std::vector<ReadEventsResponse>;

constexpr char kOpened[] = "souk.testing.v1.CounterOpened";
constexpr char kAdded[] = "souk.testing.v1.CounterAdded";

std::vector<std::string> Text(const std::vector<EventRecord>& events) {
  std::vector<std::string> text;
  for (const EventRecord& event : events) text.push_back(event.ShortDebugString());
  return text;
}

std::vector<EventRecord> EventsOf(const StatusOr<Answers>& answers) {
  INFO(answers.status().ToString());
  REQUIRE(answers.ok());
  std::vector<EventRecord> events;
  for (const ReadEventsResponse& answer : *answers) {
    events.insert(events.end(), answer.events().begin(), answer.events().end());
  }
  return events;
}

template <typename Condition>
std::vector<EventRecord> Only(std::vector<EventRecord> events, Condition wanted) {
  std::erase_if(events, [&](const EventRecord& event) { return !wanted(event); });
  return events;
}

TEST_CASE("public events are read in order, from any position to the end") {
  EventLogWorld world;
  world.Count(3, 2);
  const std::vector<EventRecord> all = world.service().PublicEvents();
  for (std::uint64_t after = 0; after <= world.head(); ++after) {
    ReadEventsRequest request;
    request.set_after_position(after);
    const StatusOr<Answers> answers = world.Read(request);
    CHECK(Text(EventsOf(answers)) ==
          Text(Only(all, [&](const EventRecord& event) { return event.position() > after; })));
    CHECK(answers->back().checkpoint() == world.head());
    CHECK(answers->back().head() == world.head());
  }
}

TEST_CASE("an empty log has an end, too") {
  EventLogWorld world;
  const StatusOr<Answers> answers = world.Read({});
  CHECK(EventsOf(answers).empty());
  REQUIRE(answers->size() == 1);
  CHECK(answers->front().checkpoint() == 0);
}

TEST_CASE("stored events are the log as it is, for operators only") {
  EventLogWorld world;
  world.Count(2, 2);
  ReadEventsRequest request;
  request.set_view(ReadEventsRequest::VIEW_STORED);
  CHECK(Text(EventsOf(world.Read(request, kOperator))) == Text(world.Stored()));
  CHECK(absl::IsPermissionDenied(world.Read(request, kReader).status()));
  CHECK(absl::IsPermissionDenied(world.Read({}, "buyer/b").status()));
}

TEST_CASE("events may be chosen by type, and by what they are about") {
  EventLogWorld world;
  world.Count(3, 4);
  const std::vector<EventRecord> all = world.service().PublicEvents();

  ReadEventsRequest opened;
  opened.add_types(kOpened);
  const StatusOr<Answers> answers = world.Read(opened);
  const auto is_opening = [](const EventRecord& event) { return event.type() == kOpened; };
  CHECK(Text(EventsOf(answers)) == Text(Only(all, is_opening)));
  CHECK(answers->back().checkpoint() == world.head());  // Past what was filtered out.

  ReadEventsRequest of_one;
  of_one.set_aggregate("counter");
  of_one.set_aggregate_id("c1");
  of_one.add_types(kAdded);
  const auto is_of_one = [](const EventRecord& event) {
    return event.aggregate_id() == "c1" && event.type() == kAdded;
  };
  CHECK(Only(all, is_of_one).size() == 4);
  CHECK(Text(EventsOf(world.Read(of_one))) == Text(Only(all, is_of_one)));

  ReadEventsRequest of_none;
  of_none.set_aggregate("sundial");
  const StatusOr<Answers> none = world.Read(of_none);
  CHECK(EventsOf(none).empty());
  CHECK(none->back().checkpoint() == world.head());
}

TEST_CASE("a live stream goes on with what happens, each event once") {
  EventLogWorld world;
  world.Count(2, 1);
  ReadEventsRequest request;
  request.set_live(true);
  request.add_types(kAdded);
  rpc::Stream<ReadEventsResponse> stream = world.Open(request);
  std::vector<EventRecord> seen;
  for (int round = 1; round <= 3; ++round) {
    const std::size_t wanted = static_cast<std::size_t>(2 * round);
    while (seen.size() < wanted) {
      const auto answer = world.Run(stream.Read());
      REQUIRE(answer.ok());
      REQUIRE(answer->has_value());
      seen.insert(seen.end(), (*answer)->events().begin(), (*answer)->events().end());
    }
    CHECK(Text(seen) == Text(Only(world.service().PublicEvents(),
                                  [](const EventRecord& event) { return event.type() == kAdded; })));
    if (round < 3) world.Count(2, 1);
  }
}

TEST_CASE("a live stream lets go of the log when its reader has gone") {
  EventLogWorld world;
  world.Count(1, 1);
  ReadEventsRequest request;
  request.set_live(true);
  std::optional<rpc::Stream<ReadEventsResponse>> stream = world.Open(request);
  REQUIRE(world.Run(stream->Read()).ok());
  stream.reset();
  // Whoever waits for the end of the log would be told of this one.
  world.Count(1, 1);
  CHECK(EventsOf(world.Read({})).size() == world.service().PublicEvents().size());
}

TEST_CASE("messages are bounded, and the log is not read far ahead of who reads slowly") {
  EventLogWorld world;
  world.Count(4, 2400);
  const std::uint64_t old_head = world.head();
  REQUIRE(old_head > 9600);
  rpc::Stream<ReadEventsResponse> stream = world.Open({});
  REQUIRE(world.Run(stream.Read()).ok());
  world.Count(1, 1);
  // What is made from now on knows the new end; so little was made before.
  int made_before = 0, messages = 0;
  for (;;) {
    const auto answer = world.Run(stream.Read());
    REQUIRE(answer.ok());
    if (!answer->has_value()) break;
    ++messages;
    CHECK((*answer)->events_size() <= 512);
    if ((*answer)->head() == old_head) ++made_before;
  }
  CHECK(messages >= 18);
  CHECK(made_before < messages / 2);
}

TEST_CASE("a position beyond the end is refused, for the log is not the one that was read") {
  EventLogWorld world;
  world.Count(1, 1);
  ReadEventsRequest request;
  request.set_after_position(world.head() + 1);
  const Status status = world.Read(request).status();
  CHECK(absl::IsOutOfRange(status));
  CHECK(Reason(status) == "POSITION_BEYOND_END");
}

TEST_CASE("a reader of a log that was restored and went on otherwise is refused") {
  EventLogWorld read, restored;
  read.Count(3, 2);
  restored.Count(3, 1);
  restored.Count(2, 3);
  ReadEventsRequest request;
  const std::vector<ReadEventsResponse> answers = read.Read(request).value();
  request.set_after_position(answers.back().checkpoint());
  request.set_after_hash(answers.back().checkpoint_hash());
  CHECK(read.Read(request).ok());
  REQUIRE(restored.head() >= request.after_position());
  CHECK(Reason(restored.Read(request).status()) == "LOG_DIVERGED");
  request.set_after_hash("");
  CHECK(restored.Read(request).ok());
  request.set_after_hash("other");
  CHECK_THAT(std::string(restored.Read(request).status().message()), Contains("after_hash"));
}

TEST_CASE("what is not there is refused with the field that names it") {
  EventLogWorld world;
  ReadEventsRequest service, partition;
  service.set_service("basket");
  CHECK_THAT(std::string(world.Read(service).status().message()), Contains("service") && Contains("counter"));
  partition.set_partition(1);
  CHECK_THAT(std::string(world.Read(partition).status().message()), Contains("partition"));
}

TEST_CASE("each partition has a log of its own") {
  EventLogWorld world(2);
  world.Count(8, 2);
  std::size_t events = 0;
  for (std::uint32_t partition = 0; partition < 2; ++partition) {
    ReadEventsRequest request;
    request.set_partition(partition);
    const std::vector<EventRecord> of_partition = EventsOf(world.Read(request));
    CHECK(Text(of_partition) == Text(world.service().PublicEvents(partition)));
    CHECK(!of_partition.empty());
    events += of_partition.size();
  }
  CHECK(events == 8 * 3 + 1);  // An opening and two additions each, and one that is closed again.
}

TEST_CASE("a stream is the whole history of one thing, in whatever partition it is") {
  EventLogWorld world(2);
  world.Count(5, 3);
  for (const char* id : {"c0", "c1", "c2", "c3", "c4"}) {
    ReadStreamRequest request;
    request.set_aggregate("counter");
    request.set_aggregate_id(id);
    const StatusOr<ReadStreamResponse> response = world.Call<ReadStreamResponse>(request);
    REQUIRE(response.ok());
    REQUIRE(response->events_size() == 4);
    for (int i = 0; i < 4; ++i) {
      CHECK(response->events(i).aggregate_id() == id);
      CHECK(response->events(i).revision() == static_cast<std::uint64_t>(i + 1));
    }
    CHECK(absl::IsPermissionDenied(world.Call<ReadStreamResponse>(request, kReader).status()));
  }
  ReadStreamRequest request;
  request.set_aggregate("counter");
  CHECK(absl::IsInvalidArgument(world.Call<ReadStreamResponse>(request).status()));
  request.set_aggregate_id("nobody");
  CHECK(absl::IsNotFound(world.Call<ReadStreamResponse>(request).status()));
}

}  // namespace
}  // namespace souk
