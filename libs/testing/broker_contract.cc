#include "libs/testing/broker_contract.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/kafka/topic_scan.h"

namespace souk::testing {

using kafka::Broker;
using kafka::Fetched;
using kafka::OffsetRange;
using kafka::Record;
using kafka::StoredRecord;
using kafka::TopicPartition;
using kafka::TopicReader;
using kafka::TopicWriter;

namespace {

// Ends the test at an error, which Try would only hand on.
void Must(const Status& status) {
  INFO(status.ToString());
  REQUIRE(status.ok());
}

std::unique_ptr<TopicWriter> Writer(Broker& broker, const TopicPartition& target) {
  return broker.NewWriter({.transactional_id = target.topic + "-writer", .target = target});
}

std::vector<Record> Numbers(int from, int to) {
  std::vector<Record> records;
  for (int i = from; i <= to; ++i) {
    records.push_back({.key = "k" + std::to_string(i),
                       .value = std::to_string(i),
                       .headers = {{"number", std::to_string(i)}, {"empty", ""}, {"number", "again"}}});
  }
  return records;
}

Task<> Commit(TopicWriter& writer, std::vector<Record> records) {
  Must(co_await writer.Send(std::move(records)));
  Must(co_await writer.Commit());
}

// Reads until everything that was committed is there: Commit returns a moment before.
Task<> Settle(Broker& broker, TopicPartition of, std::string last) {
  const std::unique_ptr<TopicReader> reader = broker.NewReader(std::move(of), 0);
  for (;;) {
    StatusOr<Fetched> fetched = co_await reader->Next();
    Must(fetched.status());
    if (!fetched->records.empty() && fetched->records.back().record.value == last) co_return;
  }
}

// Everything that is committed from `offset` on.
Task<std::vector<StoredRecord>> ReadAll(Broker& broker, TopicPartition from, std::int64_t offset) {
  const std::unique_ptr<TopicReader> reader = broker.NewReader(std::move(from), offset);
  std::vector<StoredRecord> all;
  for (;;) {
    StatusOr<Fetched> fetched = co_await reader->Next();
    Must(fetched.status());
    for (StoredRecord& record : fetched->records) all.push_back(std::move(record));
    if (fetched->at_end) co_return all;
  }
}

std::vector<std::string> Values(const std::vector<StoredRecord>& records) {
  std::vector<std::string> values;
  for (const StoredRecord& record : records) values.push_back(record.record.value);
  return values;
}

using Strings = std::vector<std::string>;

Task<> CommittedRecordsAreRead(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic, .partition = 1};
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  co_await Commit(*writer, Numbers(1, 3));
  Must(co_await writer->Send(Numbers(4, 4)));
  co_await Commit(*writer, Numbers(5, 5));
  co_await Settle(broker, target, "5");
  const std::vector<StoredRecord> all = co_await ReadAll(broker, target, 0);
  CHECK(Values(all) == Strings{"1", "2", "3", "4", "5"});
  REQUIRE(all.size() == 5);
  CHECK(all[1].record == Numbers(2, 2)[0]);
  CHECK(all[1].offset > all[0].offset);
  CHECK((co_await ReadAll(broker, {.topic = topic, .partition = 0}, 0)).empty());
  CHECK((co_await writer->End()).value() > all[4].offset);
  // From the offset of one on, and from after it.
  CHECK(Values(co_await ReadAll(broker, target, all[3].offset)) == Strings{"4", "5"});
  CHECK(Values(co_await ReadAll(broker, target, all[3].offset + 1)) == Strings{"5"});
}

Task<> OnlyCommittedRecordsAreRead(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  Must(co_await writer->Send(Numbers(1, 2)));
  CHECK((co_await ReadAll(broker, target, 0)).empty());
  Must(co_await writer->Abort());
  co_await Commit(*writer, Numbers(3, 3));
  co_await Settle(broker, target, "3");
  Must(co_await writer->Send(Numbers(4, 4)));
  CHECK(Values(co_await ReadAll(broker, target, 0)) == Strings{"3"});
  const StatusOr<OffsetRange> range = co_await broker.Offsets(target);
  Must(range.status());
  const std::vector<StoredRecord> all = co_await ReadAll(broker, target, 0);
  CHECK(range->begin == 0);
  CHECK(range->end > all[0].offset);
  Must(co_await writer->Commit());
  co_await Settle(broker, target, "4");
  CHECK(Values(co_await ReadAll(broker, target, range->end)) == Strings{"4"});
}

Task<> TheLastRecordIsFound(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto last = [](Broker& from, TopicPartition of) -> Task<std::string> {
    const StatusOr<std::optional<StoredRecord>> found = co_await kafka::ReadLast(from, of);
    Must(found.status());
    co_return found->has_value() ? (*found)->record.value : "none";
  };
  CHECK(co_await last(broker, target) == "none");
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  Must(co_await writer->Send(Numbers(1, 3)));
  Must(co_await writer->Abort());
  CHECK(co_await last(broker, target) == "none");
  co_await Commit(*writer, Numbers(4, 6));
  co_await Settle(broker, target, "6");
  CHECK(co_await last(broker, target) == "6");
  // Far back behind what was aborted, and before what is not committed.
  Must(co_await writer->Send(Numbers(7, 200)));
  Must(co_await writer->Abort());
  CHECK(co_await last(broker, target) == "6");
  Must(co_await writer->Send(Numbers(201, 201)));
  CHECK(co_await last(broker, target) == "6");
  Must(co_await writer->Commit());
  co_await Settle(broker, target, "201");
  CHECK(co_await last(broker, target) == "201");
}

Task<> AnOffsetIsFound(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  for (int i = 0; i < 20; ++i) co_await Commit(*writer, Numbers(i * 50 + 1, i * 50 + 50));
  co_await Settle(broker, target, "1000");
  for (const int past : {0, 1, 499, 500, 730, 1000}) {
    const StatusOr<std::int64_t> offset = co_await kafka::FindOffset(
        broker, target, [past](const Record& record) { return std::stoi(record.value) <= past; });
    Must(offset.status());
    const std::vector<StoredRecord> rest = co_await ReadAll(broker, target, *offset);
    INFO(past);
    CHECK(rest.size() >= static_cast<std::size_t>(1000 - past));
    CHECK(rest.size() <= static_cast<std::size_t>(1000 - past + 300));
  }
}

Task<> TheFormerWriterIsFenced(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto former = Writer(broker, target);
  Must(co_await former->Fence());
  co_await Commit(*former, Numbers(1, 1));
  Must(co_await former->Send(Numbers(2, 2)));
  const auto next = Writer(broker, target);
  Must(co_await next->Fence());
  CHECK(Values(co_await ReadAll(broker, target, 0)) == Strings{"1"});
  const Status late = co_await former->Commit();
  INFO(late.ToString());
  CHECK(absl::IsAborted(late));
  CHECK(Reason(late) == "FENCED");
  co_await Commit(*next, Numbers(3, 3));
  co_await Settle(broker, target, "3");
  CHECK(Values(co_await ReadAll(broker, target, 0)) == Strings{"1", "3"});
}

Task<> AnIdleFormerWriterIsFenced(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto former = Writer(broker, target);
  Must(co_await former->Fence());
  const auto next = Writer(broker, target);
  Must(co_await next->Fence());
  Status late = co_await former->Send(Numbers(1, 1));
  if (late.ok()) late = co_await former->Commit();
  INFO(late.ToString());
  CHECK(absl::IsAborted(late));
  CHECK((co_await ReadAll(broker, target, 0)).empty());
}

Task<> TheNoteBelongsToTheHolder(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic, .partition = 1};
  const auto note = [](TopicWriter& of) -> Task<std::string> {
    const StatusOr<std::string> found = co_await of.ReadNote();
    Must(found.status());
    co_return *found;
  };
  const auto former = Writer(broker, target);
  Must(co_await former->Fence());
  CHECK(co_await note(*former) == "");
  Must(co_await former->WriteNote("first"));
  CHECK(co_await note(*former) == "first");
  co_await Commit(*former, Numbers(1, 1));
  const auto next = Writer(broker, target);
  Must(co_await next->Fence());
  CHECK(co_await note(*next) == "first");
  Must(co_await next->WriteNote("second"));
  CHECK_FALSE((co_await former->WriteNote("third")).ok());
  CHECK(co_await note(*next) == "second");
  CHECK(Values(co_await ReadAll(broker, target, 0)) == Strings{"1"});
}

Task<> UnknownTopicsAreNotFound(Broker& broker, std::string topic) {
  const StatusOr<std::uint32_t> partitions = co_await broker.Partitions(topic);
  Must(partitions.status());
  CHECK(*partitions == 2);
  CHECK(absl::IsNotFound((co_await broker.Partitions(topic + ".unknown")).status()));
  CHECK(absl::IsNotFound(co_await Writer(broker, {.topic = topic + ".unknown"})->Fence()));
  CHECK(absl::IsNotFound(co_await Writer(broker, {.topic = topic, .partition = 2})->Fence()));
}

Task<> OffsetsBeyondTheEndAreRefused(Broker& broker, std::string topic) {
  const auto reader = broker.NewReader({.topic = topic}, 10);
  CHECK(absl::IsOutOfRange((co_await reader->Next()).status()));
}

Task<> Tail(TopicReader& reader, std::size_t count, Strings& values) {
  while (values.size() < count) {
    StatusOr<Fetched> fetched = co_await reader.Next();
    Must(fetched.status());
    for (const StoredRecord& record : fetched->records) values.push_back(record.record.value);
  }
}

Task<> AReaderWaitsForMore(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  const auto reader = broker.NewReader(target, 0);
  const auto second = broker.NewReader(target, 0);
  Strings read, read_twice;
  TaskScope readers;
  readers.Spawn(Tail(*reader, 4, read));
  readers.Spawn(Tail(*second, 4, read_twice));
  co_await Commit(*writer, Numbers(1, 2));
  Must(co_await writer->Send(Numbers(3, 3)));
  Must(co_await writer->Abort());
  co_await Commit(*writer, Numbers(4, 5));
  while (readers.running() > 0) Must((co_await broker.Offsets(target)).status());
  CHECK(read == Strings{"1", "2", "4", "5"});
  CHECK(read_twice == Strings{"1", "2", "4", "5"});
}

Task<> AReaderMayBeDroppedWhileItWaits(Broker& broker, std::string topic) {
  const TopicPartition target{.topic = topic};
  for (int i = 0; i < 3; ++i) {
    const auto reader = broker.NewReader(target, 0);
    Strings never;
    TaskScope readers;
    readers.Spawn(Tail(*reader, 1, never));
    Must((co_await broker.Offsets(target)).status());
  }
  const auto writer = Writer(broker, target);
  Must(co_await writer->Fence());
  co_await Commit(*writer, Numbers(1, 1));
  co_await Settle(broker, target, "1");
  CHECK(Values(co_await ReadAll(broker, target, 0)) == Strings{"1"});
}

}  // namespace

void CheckBrokerContract(BrokerWorld& world) {
  const std::string topic = world.MakeTopic(2);
  SECTION("committed records are read in order, as they were sent") {
    world.Run(CommittedRecordsAreRead(world.broker(), topic));
  }
  SECTION("what is not committed is not read") {
    world.Run(OnlyCommittedRecordsAreRead(world.broker(), topic));
  }
  SECTION("the last committed record is found") { world.Run(TheLastRecordIsFound(world.broker(), topic)); }
  SECTION("an offset is found by what records say") { world.Run(AnOffsetIsFound(world.broker(), topic)); }
  SECTION("a writer fences the former one, and aborts what it left open") {
    world.Run(TheFormerWriterIsFenced(world.broker(), topic));
  }
  SECTION("a writer fences the former one that has nothing open") {
    world.Run(AnIdleFormerWriterIsFenced(world.broker(), topic));
  }
  SECTION("only the holder of a transactional id can change its note") {
    world.Run(TheNoteBelongsToTheHolder(world.broker(), topic));
  }
  SECTION("topics and partitions that are not there are NOT_FOUND") {
    world.Run(UnknownTopicsAreNotFound(world.broker(), topic));
  }
  SECTION("an offset beyond the end is OUT_OF_RANGE") {
    world.Run(OffsetsBeyondTheEndAreRefused(world.broker(), topic));
  }
  SECTION("readers wait for more") { world.Run(AReaderWaitsForMore(world.broker(), topic)); }
  SECTION("a reader may be dropped while it waits") {
    world.Run(AReaderMayBeDroppedWhileItWaits(world.broker(), topic));
  }
}

}  // namespace souk::testing
