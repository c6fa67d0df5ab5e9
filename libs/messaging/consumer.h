// Delivers the events of one service to the handlers of a subscription, exactly once in
// effect: the handlers' commands carry ids derived from the event, and the checkpoint is
// written after them, never before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/messaging/event_feed.h"
#include "libs/messaging/subscription.h"
#include "libs/runtime/pauses.h"
#include "libs/runtime/scheduler.h"
#include "libs/storage/store.h"

namespace souk {

class Consumer {
 public:
  // Keeps checkpoints and dead letters in `store`. Everything happens on `scheduler`. All
  // references must outlive the consumer.
  Consumer(const Subscription& subscription, std::unique_ptr<FeedSource> source, Scheduler& scheduler,
           Store& store);
  ~Consumer();

  void Start();
  // Hands out no more events. Handlers that run go on, but none is tried again; wait for
  // Drained.
  void Stop();
  bool Drained() const { return delivering_ == 0; }

  const std::string& source() const { return subscription_.source(); }
  // How far each partition was consumed; empty until the source could be asked.
  const std::vector<std::uint64_t>& checkpoints() const { return checkpoints_; }
  std::uint64_t dead_letters() const { return dead_letters_; }

 private:
  // A batch whose events are being delivered.
  struct OpenBatch {
    std::size_t aggregates;  // Those that are not through yet.
    bool complete = true;    // Every event was handled or set aside.
    Completion<bool> done;
  };

  Task<> Run();
  Task<> RunPartition(std::uint32_t partition);
  // Delivers a batch: in order within an aggregate, otherwise side by side.
  Task<Status> Deliver(std::uint32_t partition, FeedBatch batch);
  Task<> DeliverInOrder(std::uint32_t partition, std::vector<event::v1::EventRecord> events,
                        std::shared_ptr<OpenBatch> batch);
  Task<Status> DeliverOne(std::uint32_t partition, const event::v1::EventRecord& event);
  Task<Status> SetAside(std::uint32_t partition, const event::v1::EventRecord& event, std::string cause);
  Task<Status> SaveCheckpoint(std::uint32_t partition, FeedPosition checkpoint);
  Status LoadPartition(std::uint32_t partition);

  const Subscription& subscription_;
  const std::unique_ptr<FeedSource> source_;
  Scheduler& scheduler_;
  Store& store_;

  std::vector<std::uint64_t> checkpoints_;
  std::vector<FeedPosition> resume_;  // The same, with what the feeds want to know.
  std::set<std::string> blocked_;     // Aggregates with dead letters.
  std::uint64_t dead_letters_ = 0;
  int delivering_ = 0;
  Pauses pauses_;
  bool stopping_ = false;
  TaskScope tasks_;
};

}  // namespace souk
