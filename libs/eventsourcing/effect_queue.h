// Runs the effects and timers of one partition when they are due, until they are done.
//
// Quick retries wait in real time: they are about a process that restarts. Later ones
// wait for the business clock, so that a store whose clock stands still does not spin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/effect.h"
#include "libs/eventsourcing/ledger.h"
#include "libs/runtime/scheduler.h"

namespace souk {

class EffectQueue {
 public:
  // Tells the partition that an effect ended without an event. Done when that is durable.
  using EndEffect = std::function<Task<Status>(std::string name, std::string effect_id, std::string failure)>;
  // Finds the handler of an aggregate's effects of a kind; null when there is none.
  using FindHandler =
      std::function<const EffectHandler*(const std::string& aggregate, const std::string& kind)>;

  // Everything happens on `scheduler`. The references must outlive the queue.
  EffectQueue(Scheduler& scheduler, const Clock& clock, std::size_t running_max, FindHandler find_handler,
              EndEffect end_effect);
  ~EffectQueue();

  // What a committed group did.
  void Apply(std::vector<EffectChange> changes);

  // Begins to run effects; before that they only gather.
  void Start();
  // Starts no more. Those that run go on.
  void Stop() { started_ = false; }
  // Runs what has become due.
  void Pump();

  // Resumes the task when the effect is not pending any more, or at the deadline.
  Task<Status> Await(std::string name, absl::Time deadline);

  // When the next effect that is not running is due; InfiniteFuture when none waits.
  absl::Time NextDue() const { return due_.empty() ? absl::InfiniteFuture() : due_.begin()->first.first; }
  std::size_t running() const { return running_; }
  std::size_t pending() const { return effects_.size(); }
  std::size_t set_aside() const { return set_aside_; }

 private:
  struct Waiter {
    Completion<Status> done;
  };
  // Whoever runs it holds it too, and learns from it that it ended or was replaced.
  struct Pending : std::enable_shared_from_this<Pending> {
    std::string name;
    std::shared_ptr<const engine::v1::EffectRecord> record;
    std::uint64_t arrival = 0;  // How many came before it.
    absl::Time due;             // Later than the record's after a failed attempt.
    int attempts = 0;
    bool waits = false;  // To be run: it is in `due_`.
    bool ended = false;  // It is not in `effects_` any more.
    std::vector<std::weak_ptr<Waiter>> waiters;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  // Pending effects by their names.
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return absl::HashOf(name); }
    std::size_t operator()(const PendingPtr& pending) const { return (*this)(pending->name); }
  };
  struct SameName {
    using is_transparent = void;
    static std::string_view NameOf(std::string_view name) { return name; }
    static std::string_view NameOf(const PendingPtr& pending) { return pending->name; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return NameOf(a) == NameOf(b);
    }
  };
  using Effects = absl::flat_hash_set<PendingPtr, NameHash, SameName>;

  void Insert(std::string name, std::shared_ptr<const engine::v1::EffectRecord> record);
  void Remove(Effects::iterator it);
  void Schedule(Pending& pending, absl::Time due);
  // Asks to be pumped when the next effect is due.
  void WakeUp();
  Task<> Run(PendingPtr pending);
  // What to do after an attempt that did not work; OK did.
  Task<> Conclude(PendingPtr pending, Status status);

  Scheduler& scheduler_;
  const Clock& clock_;
  const std::size_t running_max_;
  const FindHandler find_handler_;
  const EndEffect end_effect_;

  Effects effects_;
  std::uint64_t arrivals_ = 0;
  // Those of effects_ that wait to be run, by time; those of one time as they came.
  absl::btree_map<std::pair<absl::Time, std::uint64_t>, Pending*> due_;
  std::size_t running_ = 0;
  std::size_t set_aside_ = 0;  // Of effects_: those that failed for good.
  bool started_ = false;
  absl::Time wake_up_ = absl::InfiniteFuture();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  TaskScope tasks_;
};

}  // namespace souk
