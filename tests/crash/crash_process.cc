#include "tests/crash/crash_process.h"

#include "libs/eventsourcing/engine.h"
#include "libs/messaging/local_feed.h"

namespace souk::crash {

using event::v1::EventRecord;
using testing::Add;
using testing::Close;
using testing::Counter;
using testing::CounterId;
namespace v1 = testing::v1;

namespace {

constexpr char kService[] = "counters";
constexpr char kTallyPrefix[] = "tally-";
constexpr std::uint64_t kPositionsPerEffectWrite = 8;  // Few, so that short stories have some of each kind.
constexpr int kStepsMax = 1'000'000;                   // A process that takes more does not come to rest.

bool IsTally(std::string_view id) { return id.starts_with(kTallyPrefix); }

// Counts additions over all counters.
class AdditionsView final : public View {
 public:
  std::string name() const override { return "additions"; }
  std::uint32_t version() const override { return 1; }
  Status Project(const EventRecord& event, ViewRows& rows) override {
    if (event.type() != "counter.added") return OkStatus();
    ASSIGN_OR_RETURN(const std::optional<std::string> count, rows.Get("all"));
    rows.Put("all", std::to_string(std::stoi(count.value_or("0")) + 1));
    return OkStatus();
  }
};

// What happened to counters is public; what happened to tallies is not, or there would be no end.
std::optional<PublicEvent> Publish(const EventRecord& record) {
  v1::CounterEvent event;
  if (IsTally(record.aggregate_id()) || !event.ParseFromString(record.payload())) return std::nullopt;
  switch (event.kind_case()) {
    case v1::CounterEvent::kOpened:
      return PublicEvent::Of(event.opened());
    case v1::CounterEvent::kAdded:
      return PublicEvent::Of(event.added());
    case v1::CounterEvent::kReported:
    case v1::CounterEvent::kClosed:
    case v1::CounterEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

CounterId TallyOf(std::string_view owner) { return CounterId::Of(kTallyPrefix + std::string(owner)); }

// Commits as the mutations have it.
class CrashProcess::MutatedLog final : public CommitLog {
 public:
  MutatedLog(Store& store, Mutations mutations) : store_(store), mutations_(mutations) {}

  Task<Status> Commit(Batch batch) override {
    if (mutations_.forget_requests) {
      batch = batch.Only([](const Batch::Entry& entry) { return entry.family != ColumnFamily::kRequests; });
    }
    if (mutations_.split_batches) {
      Batch log = batch.Only([](const Batch::Entry& entry) { return entry.family == ColumnFamily::kLog; });
      co_await Try(store_.Write(std::move(log), Durability::kSynced));
    }
    co_return co_await store_.Write(
        std::move(batch), mutations_.acknowledge_before_sync ? Durability::kBuffered : Durability::kSynced);
  }

 private:
  Store& store_;
  const Mutations mutations_;
};

StatusOr<std::unique_ptr<CrashProcess>> CrashProcess::Start(FaultDisk& disk, const Clock& clock,
                                                            Mutations mutations, Witness& witness) {
  // Buffers so small that a short story flushes tables and begins new logs.
  ASSIGN_OR_RETURN(std::unique_ptr<RocksStore> store,
                   RocksStore::Open(disk.path() + "/store", {.env = disk.env(),
                                                             .write_buffer_bytes = std::size_t{64} << 10,
                                                             .wal_bytes_max = std::uint64_t{96} << 10}));
  std::unique_ptr<CrashProcess> process(new CrashProcess(std::move(store), clock, mutations, witness));
  const std::optional<Status> started = process->Run(process->engine_->Start());
  if (!started.has_value()) return Internal("the engine never starts");
  RETURN_IF_ERROR(*started);
  return process;
}

CrashProcess::CrashProcess(std::unique_ptr<RocksStore> store, const Clock& clock, Mutations mutations,
                           Witness& witness)
    : store_(std::move(store)),
      witness_(witness),
      commit_log_(std::make_unique<MutatedLog>(*store_, mutations)),
      engine_(std::make_unique<Engine>(EngineOptions{.service = kService,
                                                     .partitions = kPartitions,
                                                     .new_incarnation = "i-1",
                                                     .positions_per_effect_write = kPositionsPerEffectWrite},
                                       scheduler_, clock, *store_, nullptr, commit_log_.get())) {
  engine_->Register<Counter>();
  engine_->AddView(std::make_unique<AdditionsView>());
  engine_->SetPublicMapping(Publish);
  engine_->OnEffect<Counter>("report", [this](Effect effect) { return Report(std::move(effect)); });
  engine_->OnEffect<Counter>("idle", [this](Effect effect) { return CloseIdle(std::move(effect)); });
  event_logs_.Add(*engine_);
  event_logs_.AddTo(router_);
  subscription_.On<v1::CounterOpened>([this](Delivery delivery, v1::CounterOpened event) {
    return Follow(std::move(delivery), std::move(event));
  });
  subscription_.On<v1::CounterAdded>([this](Delivery delivery, v1::CounterAdded event) {
    return Follow(std::move(delivery), std::move(event));
  });
  consumer_ = std::make_unique<Consumer>(subscription_,
                                         std::make_unique<LocalFeedSource>(kService, kService, channel_),
                                         scheduler_, clock, *store_);
}

CrashProcess::~CrashProcess() = default;

Task<Status> CrashProcess::Report(Effect effect) {
  witness_.Ran(effect.effect_id);
  const testing::Report report{.value = std::stoll(effect.payload)};
  co_await Try(engine_->Execute<Counter>(CounterId::Of(effect.aggregate_id), report, effect.Metadata()));
  co_return OkStatus();
}

Task<Status> CrashProcess::CloseIdle(Effect effect) {
  const Close close{.reason = "idle"};
  co_await Try(engine_->Execute<Counter>(CounterId::Of(effect.aggregate_id), close, effect.Metadata()));
  co_return OkStatus();
}

// Each opening adds one to the owner's tally, each addition its amount; the tally itself is
// opened by whichever comes first.
template <typename Event>
Task<Status> CrashProcess::Follow(Delivery delivery, Event event) {
  witness_.Saw(*delivery.event);
  std::int64_t amount = 1;
  if constexpr (std::is_same_v<Event, v1::CounterAdded>) amount = event.amount();
  const std::string owner = delivery.event->aggregate_id().substr(0, 1);
  const CounterId tally = TallyOf(owner);
  const auto follow = [&](Unit& unit) {
    const StatusOr<const Counter::State*> state = unit.Load<Counter>(tally);
    RETURN_IF_ERROR(state.status());
    if ((*state)->owner().empty())
      RETURN_IF_ERROR(unit.Execute<Counter>(tally, testing::Open{.owner = "tallies"}));
    return unit.Execute<Counter>(tally, Add{.amount = amount});
  };
  const auto nothing = [](Unit&) { return OkStatus(); };
  co_return co_await engine_->Transact(Counter::PartitionKey(tally), delivery.Metadata(), follow, nothing);
}

void CrashProcess::Go() {
  engine_->StartEffects();
  consumer_->Start();
}

bool CrashProcess::RunUntil(absl::FunctionRef<bool()> done) {
  for (int step = 0; step < kStepsMax; ++step) {
    if (done()) return true;
    if (!engine_->Health().ok() && engine_->Drained()) return false;
    if (!scheduler_.Step()) return done();
  }
  return false;
}

bool CrashProcess::Settle() {
  return RunUntil([this] {
    if (!engine_->Idle() || consumer_->checkpoints().size() != kPartitions || !consumer_->Drained())
      return false;
    for (std::uint32_t i = 0; i < kPartitions; ++i) {
      if (consumer_->checkpoints()[i] != engine_->partition(i).head()) return false;
    }
    return true;
  });
}

}  // namespace souk::crash
