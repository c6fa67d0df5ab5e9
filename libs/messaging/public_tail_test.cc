#include "libs/messaging/public_tail.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/hash.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/public_event.h"
#include "libs/rpc/local_channel.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using event::v1::EventRecord;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;
using testing::Counter;

// Counts how often the log is read.
class CountingStore final : public Store {
 public:
  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override {
    if (family == ColumnFamily::kLog) ++log_reads;
    return store_.Get(family, key);
  }
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override {
    if (family == ColumnFamily::kLog) ++log_reads;
    return store_.Scan(family, range, direction, row);
  }
  Task<Status> Write(Batch batch, Durability durability) override {
    return store_.Write(std::move(batch), durability);
  }

  mutable int log_reads = 0;

 private:
  MemoryStore store_;
};

// A process whose event log is served. Another one after it is a restart.
class Process {
 public:
  Process(SimScheduler& world, Store& store) : world_(world), process_(world), store_(store) {
    event_logs_.Add(service_.engine());
    event_logs_.AddTo(router_);
    REQUIRE(testing::RunToEnd(world_, service_.Start()).ok());
    const Engine::PublicMapping mapping = service_.engine().public_mapping();
    service_.engine().SetPublicMapping([this, mapping](const EventRecord& record) {
      ++mapped;
      return mapping(record);
    });
  }
  // Handlers run to their end, when they have noticed that their reader has gone.
  ~Process() {
    while (world_.Step()) {
    }
  }

  void Count(int counters, int times) {
    REQUIRE(testing::RunToEnd(world_, service_.Count(counters, times)).ok());
  }
  void OpenLarge(int counters) {
    for (int i = 0; i < counters; ++i) {
      const auto id = Counter::Id::Of("large" + std::to_string(head()));
      const testing::Open open{.owner = std::string(3000, 'o')};
      REQUIRE(testing::RunToEnd(world_, engine().Execute<Counter>(id, open, {})).ok());
    }
  }

  // A stream, message by message.
  class Reader {
   public:
    Reader(SimScheduler& world, std::unique_ptr<rpc::ByteStream> stream)
        : world_(world), stream_(std::move(stream)) {}
    std::optional<rpc::Bytes> Next() {
      StatusOr<std::optional<rpc::Bytes>> message = testing::RunToEnd(world_, stream_->Read());
      REQUIRE(message.ok());
      return *std::move(message);
    }
    // Up to a checkpoint. Returns the events' positions.
    std::vector<std::uint64_t> ReadTo(std::uint64_t checkpoint) {
      std::vector<std::uint64_t> positions;
      for (ReadEventsResponse response; response.checkpoint() < checkpoint;) {
        REQUIRE(response.ParseFromString(Next().value()));
        for (const EventRecord& event : response.events()) positions.push_back(event.position());
      }
      return positions;
    }

   private:
    SimScheduler& world_;
    std::unique_ptr<rpc::ByteStream> stream_;
  };
  Reader Open(const ReadEventsRequest& request) {
    return {world_, channel_.CallServerStream("/souk.eventlog.v1.EventLogService/ReadEvents",
                                              {.principal = ParsePrincipal("operator/o").value()},
                                              request.SerializeAsString())};
  }
  Reader Follow(std::uint64_t after) {
    ReadEventsRequest request;
    request.set_after_position(after);
    request.set_live(true);
    return Open(request);
  }

  std::vector<rpc::Bytes> Read(const ReadEventsRequest& request) {
    std::vector<rpc::Bytes> messages;
    Reader reader = Open(request);
    while (std::optional<rpc::Bytes> message = reader.Next()) messages.push_back(*std::move(message));
    return messages;
  }

  Engine& engine() { return service_.engine(); }
  std::uint64_t head() { return engine().partition(0).head(); }
  std::vector<std::uint64_t> PublicPositionsAfter(std::uint64_t position) {
    std::vector<std::uint64_t> positions;
    for (const EventRecord& event : service_.PublicEvents()) {
      if (event.position() > position) positions.push_back(event.position());
    }
    return positions;
  }
  const EventLog& log() { return engine().partition(0).log(); }
  const Store& store() const { return store_; }

  int mapped = 0;

 private:
  SimScheduler& world_;
  SimProcess process_;
  ManualClock clock_{absl::FromUnixSeconds(1'000'000)};
  Store& store_;
  testing::CounterService service_{"counter", process_, clock_, store_};
  EventLogService event_logs_;
  rpc::Router router_;
  rpc::LocalChannel channel_{router_, process_};
};

struct World {
  SimScheduler scheduler{3};
  CountingStore store;
  std::optional<Process> process{std::in_place, scheduler, store};

  void Restart() {
    process.reset();
    process.emplace(scheduler, store);
  }
};

// What the stream has to say, made from the store and nothing else.
std::vector<rpc::Bytes> Expected(Process& process, const ReadEventsRequest& request) {
  const EventLog log(process.store(), 0);
  std::vector<rpc::Bytes> messages;
  std::uint64_t position = request.after_position();
  do {
    ReadEventsResponse response;
    const std::uint64_t limit = std::min(process.head(), position + 512);
    const auto add = [&](const EventRecord& record, std::string_view stored) {
      position = record.position();
      const bool is_public = request.view() != ReadEventsRequest::VIEW_STORED;
      const std::optional<EventRecord> event = is_public ? ToPublic(process.engine(), record) : record;
      const auto& types = request.types();
      if (event.has_value() &&
          (types.empty() || std::find(types.begin(), types.end(), event->type()) != types.end()) &&
          (request.aggregate_id().empty() || request.aggregate_id() == event->aggregate_id())) {
        *response.add_events() = *event;
      }
      const bool goes_on = position < limit && response.ByteSizeLong() < 256 * 1024;
      if (!goes_on) response.set_checkpoint_hash(Sha256(stored));
      return goes_on;
    };
    if (position < limit) REQUIRE(log.ReadAfter(position, add).ok());
    response.set_checkpoint(position);
    response.set_head(process.head());
    messages.push_back(response.SerializeAsString());
  } while (position < process.head());
  return messages;
}

std::vector<ReadEventsRequest> AllKinds() {
  std::vector<ReadEventsRequest> requests;
  for (const auto view : {ReadEventsRequest::VIEW_UNSPECIFIED, ReadEventsRequest::VIEW_PUBLIC,
                          ReadEventsRequest::VIEW_STORED}) {
    ReadEventsRequest request;
    request.set_view(view);
    requests.push_back(request);
    request.set_aggregate_id("c1");
    requests.push_back(request);
    request.add_types("souk.testing.v1.CounterAdded");
    request.add_types("counter.added");
    requests.push_back(request);
    request.set_aggregate_id("nobody");
    requests.push_back(request);
  }
  return requests;
}

// Every kind of request, from positions all over the log.
void CheckSameBytes(Process& process) {
  const std::uint64_t head = process.head();
  for (ReadEventsRequest request : AllKinds()) {
    for (std::uint64_t after = 0; after <= head; after += after + 5 < head ? 307 : 1) {
      request.set_after_position(std::min(after, head));
      INFO(request.ShortDebugString());
      const std::vector<rpc::Bytes> messages = process.Read(request);
      REQUIRE(messages == Expected(process, request));
    }
  }
}

TEST_CASE("a stream has the same bytes wherever its events come from") {
  World world;
  world.process->Count(5, 100);
  CheckSameBytes(*world.process);  // All of it is in memory.
  world.process->Count(5, 300);
  world.process->OpenLarge(300);
  world.process->Count(2, 2);
  CheckSameBytes(*world.process);  // Only the end of it.
  world.Restart();
  CheckSameBytes(*world.process);  // Nothing.
  world.process->Count(2, 2);
  CheckSameBytes(*world.process);
}

TEST_CASE("who follows a log does not read the store, and an event is mapped once for all") {
  World world;
  Process& process = *world.process;
  process.Count(1, 1);
  const std::uint64_t before = process.head();
  std::vector<Process::Reader> readers;
  for (int i = 0; i < 3; ++i) {
    readers.push_back(process.Follow(before));
    readers.back().ReadTo(before);
  }
  process.mapped = world.store.log_reads = 0;
  for (int round = 0; round < 3; ++round) {
    const std::uint64_t from = process.head();
    process.Count(20, 2);
    CHECK(process.mapped <= static_cast<int>(process.head() - before));
    world.store.log_reads = 0;  // Those of commands.
    for (Process::Reader& reader : readers) {
      const std::vector<std::uint64_t> positions = reader.ReadTo(process.head());
      CHECK(world.store.log_reads == 0);
      CHECK(process.mapped == static_cast<int>(process.head() - before));
      CHECK(positions == process.PublicPositionsAfter(from));
      process.mapped = static_cast<int>(process.head() - before);  // Without ours.
      world.store.log_reads = 0;
    }
  }
  readers.clear();
}

TEST_CASE("nothing is mapped that nobody reads") {
  World world;
  world.process->Count(5, 5);
  CHECK(world.process->mapped == 0);
}

TEST_CASE("a reader goes on across a restart, each event once") {
  World world;
  world.process->Count(3, 40);
  const std::uint64_t middle = world.process->head() / 2;
  world.Restart();
  Process& process = *world.process;
  process.Count(3, 2);
  Process::Reader behind = process.Follow(middle);
  Process::Reader ahead = process.Follow(process.head());
  CHECK(behind.ReadTo(process.head()) == process.PublicPositionsAfter(middle));
  const std::uint64_t from = process.head();
  process.Count(3, 2);
  CHECK(ahead.ReadTo(process.head()) == process.PublicPositionsAfter(from));
  CHECK(behind.ReadTo(process.head()) == process.PublicPositionsAfter(from));
}

TEST_CASE("a tail has the same entries from any position, in any order of readers") {
  World world;
  world.process->Count(4, 20);
  const EventLog stored(world.store, 0);
  std::vector<std::string> all;
  REQUIRE(stored
              .ReadAfter(0,
                         [&](const EventRecord& record, std::string_view) {
                           const std::optional<EventRecord> event = ToPublic(world.process->engine(), record);
                           all.push_back(event.has_value() ? event->SerializeAsString() : "");
                           return true;
                         })
              .ok());
  for (const std::size_t bytes_max : std::vector<std::size_t>{0, 1000, 5000, 1000000}) {
    PublicTail tail(world.process->engine(), world.process->log(), bytes_max);
    for (std::size_t i = 0; i < 1000; ++i) {
      const std::uint64_t after = (i * 7919) % (all.size() + 1);
      const std::size_t wanted = std::min<std::size_t>(all.size() - after, i % 13 == 0 ? 1000 : 1 + i % 5);
      std::vector<std::string> read;
      if (wanted > 0) {
        REQUIRE(tail.ReadAfter(after,
                               [&](const PublicTail::Entry& entry) {
                                 CHECK(entry.position == after + read.size() + 1);
                                 CHECK(entry.event.aggregate_id.empty() == entry.bytes.empty());
                                 read.push_back(entry.bytes);
                                 return read.size() < wanted;
                               })
                    .ok());
      }
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(after);
      REQUIRE(read == std::vector(begin, begin + static_cast<std::ptrdiff_t>(wanted)));
      if (after > 0) CHECK(tail.HashAt(after).value() == stored.HashAt(after).value());
    }
  }
}

}  // namespace
}  // namespace souk
