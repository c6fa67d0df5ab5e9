#include "libs/eventstore/event_log.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventstore/keys.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using Catch::Matchers::Contains;
using event::v1::EventRecord;

// A log that the engine has written: 3 counters, each opened and added to twice, and one
// that was opened and closed.
class Written {
 public:
  static constexpr std::uint64_t kEvents = 3 * 3 + 2;

  Written() {
    REQUIRE(Run(service_.Start()).ok());
    REQUIRE(Run(service_.Count(3, 2)).ok());
  }

  void Change(Batch batch) { REQUIRE(Run(store_.Write(std::move(batch), Durability::kSynced)).ok()); }
  void Put(std::uint64_t position, std::string_view bytes) {
    Batch batch;
    batch.Put(ColumnFamily::kLog, keys::Log(0, position), bytes);
    Change(std::move(batch));
  }
  void Delete(std::uint64_t position) {
    Batch batch;
    batch.Delete(ColumnFamily::kLog, keys::Log(0, position));
    Change(std::move(batch));
  }

  const Store& store() const { return store_; }

  const EventLog log{store_, 0};
  const EventLog other_log{store_, 1};

 private:
  Status Run(Task<Status> task) { return testing::RunToEnd(scheduler_, std::move(task)); }

  SimScheduler scheduler_{2};
  SimProcess process_{scheduler_};
  ManualClock clock_{absl::FromUnixSeconds(5)};
  MemoryStore store_;
  testing::CounterService service_{"counter", process_, clock_, store_};
};

std::vector<std::uint64_t> PositionsAfter(const EventLog& log, std::uint64_t position,
                                          std::size_t count_max) {
  std::vector<std::uint64_t> positions;
  REQUIRE(log.ReadAfter(position,
                        [&](const EventRecord& record, std::string_view) {
                          positions.push_back(record.position());
                          return positions.size() < count_max;
                        })
              .ok());
  return positions;
}

TEST_CASE("positions are dense, and reading stops where it is told to") {
  Written written;
  std::vector<std::uint64_t> all;
  for (std::uint64_t position = 1; position <= Written::kEvents; ++position) all.push_back(position);
  CHECK(PositionsAfter(written.log, 0, 100) == all);
  CHECK(PositionsAfter(written.log, 4, 3) == std::vector<std::uint64_t>{5, 6, 7});
  CHECK(PositionsAfter(written.log, Written::kEvents, 100).empty());
}

TEST_CASE("the head is the last record, and the hash that the next one will carry") {
  Written written;
  const EventLog::Head head = written.log.ReadHead().value();
  CHECK(head.position == Written::kEvents);
  CHECK(head.record_time == absl::FromUnixSeconds(5));
  CHECK(head.hash.size() == 32);
  CHECK(written.log.Verify().value() == Written::kEvents);

  const EventLog::Head nothing = written.other_log.ReadHead().value();
  CHECK(nothing.position == 0);
  CHECK(nothing.hash.empty());
  CHECK(written.other_log.Verify().value() == 0);
}

TEST_CASE("a stream has the events of one aggregate, after a revision") {
  Written written;
  const auto revisions = [&](std::string_view id, std::uint64_t after) {
    std::vector<std::uint64_t> found;
    REQUIRE(written.log
                .ReadStream("counter", id, after,
                            [&](const EventRecord& record) {
                              CHECK(record.aggregate_id() == id);
                              found.push_back(record.revision());
                              return true;
                            })
                .ok());
    return found;
  };
  CHECK(revisions("c1", 0) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(revisions("c1", 2) == std::vector<std::uint64_t>{3});
  CHECK(revisions("c", 0).empty());  // The beginning of an id is another id.
}

TEST_CASE("a record that is missing in the middle is told with its position") {
  Written written;
  written.Delete(5);
  CHECK_THAT(std::string(written.log.Verify().status().message()), Contains("position 5 is missing"));
  CHECK(
      absl::IsDataLoss(written.log.ReadAfter(0, [](const EventRecord&, std::string_view) { return true; })));
  CHECK(absl::IsDataLoss(written.log.ReadAt(5).status()));
  CHECK(PositionsAfter(written.log, 5, 100).size() == Written::kEvents - 5);
}

TEST_CASE("a record whose bytes were changed breaks the chain, wherever it is") {
  for (std::uint64_t position = 1; position < Written::kEvents; ++position) {
    Written written;
    EventRecord record = written.log.ReadAt(position).value();
    record.set_actor("operator/mallory");
    written.Put(position, record.SerializeAsString());
    const Status status = written.log.Verify().status();
    CHECK(absl::IsDataLoss(status));
    CHECK_THAT(std::string(status.message()), Contains("position " + std::to_string(position) + " "));
  }
}

TEST_CASE("bytes that are no record are told with their position") {
  Written written;
  written.Put(3, "\xff\xff");
  CHECK_THAT(std::string(written.log.Verify().status().message()), Contains("position 3 is unreadable"));
  written.Put(Written::kEvents, "\xff\xff");
  CHECK_THAT(std::string(written.log.ReadHead().status().message()), Contains("last record"));
}

// A log that remembers its entries from `first` on.
EventLog Remembering(const EventLog& log, const Store& store, std::uint64_t first) {
  EventLog remembering(store, 0);
  std::vector<std::string> stored;
  REQUIRE(log.ReadEventsAfter(first - 1,
                              [&](const StoredEvent&, std::string_view bytes) {
                                stored.emplace_back(bytes);
                                return true;
                              })
              .ok());
  remembering.Remember(Written::kEvents, std::move(stored));
  return remembering;
}

TEST_CASE("what a log remembers is what the store has, from every position on") {
  Written written;
  for (std::uint64_t first = 1; first <= Written::kEvents; ++first) {
    const EventLog remembering = Remembering(written.log, written.store(), first);
    for (std::uint64_t after = 0; after <= Written::kEvents; ++after) {
      CHECK(PositionsAfter(remembering, after, 100) == PositionsAfter(written.log, after, 100));
      CHECK(PositionsAfter(remembering, after, 2) == PositionsAfter(written.log, after, 2));
    }
    for (std::uint64_t at = 1; at <= Written::kEvents; ++at) {
      CHECK(remembering.HashAt(at).value() == written.log.HashAt(at).value());
      CHECK(remembering.ReadAt(at)->SerializeAsString() == written.log.ReadAt(at)->SerializeAsString());
    }
    CHECK(absl::IsDataLoss(remembering.ReadAt(Written::kEvents + 1).status()));
  }
}

TEST_CASE("what a log remembers is not read again, but it is verified where it is stored") {
  Written written;
  const EventLog remembering = Remembering(written.log, written.store(), 5);
  written.Delete(6);
  CHECK(PositionsAfter(remembering, 4, 100).size() == Written::kEvents - 4);
  CHECK(remembering.ReadAt(6).ok());
  CHECK_THAT(std::string(remembering.Verify().status().message()), Contains("position 6 is missing"));
  CHECK(
      absl::IsDataLoss(remembering.ReadAfter(3, [](const EventRecord&, std::string_view) { return true; })));
}

}  // namespace
}  // namespace souk
