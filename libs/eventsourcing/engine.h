// The event engine of one service: its partitions, and what a handler may do with them.
//
//   const Shared<State> order = co_await Try(engine.Execute<Order>(id, Cancel{.reason = "late"}, metadata));
//   const Shared<State> order = co_await Try(engine.Read<Order>(id));
//   const std::vector<IndexRow> rows = co_await Try(engine.Query({.index = "orders_by_buyer", .prefix =
//   buyer}));
//
// Everything here runs on the service's scheduler and continues there; nothing is
// thread-safe except what says so. The writers of the partitions may be elsewhere.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/hash.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/aggregate.h"
#include "libs/eventsourcing/aggregate_type.h"
#include "libs/eventsourcing/effect.h"
#include "libs/eventsourcing/partition.h"
#include "libs/eventsourcing/shared.h"
#include "libs/eventsourcing/unit.h"
#include "libs/eventsourcing/view.h"
#include "libs/eventsourcing/view_runner.h"
#include "libs/eventstore/commit_log.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"

namespace souk {

// Which rows of an index to return.
struct IndexQuery {
  std::string index;
  std::string prefix;        // Only keys that begin with it.
  std::string after;         // Only keys beyond this one, in the direction of reading.
  std::size_t limit = 1000;  // At most so many rows.
  Direction direction = Direction::kForward;
};

struct EngineOptions {
  std::string service;  // Such as "order".
  std::uint32_t partitions = 1;
  // Of the store, should it be a new one: a UUID, which makes event ids unique.
  std::string new_incarnation = "0";
  // Commands that may wait per partition; more are refused with RESOURCE_EXHAUSTED.
  std::size_t waiting_commands_max = 4096;
  // Effects of one partition that run at the same time.
  std::size_t running_effects_max = 64;
  // See PendingEffects; part of what a store is: a rebuild with another number makes other rows.
  std::uint64_t positions_per_effect_write = PendingEffects::kPositionsPerWrite;
};

class Engine {
 public:
  // All references must outlive the engine. `writer_of` gives the scheduler of a
  // partition's writer; by default it is `scheduler` itself. `commit_log` is where groups
  // are committed; by default that is `store`.
  Engine(EngineOptions options, Scheduler& scheduler, const Clock& clock, Store& store,
         std::function<Scheduler&(std::uint32_t partition)> writer_of = nullptr,
         CommitLog* commit_log = nullptr);
  ~Engine();

  // -- Before Start --

  // Declares an aggregate. Events of an aggregate that is not declared stop the start.
  template <Aggregate A>
  void Register() {
    Register(std::make_unique<AggregateTypeOf<A>>());
  }

  // Names the handler of effects of `kind` that A's React starts.
  template <Aggregate A>
  void OnEffect(std::string_view kind, EffectHandler handler) {
    SetEffectHandler(A::kName, kind, std::move(handler));
  }

  // Adds a view that follows the log; see view.h.
  void AddView(std::unique_ptr<View> view);

  // How stored events appear to other services; nothing for those that do not.
  using PublicMapping = std::function<std::optional<PublicEvent>(const event::v1::EventRecord&)>;
  void SetPublicMapping(PublicMapping mapping) { public_mapping_ = std::move(mapping); }
  const PublicMapping& public_mapping() const { return public_mapping_; }

  // Recovers: reads the log's end, rebuilds what is missing or of another version, brings
  // views up to date. Effects do not run before StartEffects. DATA_LOSS with position
  // when the log is damaged.
  Task<Status> Start();
  void StartEffects();

  // -- Commands --

  // Decides `command` on `id` and returns the new state, once that is durable. The same
  // request_id again is answered with the present state; with other content it is
  // INVALID_ARGUMENT REQUEST_ID_REUSED. RESOURCE_EXHAUSTED when too many commands wait,
  // UNAVAILABLE when the partition has stopped (the command may have taken effect).
  // Thread-safe when writers are elsewhere, but continues on the service's scheduler.
  template <Aggregate A, typename Command>
  Task<StatusOr<Shared<typename A::State>>> Execute(typename A::Id id, Command command,
                                                    CommandMetadata metadata) {
    StatusOr<Shared<typename A::State>> result;
    Status status = co_await Transact(
        PartitionOf(PartitionKeyOf<A>(id)), std::move(metadata), /*several=*/false,
        [&](Unit& unit) { return unit.Execute<A>(id, command); },
        [&](Unit& unit) {
          result = unit.Share<A>(id);
          return result.status();
        });
    if (!status.ok()) co_return status;
    co_return result;
  }

  // The same for states that are large and change all the time, so that the engine would
  // have to copy them: returns what `select` takes from the new state. `select` runs on the
  // writer and must not wait.
  template <Aggregate A, typename Command, std::invocable<const typename A::State&> Select>
  auto Execute(typename A::Id id, Command command, CommandMetadata metadata, Select select)
      -> Task<StatusOr<std::invoke_result_t<Select, const typename A::State&>>> {
    std::optional<std::invoke_result_t<Select, const typename A::State&>> result;
    Status status = co_await Transact(
        PartitionOf(PartitionKeyOf<A>(id)), std::move(metadata), /*several=*/false,
        [&](Unit& unit) { return unit.Execute<A>(id, command); },
        [&](Unit& unit) {
          StatusOr<const typename A::State*> state = unit.Load<A>(id);
          if (state.ok()) result = select(**state);
          return state.status();
        });
    if (!status.ok()) co_return status;
    co_return *std::move(result);
  }

  // Runs `work` in one transaction of the partition of `partition_key`: everything it
  // executes becomes durable together or not at all. `read` runs afterwards, also when
  // the request is a repetition and `work` does not run. Both run on the writer, must
  // not wait, and must stay valid until the task is done.
  Task<Status> Transact(std::string partition_key, CommandMetadata metadata,
                        absl::FunctionRef<Status(Unit&)> work, absl::FunctionRef<Status(Unit&)> read) {
    return Transact(PartitionOf(partition_key), std::move(metadata), /*several=*/true, work, read);
  }

  // -- Queries: committed state only, so a caller reads its own writes --

  // The state of `id`; the default state when nothing ever happened to it.
  template <Aggregate A>
  StatusOr<Shared<typename A::State>> Read(const typename A::Id& id) const {
    ASSIGN_OR_RETURN(std::shared_ptr<const google::protobuf::Message> state,
                     ReadState(A::kName, id.str(), PartitionKeyOf<A>(id)));
    return Shared(std::static_pointer_cast<const typename A::State>(std::move(state)));
  }
  // What `select` takes from it: see Execute.
  template <Aggregate A, std::invocable<const typename A::State&> Select>
  auto Read(const typename A::Id& id, Select select) const
      -> StatusOr<std::invoke_result_t<Select, const typename A::State&>> {
    ASSIGN_OR_RETURN(const Shared<typename A::State> state, Read<A>(id));
    return select(*state);
  }

  // Everything that ever happened to `id`, as stored.
  template <Aggregate A>
  StatusOr<std::vector<event::v1::EventRecord>> ReadStream(const typename A::Id& id) const {
    return ReadStream(A::kName, id.str(), PartitionOf(PartitionKeyOf<A>(id)));
  }
  StatusOr<std::vector<event::v1::EventRecord>> ReadStream(std::string_view aggregate, std::string_view id,
                                                           std::uint32_t partition) const;

  // Rows of an index over all partitions, in the order of their keys.
  StatusOr<std::vector<IndexRow>> Query(const IndexQuery& query) const;
  // One row's value; nothing when there is none.
  StatusOr<std::optional<std::string>> Lookup(std::string_view index, std::string_view key) const;
  // Rows of a view; see view.h.
  StatusOr<std::vector<IndexRow>> QueryView(std::string_view view, const IndexQuery& query) const;

  // -- Effects --

  // Waits until the effect `kind`, `key` of `id` is done or cancelled, at once when it is
  // not pending. DEADLINE_EXCEEDED at `deadline` (real time).
  template <Aggregate A>
  Task<Status> AwaitEffect(typename A::Id id, std::string kind, std::string key, absl::Time deadline) {
    return AwaitEffect(A::kName, id.str(), PartitionKeyOf<A>(id), std::move(kind), std::move(key), deadline);
  }

  // -- For whoever runs the service --

  const EngineOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  Scheduler& scheduler() { return scheduler_; }
  Store& store() { return store_; }
  std::uint32_t PartitionOf(std::string_view partition_key) const {
    return static_cast<std::uint32_t>(Fnv1a(partition_key) % options_.partitions);
  }
  Partition& partition(std::uint32_t index) { return *partitions_[index]; }
  const Partition& partition(std::uint32_t index) const { return *partitions_[index]; }

  // When the next pending effect that is not running is due; InfiniteFuture when none.
  absl::Time NextDue() const;
  // True when no command waits, no effect runs or is due, and every view has caught up.
  bool Idle() const;
  // Tells the effects that the clock was set.
  void ClockMoved();
  // Admits no more commands and starts no more effects. Then wait for Drained.
  void Stop();
  // True when no command and no effect is under way.
  bool Drained() const;
  // OK while every partition serves and the store can be written; otherwise why not.
  Status Health() const;
  // Forgets everything derived from the log, so that Start makes it anew.
  Task<Status> DropDerived();

 private:
  void Register(std::unique_ptr<AggregateType> type);
  void SetEffectHandler(std::string_view aggregate, std::string_view kind, EffectHandler handler);
  StatusOr<std::shared_ptr<const google::protobuf::Message>> ReadState(std::string_view aggregate,
                                                                       std::string_view id,
                                                                       std::string_view partition_key) const;
  Task<Status> Transact(std::uint32_t partition, CommandMetadata metadata, bool several,
                        absl::FunctionRef<Status(Unit&)> work, absl::FunctionRef<Status(Unit&)> read);
  Task<Status> AwaitEffect(std::string aggregate, std::string id, std::string partition_key, std::string kind,
                           std::string key, absl::Time deadline);
  Task<StatusOr<std::string>> OpenStore();
  Task<Status> StartPartition(std::uint32_t index, std::string incarnation);
  Task<Status> StartViews(std::uint32_t index);
  // Lets the views of a partition follow its log.
  void PumpViews(std::uint32_t index);
  StatusOr<std::vector<IndexRow>> ScanRows(std::string_view name, const IndexQuery& query) const;

  const EngineOptions options_;
  Scheduler& scheduler_;
  const Clock& clock_;
  Store& store_;
  LocalCommitLog local_commit_log_;
  CommitLog& commit_log_;
  std::function<Scheduler&(std::uint32_t)> writer_of_;
  AggregateTypes types_;
  absl::flat_hash_map<std::string, EffectHandler> effect_handlers_;
  PublicMapping public_mapping_;
  std::vector<std::unique_ptr<View>> views_;
  std::vector<std::unique_ptr<Partition>> partitions_;
  std::vector<std::vector<std::unique_ptr<ViewRunner>>> view_runners_;  // By partition.
  TaskScope view_tasks_;
};

}  // namespace souk
