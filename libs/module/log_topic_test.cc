// A service whose log is published, and the stores that are made from its topics.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/big_endian.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/messaging/cloud_event.h"
#include "libs/messaging/log_restore.h"
#include "libs/module/kafka_link.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/run_to_end.h"

namespace souk {
namespace {

using kafka::Record;
using kafka::TopicPartition;
using testing::KafkaFaults;
using testing::ModelKafka;
using Rows = std::map<std::string, std::string>;

constexpr char kService[] = "shop";
constexpr std::uint32_t kPartitions = 2;
const std::string kFeedRow = "feed/catalog/0";

config::Settings LogSettings() {
  return config::Settings::Load(KafkaSettings(),
                                {.overrides = {{"kafka.brokers", "model"}, {"kafka.log_topic", "true"}}})
      .value();
}

struct World {
  explicit World(std::uint64_t seed = 5, KafkaFaults faults = {})
      : scheduler(seed), kafka(scheduler, faults), broker(kafka.Connect(scheduler)) {
    MakeTopics(kafka);
  }
  static void MakeTopics(ModelKafka& kafka) {
    kafka.MakeTopic(EventsTopic(kService), kPartitions);
    kafka.MakeTopic(LogTopic(kService), kPartitions);
    kafka.MakeTopic(RowsTopic(kService), 1);
  }
  void Run(Task<Status> task) {
    const Status status = testing::RunToEnd(scheduler, std::move(task));
    INFO(status.ToString());
    REQUIRE(status.ok());
  }

  SimScheduler scheduler;
  ModelKafka kafka;
  std::unique_ptr<kafka::Broker> broker;
  SystemClock clock;
  const config::Settings settings = LogSettings();
};

// A run of the service's process on a store.
struct Process {
  Process(World& in, MemoryStore& on, std::string id)
      : store(on),
        home(in.scheduler),
        keys(on, std::string(32, 'k')),
        service(kService, home, in.clock, on, kPartitions),
        link(KafkaLink::On(in.kafka.Connect(home), in.settings, home, in.clock, std::move(id),
                           absl::Milliseconds(20))) {}

  static Task<Status> Start(Process* self) {
    self->keys.NoteNewKeys();
    co_await Try(self->service.Start());
    co_await Try(self->link->Publish(self->service.engine()));
    self->link->Start();
    co_return OkStatus();
  }
  static Task<Status> Stop(Process* self) {
    self->link->Stop();
    while (!self->link->Drained()) co_await Sleep(self->home, absl::Milliseconds(1));
    co_return self->link->Health();
  }
  Task<Status> Put(std::string row, std::uint64_t value) {
    std::string text;
    AppendBigEndian(text, value);
    Batch batch;
    batch.Put(ColumnFamily::kMeta, row, text);
    return store.Write(std::move(batch), Durability::kBuffered);
  }
  LogEnds heads() {
    LogEnds ends;
    for (std::uint32_t i = 0; i < kPartitions; ++i) ends.push_back(service.engine().partition(i).head());
    return ends;
  }

  MemoryStore& store;
  SimProcess home;  // When it is gone, nothing of the process runs any more.
  SubjectKeys keys;
  testing::CounterService service;
  std::unique_ptr<KafkaLink> link;
};

Rows RowsOf(const Store& store, ColumnFamily family, std::string_view prefix = "") {
  Rows rows;
  REQUIRE(store
              .Scan(family, KeyRange::WithPrefix(prefix), Direction::kForward,
                    [&](std::string_view key, std::string_view value) {
                      rows[std::string(key)] = value;
                      return true;
                    })
              .ok());
  return rows;
}

Task<StatusOr<LogEnds>> Restore(World* world, kafka::Broker* broker, MemoryStore* into) {
  LogRestore restore(kService, "i-2", *broker);
  Status begun;
  do {
    begun = co_await restore.Begin();
  } while (absl::IsUnavailable(begun));
  co_await Try(begun);
  std::uint64_t told = 0;
  co_await Try(restore.Fill(*into, [&told](std::uint64_t entries) { told += entries; }));
  std::uint64_t all = 0;
  for (const std::uint64_t end : restore.ends()) all += end;
  CHECK(told == all);
  co_await Yield(world->scheduler);
  co_return restore.ends();
}

// Each entry of the log is on the log topic, and each public one on that of the events, once.
void CheckTopics(const World& world, Process& process) {
  for (std::uint32_t i = 0; i < kPartitions; ++i) {
    Rows published;
    for (const auto& stored : world.kafka.Committed({LogTopic(kService), i})) {
      std::string key;
      AppendBigEndian(key, i);
      AppendBigEndian(key, ReadLink(stored.record).value().position);
      CHECK(published.emplace(key, stored.record.value).second);
    }
    std::string prefix;
    AppendBigEndian(prefix, i);
    CHECK(published == RowsOf(process.store, ColumnFamily::kLog, prefix));
    std::vector<std::uint64_t> shown, wanted;
    for (const auto& stored : world.kafka.Committed({EventsTopic(kService), i})) {
      shown.push_back(ReadLink(stored.record).value().position);
    }
    for (const auto& event : process.service.PublicEvents(i)) wanted.push_back(event.position());
    CHECK(shown == wanted);
  }
}

Task<Status> LoseAndGoOn(World* world) {
  MemoryStore lost;
  {
    Process process(*world, lost, "p-1");
    co_await Try(Process::Start(&process));
    for (const char* const subject : {"buyer/1", "buyer/2", "buyer/3"}) {
      co_await Try((co_await process.keys.Seal(subject, "Ackerstr. 12", "seed")).status());
    }
    co_await Try(process.Put("dead_letter/catalog/0/7", 7));
    co_await Try(process.service.Count(5, 3));
    co_await Try(process.Put(kFeedRow, 17));
    co_await Sleep(world->scheduler, absl::Seconds(3));
    co_await Try(process.keys.Erase("buyer/2"));
    Batch retried;
    retried.Delete(ColumnFamily::kMeta, "dead_letter/catalog/0/7");
    co_await Try(lost.Write(std::move(retried), Durability::kSynced));
    co_await Try(process.Put("dead_letter/catalog/0/8", 8));
    co_await Try(Process::Stop(&process));
  }
  MemoryStore again;
  co_await Try((co_await Restore(world, world->broker.get(), &again)).status());
  for (const ColumnFamily family : {ColumnFamily::kLog, ColumnFamily::kKeys}) {
    CHECK(RowsOf(again, family) == RowsOf(lost, family));
  }
  CHECK(RowsOf(again, ColumnFamily::kKeys).size() == 2);
  for (const char* const prefix : {"feed/", "dead_letter/", "format", "partitions", "service"}) {
    CHECK(RowsOf(again, ColumnFamily::kMeta, prefix) == RowsOf(lost, ColumnFamily::kMeta, prefix));
  }
  Process process(*world, again, "p-2");
  co_await Try(Process::Start(&process));
  CHECK(co_await Try(StateHash(again)) == co_await Try(StateHash(lost)));
  co_await Try((co_await process.keys.Seal("buyer/4", "Lange Gasse 3", "seed")).status());
  co_await Try(process.service.Count(5, 2));
  co_await Try(Process::Stop(&process));
  CheckTopics(*world, process);
  co_return OkStatus();
}

TEST_CASE("a store is made again from Kafka to the same state, and goes on where it was") {
  World world;
  world.Run(LoseAndGoOn(&world));
}

Task<Status> StopAtAnyMoment(World* world) {
  MemoryStore store;
  for (unsigned run = 0; run < 20; ++run) {
    {
      Process process(*world, store, "p-" + std::to_string(run));
      co_await Try(Process::Start(&process));
      for (unsigned i = 0; i < 3; ++i) {
        const std::string subject = absl::StrFormat("buyer/%d-%d", run, i);
        co_await Try((co_await process.keys.Seal(subject, "Ackerstr. 12", "seed")).status());
        co_await Try(process.service.Count(2, 2));
        co_await Try(process.Put(kFeedRow, 100 * run + i));
        co_await Sleep(world->scheduler, absl::Milliseconds(7 * run));
      }
      co_await Try(Process::Stop(&process));
      CHECK(process.link->lag() == 0);
      CheckTopics(*world, process);
    }
    MemoryStore again;
    co_await Try((co_await Restore(world, world->broker.get(), &again)).status());
    for (const ColumnFamily family : {ColumnFamily::kLog, ColumnFamily::kKeys}) {
      CHECK(RowsOf(again, family) == RowsOf(store, family));
    }
    CHECK(RowsOf(again, ColumnFamily::kMeta, kFeedRow) == RowsOf(store, ColumnFamily::kMeta, kFeedRow));
  }
  co_return OkStatus();
}

TEST_CASE("a store that is stopped publishes all it has before it ends") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    World world(seed);
    world.Run(StopAtAnyMoment(&world));
  }
}

// What was true when something was written.
struct Moment {
  std::string subject;
  LogEnds heads;
};

// The store that is made at this moment has the keys of what is in its log, and the effects of
// what it takes for done.
Task<Status> CheckThisMoment(World* world, const std::vector<Moment>* moments) {
  MemoryStore again;
  const LogEnds ends = co_await Try(Restore(world, world->broker.get(), &again));
  const Rows keys = RowsOf(again, ColumnFamily::kKeys);
  const Rows feeds = RowsOf(again, ColumnFamily::kMeta, kFeedRow);
  const std::uint64_t checkpoint = feeds.empty() ? 0 : ReadBigEndian<std::uint64_t>(feeds.begin()->second);
  for (std::size_t n = 0; n < moments->size(); ++n) {
    const Moment& moment = (*moments)[n];
    for (std::uint32_t i = 0; i < kPartitions; ++i) {
      const bool is_new = n > 0 && moment.heads[i] > (*moments)[n - 1].heads[i];
      if (is_new && moment.heads[i] <= ends[i]) CHECK(keys.contains(moment.subject));
      if (n + 1 <= checkpoint) CHECK(moment.heads[i] <= ends[i]);
    }
  }
  co_return OkStatus();
}

Task<Status> LoseAtAnyMoment(World* world) {
  MemoryStore store;
  std::vector<Moment> moments;
  for (int run = 0; run < 4; ++run) {
    Process process(*world, store, "p-" + std::to_string(run));
    co_await Try(Process::Start(&process));
    for (int i = 0; i < 5; ++i) {
      const std::string subject = "buyer/" + std::to_string(moments.size());
      co_await Try((co_await process.keys.Seal(subject, "Ackerstr. 12", "seed")).status());
      co_await Try(process.service.Count(2, 2));
      moments.push_back({subject, process.heads()});
      co_await Try(process.Put(kFeedRow, moments.size()));
      co_await Sleep(world->scheduler, absl::Milliseconds(i % 2 == 0 ? 7 : 900));
      // Before, there is no store to be made.
      if (run > 0) co_await Try(CheckThisMoment(world, &moments));
    }
    if (run == 0) co_await Sleep(world->scheduler, absl::Minutes(1));
  }
  co_return OkStatus();
}

TEST_CASE("at no moment the topics have entries without their keys, or checkpoints without effects") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    World world(seed, {.lost_request = 0.05, .late_request = 0.05, .lost_answer = 0.05});
    world.Run(LoseAtAnyMoment(&world));
  }
}

using Topics = std::map<TopicPartition, std::vector<Record>>;

Task<Status> Copy(kafka::Broker* to, const Topics* topics) {
  for (const auto& [target, records] : *topics) {
    const auto writer = to->NewWriter({.transactional_id = "copy-" + target.topic, .target = target});
    co_await Try(writer->Fence());
    co_await Try(writer->Send(records));
    co_await Try(writer->Commit());
  }
  co_return OkStatus();
}

Task<Status> PublishSome(World* world) {
  MemoryStore store;
  Process process(*world, store, "p-1");
  co_await Try(Process::Start(&process));
  co_await Try(process.service.Count(4, 2));
  co_return co_await Process::Stop(&process);
}

// What a restoration says of topics that were changed like this.
std::string ComplaintAbout(const std::function<void(Topics&)>& change) {
  World world;
  world.Run(PublishSome(&world));
  Topics topics;
  for (const std::string& name : {EventsTopic(kService), LogTopic(kService), RowsTopic(kService)}) {
    for (const auto& stored : world.kafka.Committed({name, 0})) topics[{name, 0}].push_back(stored.record);
  }
  for (const auto& stored : world.kafka.Committed({LogTopic(kService), 1})) {
    topics[{LogTopic(kService), 1}].push_back(stored.record);
  }
  change(topics);
  World other;
  Status complaint;
  other.Run([](World* in, const Topics* content, Status* result) -> Task<Status> {
    co_await Try(Copy(in->broker.get(), content));
    MemoryStore again;
    *result = (co_await Restore(in, in->broker.get(), &again)).status();
    co_return OkStatus();
  }(&other, &topics, &complaint));
  return complaint.ToString();
}

TEST_CASE("a topic that is not whole makes no store") {
  using Catch::Matchers::Contains;
  const TopicPartition log{LogTopic(kService), 0};
  CHECK(ComplaintAbout([](Topics&) {}) == "OK");
  CHECK_THAT(ComplaintAbout([&](Topics& topics) { topics[log].erase(topics[log].begin() + 3); }),
             Contains("souk.shop.log/0: position 5, at offset 3, follows position 3") &&
                 Contains("soukctl restore --from-backup"));
  CHECK_THAT(ComplaintAbout([&](Topics& topics) { topics[log].erase(topics[log].begin()); }),
             Contains("begins with position 2"));
  CHECK_THAT(ComplaintAbout([&](Topics& topics) { topics[log][2].value.back() ^= 1; }),
             Contains("position 3, at offset 2, is not what was published"));
  CHECK_THAT(ComplaintAbout([&](Topics& topics) { topics[log].resize(3); }),
             Contains("but souk.shop.log ends at 3"));
  CHECK_THAT(ComplaintAbout([&](Topics& topics) { topics[{RowsTopic(kService), 0}].clear(); }),
             Contains("nobody has published it"));
}

}  // namespace
}  // namespace souk
