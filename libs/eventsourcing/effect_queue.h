// Runs the effects and timers of one partition when they are due, until they are done.
//
// Quick retries wait in real time: they are about a process that restarts. Later ones
// wait for the business clock, so that a store whose clock stands still does not spin.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
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
  absl::Time NextDue() const { return due_.empty() ? absl::InfiniteFuture() : due_.begin()->first; }
  std::size_t running() const { return running_; }
  std::size_t pending() const { return effects_.size(); }
  std::size_t set_aside() const { return set_aside_; }

 private:
  struct Waiter {
    Completion<Status> done;
  };
  struct Pending {
    std::shared_ptr<const engine::v1::EffectRecord> record;
    absl::Time due;  // Later than the record's after a failed attempt.
    int attempts = 0;
    bool running = false;  // An attempt, or a pause in real time.
    std::vector<std::weak_ptr<Waiter>> waiters;
  };

  void Insert(const std::string& name, std::shared_ptr<const engine::v1::EffectRecord> record);
  void Remove(const std::string& name);
  void Schedule(const std::string& name, absl::Time due);
  // Asks to be pumped when the next effect is due.
  void WakeUp();
  Task<> Run(std::string name, std::string effect_id);
  // What to do after an attempt that did not work; OK did.
  Task<> Conclude(std::string name, std::string effect_id, Status status);

  Scheduler& scheduler_;
  const Clock& clock_;
  const std::size_t running_max_;
  const FindHandler find_handler_;
  const EndEffect end_effect_;

  absl::node_hash_map<std::string, Pending> effects_;
  std::set<std::pair<absl::Time, std::string_view>> due_;  // Those that wait to be run; keys of effects_.
  std::size_t running_ = 0;
  std::size_t set_aside_ = 0;  // Of effects_: those that failed for good.
  bool started_ = false;
  absl::Time wake_up_ = absl::InfiniteFuture();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  TaskScope tasks_;
};

}  // namespace souk
