// How often the events of one feed were tried, in the store of the service that does, so
// that attempts which ended the process count as well.
//
// An event that succeeds at once costs nothing of its own: what is noted is the batch that it
// is delivered with. If a process ends in the middle of a batch, the next one does not know
// which event was to blame. They are suspects: tried one at a time, each noted before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/messaging/dead_letters.h"
#include "libs/storage/store.h"
#include "souk/engine/v1/delivery.pb.h"

namespace souk {

class DeliveryAttempts {
 public:
  // `store` must outlive it.
  DeliveryAttempts(std::string source, Store& store) : source_(std::move(source)), store_(store) {}

  // Finds what a former process has noted. `checkpoint`: all up to it is done.
  Status Load(std::uint32_t partition, std::uint64_t checkpoint);

  // Whether the former process ended while this event was delivered, or one beside it.
  bool IsSuspect(const EventPlace& place) const;
  // As far as it is known; all zero for most events.
  const engine::v1::DeliveryAttempts& Of(const EventPlace& place) const;

  // Before a batch is delivered: it ends with this position.
  Task<Status> BeginBatch(EventPlace last);
  // Before and after an attempt. A passing failure is none.
  Task<Status> Begin(EventPlace place);
  Task<Status> End(EventPlace place, Status outcome);

  // Everything up to here is done: forgets it when `batch` is written.
  void Forget(EventPlace last, Batch& batch);

 private:
  std::string BatchKey(std::uint32_t partition) const;
  std::string Prefix(std::uint32_t partition) const;
  std::string Key(const EventPlace& place) const;
  Task<Status> Save(EventPlace place);

  const std::string source_;
  Store& store_;
  std::map<std::uint32_t, std::uint64_t> suspects_;  // The last one, by partition.
  std::map<EventPlace, engine::v1::DeliveryAttempts> attempts_;
};

// What went wrong as one word: its reason, else its code.
std::string WordOf(const Status& status);

}  // namespace souk
