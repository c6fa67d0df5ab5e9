// The single writer of one partition, with natural group commit: commands that came in the
// same round of the scheduler are decided together. While a group is on its way to the disk
// the next one is decided already, on states that are ahead of it; answers come in the order
// of the groups, each when its own is durable. No timer, nothing to tune.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/mutex.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/effect_queue.h"
#include "libs/eventsourcing/ledger.h"
#include "libs/eventstore/commit_log.h"
#include "libs/eventstore/event_log.h"
#include "libs/runtime/scheduler.h"

namespace souk {

struct PartitionOptions {
  std::string service;
  std::uint32_t index = 0;
  std::string incarnation;
  std::size_t waiting_commands_max = 4096;
  std::size_t running_effects_max = 64;
};

class Partition {
 public:
  // Commands are decided and written on `writer`; everything else happens on `scheduler`,
  // where callers of Transact continue. The references must outlive the partition.
  Partition(PartitionOptions options, Scheduler& scheduler, Scheduler& writer, const Clock& clock,
            Store& store, CommitLog& commit_log, const AggregateTypes& types,
            EffectQueue::FindHandler find_handler);

  // Continues after the end of the log, with the effects that wait there.
  void Recover(EventLog::Head head, PendingEffects effects);

  // See Engine::Transact. `several`: work may fail after it has executed commands.
  Task<Status> Transact(CommandMetadata metadata, bool several, Ledger::UnitFunction work,
                        Ledger::UnitFunction read);

  // The committed state of an aggregate.
  StatusOr<std::shared_ptr<const google::protobuf::Message>> Read(const AggregateType& type,
                                                                  std::string_view id);

  const EventLog& log() const { return log_; }
  EffectQueue& effects() { return effects_; }
  const EffectQueue& effects() const { return effects_; }

  // The last position that is durable and announced.
  std::uint64_t head() const { return head_; }
  absl::Time record_time() const { return record_time_; }
  // Continues when the log goes beyond `position`, and at the latest at `deadline` (real time).
  Task<> AwaitHead(std::uint64_t position, absl::Time deadline);
  // Called after every announced group.
  void OnCommit(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

  std::uint64_t commands() const { return commands_; }
  // Commands that were admitted and not answered yet.
  std::size_t in_flight() const { return in_flight_; }
  // OK while it serves; else why it stopped.
  Status health() const { return health_; }
  // Admits no more commands.
  void Stop();

 private:
  // A command that waits for its answer, in the frame of its Transact.
  struct Call {
    Call(Partition& p, const CommandMetadata& m, bool s, Ledger::UnitFunction w, Ledger::UnitFunction r)
        : partition(p), metadata(m), several(s), work(w), read(r) {}
    Call(const Call&) = delete;  // Its address is known to the partition.

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) {
      caller = self;
      return partition.Admit(this);
    }
    void await_resume() const noexcept {}

    Partition& partition;
    const CommandMetadata& metadata;
    const bool several;
    Ledger::UnitFunction work;
    Ledger::UnitFunction read;
    std::coroutine_handle<> caller;
    Status answer;
  };
  using Group = std::vector<Call*>;

  // `co_await NextGroup{...}` is everything that waits, once anything does.
  struct NextGroup {
    Partition& partition;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self);
    Group await_resume();
  };

  struct HeadWaiter {
    std::uint64_t position;
    Completion<bool> reached;
  };

  // Queues `call`. Returns false, with an answer, if that is not possible.
  bool Admit(Call* call);
  // A group that was decided and waits for the disk, or for groups before it.
  struct Decided {
    Group group;
    StagedGroup staged;
    std::optional<Status> written;
  };

  // The writer: decides group after group, for ever.
  Task<> Run();
  Task<> Commit(Decided& decided);
  // Announces the oldest groups, as far as they are written.
  void Conclude();
  void AnnounceOnScheduler(Group group, StagedGroup staged, Status written);
  void Announce(Group group, StagedGroup staged, Status written);
  Task<Status> EndEffect(std::string name, std::string effect_id, std::string failure);

  const PartitionOptions options_;
  Scheduler& scheduler_;
  Scheduler& writer_;
  const Clock& clock_;
  Store& store_;
  CommitLog& commit_log_;
  EventLog log_;
  Ledger ledger_;  // Used on the writer only, once it runs.
  EffectQueue effects_;

  // On the writer.
  std::deque<std::unique_ptr<Decided>> decided_;  // Oldest first.
  TaskScope commits_;
  bool failed_ = false;  // A commit did; nothing is decided any more.
  Status failure_;

  // On the scheduler.
  std::uint64_t head_ = 0;
  absl::Time record_time_ = absl::InfinitePast();
  std::uint64_t commands_ = 0;
  std::size_t in_flight_ = 0;
  Status health_;
  std::vector<std::weak_ptr<HeadWaiter>> head_waiters_;
  std::vector<std::function<void()>> listeners_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // Between scheduler and writer.
  Mutex mutex_;
  Group waiting_ ABSL_GUARDED_BY(mutex_);
  std::coroutine_handle<> idle_ ABSL_GUARDED_BY(mutex_);  // Run, when it waits for work.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  Task<> run_;
};

}  // namespace souk
