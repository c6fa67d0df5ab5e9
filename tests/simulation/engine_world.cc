#include "tests/simulation/engine_world.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "libs/eventsourcing/engine.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/rpc/sim_network.h"
#include "libs/testing/counter.h"
#include "souk/testing/v1/counter_service.pb.h"

namespace souk::simulation {
namespace {

using testing::Add;
using testing::Close;
using testing::Counter;
using testing::CounterId;
using testing::Open;
using testing::Report;
namespace v1 = testing::v1;

constexpr int kClients = 4;
constexpr int kCountersPerClient = 3;
constexpr int kAdditionsPerCounter = 6;
constexpr int kCrashes = 8;
constexpr std::int64_t kAmount = 40;  // Every third addition or so passes a hundred.
constexpr double kSyncErrors = 0.005;
constexpr absl::Duration kCallTimeout = absl::Milliseconds(10);

// The handlers: straight-line coroutines, as in any service.
class CounterService {
 public:
  explicit CounterService(Engine& engine) : engine_(engine) {}

  Task<StatusOr<v1::OpenCounterResponse>> OpenCounter(rpc::CallContext call, v1::OpenCounterRequest request) {
    const CounterId id = co_await Try(CounterId::Parse(request.counter_id()));
    CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
    const Open open{.owner = request.owner()};
    const Shared<Counter::State> counter =
        co_await Try(engine_.Execute<Counter>(id, open, std::move(metadata)));
    v1::OpenCounterResponse response;
    response.set_value(counter->value());
    co_return response;
  }

  Task<StatusOr<v1::AddToCounterResponse>> AddToCounter(rpc::CallContext call,
                                                        v1::AddToCounterRequest request) {
    const CounterId id = co_await Try(CounterId::Parse(request.counter_id()));
    CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
    const Add add{.amount = request.amount()};
    const Shared<Counter::State> counter =
        co_await Try(engine_.Execute<Counter>(id, add, std::move(metadata)));
    v1::AddToCounterResponse response;
    response.set_value(counter->value());
    co_return response;
  }

 private:
  Engine& engine_;
};

// The clock of the simulated world.
class WorldClock final : public Clock {
 public:
  explicit WorldClock(const SimScheduler& world) : world_(world) {}
  absl::Time Now() const override { return world_.Now(); }
  bool manual() const override { return false; }

 private:
  const SimScheduler& world_;
};

// All of a process that a crash takes with it.
struct Process {
  Process(SimScheduler& world, SimDisk& disk, const Clock& clock, std::set<std::string>& reported)
      : scheduler(world),
        store(world, scheduler, disk),
        engine({.service = "counters", .partitions = 2, .new_incarnation = "i-1"}, scheduler, clock, store),
        service(engine),
        effects(reported) {
    engine.Register<Counter>();
    engine.OnEffect<Counter>("report", [this](Effect effect) { return MakeReport(std::move(effect)); });
    engine.OnEffect<Counter>("idle", [this](Effect effect) { return CloseIdle(std::move(effect)); });
    router.Add<&CounterService::OpenCounter>(service, rpc::kAnyone);
    router.Add<&CounterService::AddToCounter>(service, rpc::kAnyone);
  }

  Task<Status> MakeReport(Effect effect) {
    effects.insert(effect.effect_id);  // The world outside: it sees the same id however often.
    co_await Sleep(scheduler, absl::Microseconds(500));
    const Report report{.value = std::stoll(effect.payload)};
    co_await Try(engine.Execute<Counter>(CounterId::Of(effect.aggregate_id), report, effect.Metadata()));
    co_return OkStatus();
  }
  Task<Status> CloseIdle(Effect effect) {
    const Close close{.reason = "idle"};
    co_await Try(engine.Execute<Counter>(CounterId::Of(effect.aggregate_id), close, effect.Metadata()));
    co_return OkStatus();
  }

  SimProcess scheduler;
  SimStore store;
  Engine engine;
  CounterService service;
  rpc::Router router;
  std::set<std::string>& effects;
  rpc::SimServer server{router, scheduler};
  TaskScope tasks;
};

class World {
 public:
  World(std::uint64_t seed, DiskFaults faults) : scheduler_(seed), disk_(faults) {
    disk_.condition().sync_error_probability = kSyncErrors;
  }

  Outcome Run() {
    for (int i = 0; i < kClients; ++i) clients_.Spawn(Client("client-" + std::to_string(i)));
    clients_.Spawn(Havoc());
    while (scheduler_.Step()) {
    }
    Check();
    outcome_.digest = scheduler_.digest();
    outcome_.steps = scheduler_.steps();
    outcome_.lost_batches = disk_.lost_batches();
    outcome_.lost_messages = network_.counts().lost;
    outcome_.repeated_messages = network_.counts().repeated;
    outcome_.effects = static_cast<int>(reported_.size());
    return outcome_;
  }

 private:
  Task<> Client(std::string name) {
    for (int i = 0; i < kCountersPerClient; ++i) {
      const std::string id = name + "-counter-" + std::to_string(i);
      v1::OpenCounterRequest open;
      open.set_request_id(id + "-open");
      open.set_counter_id(id);
      open.set_owner(name);
      co_await Insist<v1::OpenCounterResponse>(open);
      for (int j = 0; j < kAdditionsPerCounter; ++j) {
        v1::AddToCounterRequest add;
        add.set_request_id(id + "-add-" + std::to_string(j));
        add.set_counter_id(id);
        add.set_amount(kAmount);
        co_await Insist<v1::AddToCounterResponse>(add);
      }
    }
  }

  // Sends the same request until there is a definite answer.
  template <typename Response, typename Request>
  Task<> Insist(Request request) {
    for (;;) {
      const rpc::CallOptions options{.principal = {.kind = Principal::Kind::kGuest, .id = "g"},
                                     .deadline = scheduler_.Now() + kCallTimeout};
      const StatusOr<Response> response = co_await rpc::Call<Response>(channel_, options, request);
      if (response.ok()) {
        ++outcome_.acknowledged;
        acknowledged_.insert(request.request_id());
        co_return;
      }
      if (!IsTransient(response.status())) {  // Nothing that was acknowledged can make this fail.
        Fail(request.request_id() + " was refused: " + response.status().ToString());
        co_return;
      }
      co_await Sleep(scheduler_, absl::Milliseconds(1 + scheduler_.Random(20)));
    }
  }

  // Crashes the process now and then, and leaves it alive in the end.
  Task<> Havoc() {
    Boot();
    for (int i = 0; i < kCrashes; ++i) {
      co_await Sleep(scheduler_, absl::Microseconds(scheduler_.Random(30'000)));
      Crash();
      co_await Sleep(scheduler_, absl::Microseconds(scheduler_.Random(5'000)));
      Boot();
    }
    while (clients_.running() > 1 || !Done()) {  // A disk error stops a partition: restart it.
      co_await Sleep(scheduler_, absl::Milliseconds(200));
      if (!started_ || (process_->engine.Health().ok() && !failed_start_)) continue;
      Crash();
      Boot();
    }
  }

  // Every effect and timer has run.
  bool Done() const {
    return started_ && !failed_start_ && process_->engine.NextDue() == absl::InfiniteFuture() &&
           process_->engine.Drained();
  }

  void Boot() {
    started_ = failed_start_ = false;
    process_ = std::make_unique<Process>(scheduler_, disk_, clock_, reported_);
    process_->tasks.Spawn(Start(process_.get()));
  }
  Task<> Start(Process* process) {
    const Status started = co_await process->engine.Start();
    if (!started.ok()) {
      if (!absl::IsInternal(started) && !absl::IsUnavailable(started))
        Fail("cannot start: " + started.ToString());
      started_ = true;  // Havoc restarts it: the simulated disk failed.
      failed_start_ = true;
      co_return;
    }
    process->engine.StartEffects();
    network_.Listen("counters", &process->server);
    started_ = true;
  }

  void Crash() {
    network_.Listen("counters", nullptr);
    process_ = nullptr;
    disk_.Crash(scheduler_);
    ++outcome_.crashes;
  }

  void Check() {
    CheckLog();
    const std::optional<std::string> before = Hash();
    Crash();
    // Everything but the log is a cache: made anew it is the same.
    Process rebuilt(scheduler_, disk_, clock_, reported_);
    Status status = Unavailable("not done");
    rebuilt.tasks.Spawn([](Engine& engine, Status& done) -> Task<> {
      done = co_await engine.DropDerived();
      if (done.ok()) done = co_await engine.Start();
    }(rebuilt.engine, status));
    while (scheduler_.Step()) {
    }
    // The disk of this world may fail the rebuild, as it may any write.
    if (status.ok() && StateHash(rebuilt.store).value_or("") != before) Fail("rebuilt state differs");
  }

  std::optional<std::string> Hash() const {
    StatusOr<std::string> hash = StateHash(process_->store);
    return hash.ok() ? std::optional<std::string>(*std::move(hash)) : std::nullopt;
  }

  void CheckLog() {
    std::set<std::string> requests;
    std::map<std::string, std::int64_t> values;
    for (std::uint32_t i = 0; i < 2; ++i) {
      const EventLog log(process_->store, i);
      if (const auto verified = log.Verify(); !verified.ok()) Fail(verified.status().ToString());
      const Status read = log.ReadAfter(0, [&](const event::v1::EventRecord& record, std::string_view) {
        if (!record.request_id().empty() && !requests.insert(record.request_id()).second) {
          Fail("applied twice: " + record.request_id());
        }
        if (record.type() == "counter.added") values[record.aggregate_id()] += kAmount;
        return true;
      });
      if (!read.ok()) Fail(read.ToString());
    }
    for (const std::string& request : acknowledged_) {
      if (!requests.contains(request)) Fail("lost: " + request);
    }
    for (const auto& [id, value] : values) {
      const auto counter = process_->engine.Read<Counter>(CounterId::Of(id));
      if (!counter.ok() || (*counter)->value() != value) Fail("stale state: " + id);
      if (counter.ok() && (*counter)->reported() / 100 < value / 100) Fail("an effect never happened: " + id);
      if (counter.ok() && !(*counter)->closed()) Fail("a timer never fired: " + id);
    }
  }

  void Fail(std::string violation) {
    if (outcome_.violation.empty()) outcome_.violation = std::move(violation);
  }

  SimScheduler scheduler_;
  WorldClock clock_{scheduler_};
  SimDisk disk_;
  rpc::SimNetwork network_{scheduler_};
  rpc::SimChannel channel_{network_, "client", "counters", scheduler_};
  std::set<std::string> reported_;
  std::unique_ptr<Process> process_;
  bool started_ = false;
  bool failed_start_ = false;
  std::set<std::string> acknowledged_;  // Requests that were answered with OK.
  Outcome outcome_;
  TaskScope clients_;
};

}  // namespace

Outcome SimulateEngine(std::uint64_t seed, DiskFaults faults) { return World(seed, faults).Run(); }

}  // namespace souk::simulation
