#include "libs/eventsourcing/effect_queue.h"

#include <algorithm>
#include <iterator>

#include "libs/base/proto_time.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// Attempts whose pause is in real time.
constexpr int kQuickRetries = 2;

Effect MakeEffect(const engine::v1::EffectRecord& record, int attempt) {
  return {.effect_id = record.effect_id(),
          .aggregate = record.aggregate(),
          .aggregate_id = record.aggregate_id(),
          .kind = record.kind(),
          .key = record.key(),
          .payload = record.payload(),
          .due = FromProto(record.due_time()),
          .cause_event_id = record.cause_event_id(),
          .correlation_id = record.correlation_id(),
          .attempt = attempt};
}

}  // namespace

EffectQueue::EffectQueue(Scheduler& scheduler, const Clock& clock, std::size_t running_max,
                         FindHandler find_handler, EndEffect end_effect)
    : scheduler_(scheduler),
      clock_(clock),
      running_max_(running_max),
      find_handler_(std::move(find_handler)),
      end_effect_(std::move(end_effect)) {}

EffectQueue::~EffectQueue() = default;

void EffectQueue::Apply(std::vector<EffectChange> changes) {
  for (EffectChange& change : changes) {
    Remove(change.name);
    if (change.record != nullptr) Insert(change.name, std::move(change.record));
  }
  Pump();
}

void EffectQueue::Insert(const std::string& name, std::shared_ptr<const engine::v1::EffectRecord> record) {
  const engine::v1::EffectRecord& effect = *record;
  effects_[name].record = std::move(record);
  if (effect.failure().empty()) {
    Schedule(name, FromProto(effect.due_time()));
  } else {
    ++set_aside_;
  }
}

void EffectQueue::Remove(const std::string& name) {
  const auto it = effects_.find(name);
  if (it == effects_.end()) return;
  due_.erase({it->second.due, name});
  if (!it->second.record->failure().empty()) --set_aside_;
  const std::vector<std::weak_ptr<Waiter>> waiters = std::move(it->second.waiters);
  effects_.erase(it);
  for (const auto& weak : waiters) {
    if (const auto waiter = weak.lock()) {
      // Not within this call: who waits may well change the queue.
      scheduler_.Post([waiter] { waiter->done.Set(OkStatus()); });
    }
  }
}

void EffectQueue::Schedule(const std::string& name, absl::Time due) {
  const auto it = effects_.find(name);
  it->second.due = due;
  due_.emplace(due, it->first);
}

void EffectQueue::Start() {
  started_ = true;
  Pump();
}

void EffectQueue::Pump() {
  if (!started_) return;
  const absl::Time now = clock_.Now();
  while (running_ < running_max_ && !due_.empty() && due_.begin()->first <= now) {
    const std::string name(due_.begin()->second);
    due_.erase(due_.begin());
    Pending& pending = effects_[name];
    pending.running = true;
    ++running_;
    // Posted, so that effects of one commit start after everyone who waited for it.
    scheduler_.Post(
        [this, alive = std::weak_ptr<bool>(alive_), name, effect_id = pending.record->effect_id()] {
          if (!alive.expired()) tasks_.Spawn(Run(name, effect_id));
        });
  }
  WakeUp();
}

void EffectQueue::WakeUp() {
  if (clock_.manual() || due_.empty() || running_ >= running_max_) return;
  const absl::Time due = due_.begin()->first;
  if (due >= wake_up_) return;
  wake_up_ = due;
  // Timers lie days ahead: look again at least once a minute, should the clock be corrected.
  const absl::Duration wait = std::min(due - clock_.Now(), absl::Minutes(1));
  scheduler_.PostAt(scheduler_.Now() + wait, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    wake_up_ = absl::InfiniteFuture();
    Pump();
  });
}

Task<> EffectQueue::Run(std::string name, std::string effect_id) {
  const auto it = effects_.find(name);
  if (it == effects_.end() || it->second.record->effect_id() != effect_id) {  // Cancelled before it began.
    --running_;
    Pump();
    co_return;
  }
  const Effect effect = MakeEffect(*it->second.record, ++it->second.attempts);
  const EffectHandler* const handler = find_handler_(effect.aggregate, effect.kind);
  Status status = Internal("no handler for effects of kind %s", effect.kind);
  if (handler != nullptr) status = co_await (*handler)(effect);
  co_await Conclude(std::move(name), std::move(effect_id), std::move(status));
}

Task<> EffectQueue::Conclude(std::string name, std::string effect_id, Status status) {
  const auto pending = [&]() -> Pending* {
    const auto it = effects_.find(name);
    return it != effects_.end() && it->second.record->effect_id() == effect_id ? &it->second : nullptr;
  };
  if (pending() != nullptr && !IsTransient(status)) {
    if (!status.ok()) {
      telemetry::Log(telemetry::Level::kError, "effect set aside",
                     {{"aggregate", pending()->record->aggregate()},
                      {"id", pending()->record->aggregate_id()},
                      {"kind", pending()->record->kind()},
                      {"error", status.ToString()}});
    }
    const std::string failure = status.ok() ? "" : status.ToString();
    status = co_await end_effect_(name, effect_id, failure);
  }
  if (Pending* const again = pending(); again != nullptr && again->record->failure().empty()) {
    const int index = std::min(again->attempts - 1, static_cast<int>(std::size(kRetryPauses)) - 1);
    const absl::Duration pause = kRetryPauses[index];
    if (again->attempts <= kQuickRetries) {
      co_await Sleep(scheduler_, pause);
      if (pending() != nullptr) Schedule(name, clock_.Now());
    } else {
      Schedule(name, clock_.Now() + pause);
    }
  }
  if (Pending* const after = pending(); after != nullptr) after->running = false;
  --running_;
  Pump();
}

Task<Status> EffectQueue::Await(std::string name, absl::Time deadline) {
  const auto it = effects_.find(name);
  if (it == effects_.end() || !it->second.record->failure().empty()) co_return OkStatus();
  const auto waiter = std::make_shared<Waiter>();
  it->second.waiters.push_back(waiter);
  if (deadline != absl::InfiniteFuture()) {
    scheduler_.PostAt(deadline, [weak = std::weak_ptr<Waiter>(waiter)] {
      if (const auto late = weak.lock()) {
        late->done.Set(absl::DeadlineExceededError("it is still under way; ask again"));
      }
    });
  }
  co_return co_await waiter->done;
}

}  // namespace souk
