// One process that runs the whole engine on RocksDB: aggregates with indexes and snapshots,
// effects, timers, a view, and a feed of its own events that a consumer turns into further
// commands. All on one thread, in an order that a seed decides.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/event_log_service.h"
#include "libs/rpc/local_channel.h"
#include "libs/rpc/router.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/fault_fs.h"
#include "libs/storage/rocks_store.h"
#include "libs/testing/counter.h"

namespace souk::crash {

inline constexpr std::uint32_t kPartitions = 2;

// What no correct engine does. Tests turn them on to see that the checks notice.
struct Mutations {
  bool acknowledge_before_sync = false;  // Commits are not synced.
  bool forget_requests = false;          // Request records are not stored.
  bool split_batches = false;            // The log is written first, what is derived from it afterwards.
};

// What the world outside has seen, which a crash does not undo.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual void Saw(const event::v1::EventRecord& event) = 0;  // Through the feed.
  virtual void Ran(const std::string& effect_id) = 0;
};

class CrashProcess {
 public:
  // Opens the store and recovers the engine; nothing moves on its own before Go.
  static StatusOr<std::unique_ptr<CrashProcess>> Start(FaultDisk& disk, const Clock& clock,
                                                       Mutations mutations, Witness& witness);
  ~CrashProcess();

  // Lets effects, timers and the feed run.
  void Go();

  // Runs until `done`. False when the engine has stopped before, or never gets there.
  bool RunUntil(absl::FunctionRef<bool()> done);
  // Runs until nothing is left to do at this time of the clock.
  bool Settle();
  // Runs until the task has its result, if it gets one.
  template <typename T>
  std::optional<T> Run(Task<T> task) {
    std::optional<T> result;
    TaskScope scope;
    scope.Spawn([](Task<T> t, std::optional<T>& r) -> Task<> { r.emplace(co_await std::move(t)); }(
                                                       std::move(task), result));
    RunUntil([&] { return result.has_value(); });
    return result;
  }

  Engine& engine() { return *engine_; }
  RocksStore& store() { return *store_; }
  const Consumer& consumer() const { return *consumer_; }

 private:
  class MutatedLog;

  CrashProcess(std::unique_ptr<RocksStore> store, const Clock& clock, Mutations mutations, Witness& witness);
  Task<Status> Report(Effect effect);
  Task<Status> CloseIdle(Effect effect);
  template <typename Event>
  Task<Status> Follow(Delivery delivery, Event event);

  SimScheduler scheduler_{1};
  const std::unique_ptr<RocksStore> store_;
  Witness& witness_;
  const std::unique_ptr<MutatedLog> commit_log_;
  std::unique_ptr<Engine> engine_;
  EventLogService event_logs_;
  rpc::Router router_;
  rpc::LocalChannel channel_{router_, scheduler_};
  Subscription subscription_{"counters"};
  std::unique_ptr<Consumer> consumer_;
};

// The counter that adds up all additions to the counters of `owner`; the feed's consumer
// keeps it.
testing::CounterId TallyOf(std::string_view owner);

}  // namespace souk::crash
