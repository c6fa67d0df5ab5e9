// Delivers the events of one service to the handlers of a subscription, exactly once in
// effect: the handlers' commands carry ids derived from the event, and the checkpoint is
// written after them, never before.
//
// It notes which types of events it has handlers for. An older version that runs for a while
// has none for some of them: it sets these events aside, for the newer one to take up, instead
// of passing them by. A type that is not handled any more needs a handler that does nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/messaging/dead_letters.h"
#include "libs/messaging/delivery_attempts.h"
#include "libs/messaging/event_feed.h"
#include "libs/messaging/subscription.h"
#include "libs/runtime/pauses.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"

namespace souk {

struct ConsumerOptions {
  // An event whose handler fails so often, or ends the process, is set aside.
  std::uint32_t attempts_max = kDeliveryAttemptsMax;
};

class Consumer {
 public:
  // Keeps checkpoints, attempts and dead letters in `store`. Everything happens on
  // `scheduler`. All references must outlive the consumer.
  Consumer(const Subscription& subscription, std::unique_ptr<FeedSource> source, Scheduler& scheduler,
           const Clock& clock, Store& store, ConsumerOptions options = {});
  ~Consumer();

  void Start();
  // Hands out no more events. Handlers that run go on, but none is tried again; wait for
  // Drained.
  void Stop();
  bool Drained() const { return delivering_ == 0; }

  const std::string& source() const { return subscription_.source(); }
  // How far each partition was consumed; empty until the source could be asked.
  const std::vector<std::uint64_t>& checkpoints() const { return checkpoints_; }
  // Why a partition cannot be read just now; OK when it can.
  const Status& problem(std::size_t partition) const { return problems_[partition]; }
  // What was set aside; all of it once the source could be asked.
  const DeadLetters& letters() const { return letters_; }
  std::uint64_t dead_letters() const { return letters_.entries().size(); }

  struct RetryOutcome {
    std::uint64_t handled = 0;
    std::optional<engine::v1::SetAsideEvent> failed;  // Handed over again in vain.
    bool passing = false;                             // For a reason that passes.
  };
  // Hands the dead letters of an aggregate to their handlers again, in order, until one fails.
  // Then later events of the aggregate are delivered as others are.
  Task<StatusOr<RetryOutcome>> Retry(std::string aggregate);
  // Drops a dead letter; its event never has an effect.
  Task<Status> Skip(EventPlace place);

  // In the store of a service that does not run: should its checkpoint of a feed be beyond
  // `last`, where the log of `source` ends now, moves it there.
  static Status MoveBackCheckpoint(const Store& store, const std::string& source, std::uint32_t partition,
                                   std::uint64_t last, Batch& batch);

 private:
  // A batch whose events are being delivered.
  struct OpenBatch {
    std::size_t aggregates = 0;  // Those that are not through yet.
    bool complete = true;        // Every event was handled or set aside.
    Batch writes;                // What goes with the checkpoint.
    Completion<bool> done;
  };
  using Event = Shared<event::v1::EventRecord>;
  // While an aggregate is being tried again.
  class Retrying;

  Task<> Run();
  Task<Status> Load();
  // Finds out which types a newer version has listened to, and notes those of this one.
  Task<Status> CompareTypes();
  // Hands over what an older version has set aside, until it is through or fails for good.
  Task<> TakeUp(std::string aggregate);
  Task<> RunPartition(std::uint32_t partition);
  // Hands out what a feed has, until it fails or Stop. A feed that was read is one that answers:
  // `pause`, before it is opened again, is then the first.
  Task<Status> ReadFeed(std::uint32_t partition, EventFeed& feed, absl::Duration& pause);
  void Report(std::uint32_t partition, Status problem);
  // Delivers a batch: in order within an aggregate, otherwise side by side.
  Task<Status> Deliver(std::uint32_t partition, FeedBatch batch);
  Task<> DeliverInOrder(std::vector<Event> events, std::shared_ptr<OpenBatch> batch);
  Task<Status> DeliverOne(Event event, OpenBatch& batch);
  void SetAside(const event::v1::EventRecord& event, const engine::v1::DeliveryAttempts& tried,
                OpenBatch& batch);
  Task<StatusOr<RetryOutcome>> RetryInOrder(std::string aggregate);
  Task<Status> SaveCheckpoint(std::uint32_t partition, FeedPosition checkpoint, Batch batch);
  // Notes that everything up to here is done, in memory.
  void MoveTo(std::uint32_t partition, FeedPosition checkpoint);
  Status LoadPartition(std::uint32_t partition);
  // Everything that is asked for, or was by a newer version.
  std::vector<std::string> Types() const;

  const Subscription& subscription_;
  const std::unique_ptr<FeedSource> source_;
  Scheduler& scheduler_;
  const Clock& clock_;
  Store& store_;
  const ConsumerOptions options_;

  std::vector<std::uint64_t> checkpoints_;
  std::vector<FeedPosition> resume_;  // The same, with what the feeds want to know.
  std::vector<Status> problems_;
  std::vector<std::uint64_t> saved_;  // What of it is in the store.
  DeadLetters letters_;
  DeliveryAttempts attempts_;
  std::set<std::string> retrying_;            // Aggregates.
  std::set<std::string, std::less<>> newer_;  // Types that a newer version has handlers for.
  int delivering_ = 0;
  Pauses pauses_;
  bool stopping_ = false;
  TaskScope tasks_;
};

}  // namespace souk
