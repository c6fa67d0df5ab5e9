#include "libs/eventsourcing/effect_queue.h"

#include <algorithm>
#include <iterator>

#include "libs/base/proto_time.h"
#include "libs/telemetry/log.h"

namespace souk {

using engine::v1::EffectRecord;

namespace {

// Attempts whose pause is in real time.
constexpr int kQuickRetries = 2;

Effect MakeEffect(const EffectRecord& record, int attempt) {
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
    if (change.record != nullptr) {
      Insert(std::move(change.name), std::move(change.record));
    } else if (const auto it = effects_.find(change.name); it != effects_.end()) {
      Remove(it);
    }
  }
  Pump();
}

void EffectQueue::Insert(std::string name, std::shared_ptr<const engine::v1::EffectRecord> record) {
  const auto pending = std::make_shared<Pending>();
  pending->name = std::move(name);
  pending->record = std::move(record);
  pending->arrival = arrivals_++;
  if (const auto [it, is_new] = effects_.insert(pending); !is_new) {  // It takes the place of an older one.
    Remove(it);
    effects_.insert(pending);
  }
  if (pending->record->failure().empty()) {
    Schedule(*pending, FromProto(pending->record->due_time()));
  } else {
    ++set_aside_;
  }
}

void EffectQueue::Remove(Effects::iterator it) {
  const PendingPtr pending = *it;
  effects_.erase(it);
  pending->ended = true;
  if (pending->waits) due_.erase({pending->due, pending->arrival});
  if (!pending->record->failure().empty()) --set_aside_;
  for (const auto& weak : pending->waiters) {
    if (const auto waiter = weak.lock()) {
      // Not within this call: who waits may well change the queue.
      scheduler_.Post([waiter] { waiter->done.Set(OkStatus()); });
    }
  }
}

void EffectQueue::Schedule(Pending& pending, absl::Time due) {
  pending.due = due;
  pending.waits = true;
  due_.emplace(std::pair(due, pending.arrival), &pending);
}

void EffectQueue::Start() {
  started_ = true;
  Pump();
}

void EffectQueue::Pump() {
  if (!started_) return;
  const absl::Time now = clock_.Now();
  while (running_ < running_max_ && !due_.empty() && due_.begin()->first.first <= now) {
    const PendingPtr pending = due_.begin()->second->shared_from_this();
    due_.erase(due_.begin());
    pending->waits = false;
    ++running_;
    // Posted, so that effects of one commit start after everyone who waited for it.
    scheduler_.Post([this, alive = std::weak_ptr<bool>(alive_), pending] {
      if (!alive.expired()) tasks_.Spawn(Run(pending));
    });
  }
  WakeUp();
}

void EffectQueue::WakeUp() {
  if (clock_.manual() || due_.empty() || running_ >= running_max_) return;
  const absl::Time due = due_.begin()->first.first;
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

Task<> EffectQueue::Run(PendingPtr pending) {
  if (pending->ended) {  // Cancelled before it began.
    --running_;
    Pump();
    co_return;
  }
  Effect effect = MakeEffect(*pending->record, ++pending->attempts);
  const EffectHandler* const handler = find_handler_(effect.aggregate, effect.kind);
  Status status = Internal("no handler for effects of kind %s", effect.kind);
  if (handler != nullptr) status = co_await (*handler)(std::move(effect));
  co_await Conclude(std::move(pending), std::move(status));
}

Task<> EffectQueue::Conclude(PendingPtr pending, Status status) {
  if (!pending->ended && !IsTransient(status)) {
    const EffectRecord& effect = *pending->record;
    if (!status.ok()) {
      telemetry::Log(telemetry::Level::kError, "effect set aside",
                     {{"aggregate", effect.aggregate()},
                      {"id", effect.aggregate_id()},
                      {"kind", effect.kind()},
                      {"error", status.ToString()}});
    }
    const std::string failure = status.ok() ? "" : status.ToString();
    status = co_await end_effect_(pending->name, effect.effect_id(), failure);
  }
  if (!pending->ended) {  // Set aside, it would have been replaced.
    const int index = std::min(pending->attempts - 1, static_cast<int>(std::size(kRetryPauses)) - 1);
    const absl::Duration pause = kRetryPauses[index];
    if (pending->attempts <= kQuickRetries) {
      co_await Sleep(scheduler_, pause);
      if (!pending->ended) Schedule(*pending, clock_.Now());
    } else {
      Schedule(*pending, clock_.Now() + pause);
    }
  }
  --running_;
  Pump();
}

Task<Status> EffectQueue::Await(std::string name, absl::Time deadline) {
  const auto it = effects_.find(name);
  if (it == effects_.end() || !(*it)->record->failure().empty()) co_return OkStatus();
  const auto waiter = std::make_shared<Waiter>();
  (*it)->waiters.push_back(waiter);
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
