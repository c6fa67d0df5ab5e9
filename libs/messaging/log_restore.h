// Makes the store of a service from its log topic and its rows topic: see rows_publisher.h for
// why the two fit together. What is derived from the log is made when a process starts on it.
//
// Nothing that is wrong with a topic is passed over: a record that is missing, changed, or was
// deleted with the beginning of the topic, and public events that the log topic does not know.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/kafka/broker.h"
#include "libs/messaging/store_row.h"
#include "libs/storage/store.h"

namespace souk {

// The ends of a service's logs, by partition.
using LogEnds = std::vector<std::uint64_t>;

class LogRestore {
 public:
  // `incarnation`: a new UUID, that of the logs from now on. `broker` must outlive it.
  LogRestore(std::string service, std::string incarnation, kafka::Broker& broker)
      : service_(std::move(service)), incarnation_(std::move(incarnation)), broker_(broker) {}

  // Decides what a former process has left open, so that nothing can be added to the topics
  // behind our back, reads the rows, and where the logs end. NOT_FOUND when there are no such
  // topics, FAILED_PRECONDITION when nobody has published rows. May be called again after
  // UNAVAILABLE.
  Task<Status> Begin();
  const LogEnds& ends() const { return ends_; }

  // Fills an empty store. `progress` is told how many entries were written since the last time.
  Task<Status> Fill(Store& store, std::function<void(std::uint64_t)> progress);

 private:
  Task<Status> Settle(kafka::TopicPartition target);
  Task<Status> ReadRows();
  Task<StatusOr<std::uint64_t>> LastPosition(kafka::TopicPartition of);
  Task<Status> FillLog(std::uint32_t partition, Store& store, std::function<void(std::uint64_t)> progress);

  const std::string service_;
  const std::string incarnation_;
  kafka::Broker& broker_;
  RowCollector rows_;
  LogEnds ends_;
};

// Services that were made again together may end at different moments: what one of them has
// taken in of another's events, and the other does not know any more, has not happened. Moves
// the checkpoints in `store` back to the ends of the logs.
Task<Status> MoveBackCheckpoints(Store& store, const std::map<std::string, LogEnds>& ends);

}  // namespace souk
