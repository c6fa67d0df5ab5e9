#include "libs/eventsourcing/partition.h"

#include <algorithm>

#include "libs/eventsourcing/stored_state.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// Commands decided before a sync, so that a flood does not delay the first of them.
constexpr std::size_t kGroupSizeMax = 1024;

}  // namespace

Partition::Partition(PartitionOptions options, Scheduler& scheduler, Scheduler& writer, const Clock& clock,
                     Store& store, CommitLog& commit_log, const AggregateTypes& types,
                     EffectQueue::FindHandler find_handler)
    : options_(std::move(options)),
      scheduler_(scheduler),
      writer_(writer),
      clock_(clock),
      store_(store),
      commit_log_(commit_log),
      log_(store, options_.index),
      ledger_(options_.index, options_.service + options_.incarnation, types, store,
              &writer == &scheduler ? Ledger::Readers::kHere : Ledger::Readers::kElsewhere),
      effects_(scheduler, clock, options_.running_effects_max, std::move(find_handler),
               [this](std::string name, std::string effect_id, std::string failure) {
                 return EndEffect(std::move(name), std::move(effect_id), std::move(failure));
               }),
      run_(Run()) {}

void Partition::Recover(EventLog::Head head, PendingEffects effects) {
  head_ = head.position;
  record_time_ = head.record_time;
  effects_.Apply(effects.All());
  ledger_.Recover(std::move(head), std::move(effects));
  run_.Start();
}

Task<Status> Partition::Transact(CommandMetadata metadata, bool several, Ledger::UnitFunction work,
                                 Ledger::UnitFunction read) {
  if (in_flight_ >= options_.waiting_commands_max) {
    co_return absl::ResourceExhaustedError("too many commands wait; try again soon");
  }
  ++in_flight_;
  Call call(*this, metadata, several, work, read);
  co_await call;
  --in_flight_;
  co_return std::move(call.answer);
}

StatusOr<std::shared_ptr<const google::protobuf::Message>> Partition::Read(const AggregateType& type,
                                                                           std::string_view id) {
  if (&writer_ == &scheduler_) return ledger_.ShareCommitted(type.name(), id);  // Which is at rest.
  const std::shared_ptr<google::protobuf::Message> state = type.NewState();
  RETURN_IF_ERROR(FoldStored(store_, options_.index, type, id, *state).status());
  return state;
}

bool Partition::Admit(Call* call) {
  std::coroutine_handle<> idle;
  {
    MutexLock lock(mutex_);
    if (stopped_) {
      call->answer = Unavailable("partition %d of %s has stopped", options_.index, options_.service);
      return false;
    }
    waiting_.push_back(call);
    idle = std::exchange(idle_, {});
  }
  if (idle) {
    writer_.Post([idle, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) idle.resume();
    });
  }
  return true;
}

bool Partition::NextGroup::await_suspend(std::coroutine_handle<> self) {
  MutexLock lock(partition.mutex_);
  if (!partition.waiting_.empty()) return false;
  partition.idle_ = self;
  return true;
}

Partition::Group Partition::NextGroup::await_resume() {
  MutexLock lock(partition.mutex_);
  if (partition.waiting_.size() <= kGroupSizeMax) return std::exchange(partition.waiting_, {});
  const auto end = partition.waiting_.begin() + kGroupSizeMax;
  Group group(partition.waiting_.begin(), end);
  partition.waiting_.erase(partition.waiting_.begin(), end);
  return group;
}

Task<> Partition::Run() {
  while (!failed_) {
    Group group = co_await NextGroup{*this};
    ledger_.BeginGroup(clock_.Now());
    for (Call* const call : group) {
      call->answer = ledger_.Apply(call->metadata, call->several, call->work, call->read);
    }
    Decided& decided = *decided_.emplace_back(
        std::make_unique<Decided>(Decided{std::move(group), ledger_.TakeGroup(), std::nullopt}));
    if (decided.staged.batch.empty()) {
      // Its answers may rest on what earlier groups did: they wait for these.
      decided.written = OkStatus();
      Conclude();
    } else {
      commits_.Spawn(Commit(decided));
    }
  }
}

Task<> Partition::Commit(Decided& decided) {
  decided.written = co_await commit_log_.Commit(std::move(decided.staged.batch));
  Conclude();
}

void Partition::Conclude() {
  while (!decided_.empty() && decided_.front()->written.has_value()) {
    const std::unique_ptr<Decided> first = std::move(decided_.front());
    decided_.pop_front();
    // After an error nobody knows what later groups rest on.
    if (!failed_ && first->written->ok()) {
      ledger_.GroupCommitted(first->staged);
    } else if (!failed_) {
      failed_ = true;
      failure_ = *first->written;
    }
    AnnounceOnScheduler(std::move(first->group), std::move(first->staged), failed_ ? failure_ : OkStatus());
  }
}

void Partition::AnnounceOnScheduler(Group group, StagedGroup staged, Status written) {
  if (&writer_ == &scheduler_) {
    Announce(std::move(group), std::move(staged), std::move(written));
    return;
  }
  scheduler_.Post([this, alive = std::weak_ptr<bool>(alive_), group = std::move(group),
                   staged = std::move(staged), written = std::move(written)]() mutable {
    if (!alive.expired()) Announce(std::move(group), std::move(staged), std::move(written));
  });
}

void Partition::Announce(Group group, StagedGroup staged, Status written) {
  commands_ += group.size();
  if (!written.ok()) {
    // Nothing is known to be durable any more, so nobody is told otherwise.
    if (health_.ok()) {
      telemetry::Log(telemetry::Level::kError, "partition stopped: a commit failed",
                     {{"service", options_.service}, {"error", written.ToString()}});
      health_ = written;
    }
    Stop();
    MutexLock lock(mutex_);
    group.insert(group.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    for (Call* const call : group) {
      call->answer = Unavailable("partition %d of %s has stopped", options_.index, options_.service);
    }
  } else if (staged.head > head_) {
    head_ = staged.head;
    log_.Remember(head_, std::move(staged.records));
    record_time_ = std::max(record_time_, clock_.Now());
    effects_.Apply(std::move(staged.effects));
    const auto waiters = std::exchange(head_waiters_, {});
    for (const auto& weak : waiters) {
      const auto waiter = weak.lock();
      if (waiter == nullptr) continue;
      if (waiter->position < head_) {
        scheduler_.Post([waiter] { waiter->reached.Set(true); });
      } else {
        head_waiters_.push_back(weak);
      }
    }
  }
  // Resumes are the last thing: a caller may do anything, but not within a loop over ours.
  for (Call* const call : group) call->caller.resume();
  for (const auto& listener : listeners_) listener();
}

Task<> Partition::AwaitHead(std::uint64_t position, absl::Time deadline) {
  if (head_ > position) co_return;
  const auto waiter = std::make_shared<HeadWaiter>();
  waiter->position = position;
  head_waiters_.push_back(waiter);
  if (deadline != absl::InfiniteFuture()) {
    scheduler_.PostAt(deadline, [weak = std::weak_ptr<HeadWaiter>(waiter)] {
      if (const auto late = weak.lock()) late->reached.Set(false);
    });
  }
  co_await waiter->reached;
}

void Partition::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
}

Task<Status> Partition::EndEffect(std::string name, std::string effect_id, std::string failure) {
  CommandMetadata metadata;
  metadata.actor = "service/" + options_.service;
  metadata.causation_id = effect_id;
  const auto end = [&](Unit&) {
    ledger_.EndEffect(name, effect_id, failure);
    return OkStatus();
  };
  const auto nothing = [](Unit&) { return OkStatus(); };
  co_return co_await Transact(std::move(metadata), /*several=*/false, end, nothing);
}

}  // namespace souk
