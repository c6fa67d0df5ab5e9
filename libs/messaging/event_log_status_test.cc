// What the event log's service tells an operator: how far everything is, and whether it is sound.
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "libs/eventstore/keys.h"
#include "libs/messaging/event_log_fixture.h"
#include "souk/testing/v1/counter_events.pb.h"

namespace souk {
namespace {

using Catch::Matchers::Contains;
using event::v1::EventRecord;
using eventlog::v1::GetStateHashRequest;
using eventlog::v1::GetStateHashResponse;
using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::VerifyLogRequest;
using eventlog::v1::VerifyLogResponse;

Task<Status> Take(bool fails) {
  if (fails) co_return absl::FailedPreconditionError("it does not like this one");
  co_return OkStatus();
}

TEST_CASE("the status tells how far the log and its consumers are, and what was set aside") {
  EventLogWorld world;
  world.Count(3, 2);
  world.subscription().On<testing::v1::CounterAdded>([](Delivery delivery, testing::v1::CounterAdded) {
    return Take(delivery.event->aggregate_id() == "c1");
  });
  world.consumer().Start();
  world.RunUntil([&] {
    return !world.consumer().checkpoints().empty() && world.consumer().checkpoints()[0] == world.head();
  });

  const StatusOr<GetStatusResponse> response = world.Call<GetStatusResponse>(GetStatusRequest(), kReader);
  REQUIRE(response.ok());
  REQUIRE(response->partitions_size() == 1);
  const eventlog::v1::PartitionStatus& status = response->partitions(0);
  CHECK(status.service() == "counter");
  CHECK(status.head() == world.head());
  CHECK(status.record_time().seconds() == 1'000'000);
  CHECK(status.commands() == 3 + 6 + 2);
  CHECK(status.pending_effects() == 3);  // The idle timers of those that are open.
  REQUIRE(status.feeds_size() == 1);
  CHECK(status.feeds(0).source() == "counter/0");
  CHECK(status.feeds(0).checkpoint() == world.head());
  CHECK(status.feeds(0).dead_letters() == 2);

  GetStatusRequest unknown;
  unknown.set_service("basket");
  CHECK(absl::IsInvalidArgument(world.Call<GetStatusResponse>(unknown).status()));
}

TEST_CASE("the status tells how far the log is published, where it is") {
  EventLogWorld world(2);
  world.Count(3, 1);
  const auto publications = [&world] {
    const StatusOr<GetStatusResponse> response = world.Call<GetStatusResponse>(GetStatusRequest(), kReader);
    REQUIRE(response.ok());
    REQUIRE(response->partitions_size() == 2);
    return response->partitions(1).publications();
  };
  CHECK(publications().empty());
  eventlog::v1::PublicationStatus& held_up = world.publications.emplace_back();
  held_up.set_topic("souk.counter.events.v1");
  held_up.set_position(1);
  held_up.set_problem("the broker is away");
  REQUIRE(publications().size() == 1);
  CHECK(publications()[0].SerializeAsString() == held_up.SerializeAsString());
}

TEST_CASE("the digest of what is derived is the same for the same log, and changes with it") {
  EventLogWorld world, twin;
  for (EventLogWorld* each : {&world, &twin}) each->Count(3, 2);
  const auto hash = [](EventLogWorld& of) {
    const auto response = of.Call<GetStateHashResponse>(GetStateHashRequest());
    REQUIRE(response.ok());
    return response->hashes(0).sha256();
  };
  const std::string before = hash(world);
  CHECK(before == hash(twin));
  CHECK(before.size() == 64);
  world.Count(1, 1);
  CHECK(hash(world) != before);
}

TEST_CASE("a record that was changed is found, with its position") {
  EventLogWorld world;
  world.Count(2, 3);
  const auto verify = [&] {
    const auto response = world.Call<VerifyLogResponse>(VerifyLogRequest());
    REQUIRE(response.ok());
    return response->verifications(0);
  };
  CHECK(verify().entries() == world.head());
  CHECK(verify().problem().empty());

  EventRecord record = world.Stored()[4];
  record.set_actor("operator/mallory");
  Batch batch;
  batch.Put(ColumnFamily::kLog, keys::Log(0, record.position()), record.SerializeAsString());
  REQUIRE(world.Run(world.store().Write(std::move(batch), Durability::kSynced)).ok());
  CHECK_THAT(verify().problem(), Contains("position 5"));
}

}  // namespace
}  // namespace souk
