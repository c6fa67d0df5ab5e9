// Listens to a service's events while a store is under load.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/kafka/broker.h"
#include "libs/messaging/event_feed.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/grpc_channel.h"
#include "tools/load_generator/delays.h"
#include "tools/soukctl/session.h"

namespace souk::load {

struct WatchOptions {
  std::string feed;  // "local": the service's own stream; "kafka": its topic.
  std::string service;
  std::string address;  // Of the store.
  std::string brokers;  // HOST:PORT,... for "kafka".
};

class Watcher {
 public:
  // Sees what comes after the events that the service has now. NOT_FOUND when there is no
  // such feed. `loop` must outlive the watcher.
  static StatusOr<std::unique_ptr<Watcher>> Open(const WatchOptions& options, ctl::Session& session,
                                                 rpc::EventLoop& loop);
  // Tells `delays` of every event, until it is destroyed.
  void Start(Delays& delays);
  // Why it sees nothing any more; OK while it does.
  const Status& failure() const { return failure_; }

 private:
  Watcher() = default;
  Task<> Follow(EventFeed& feed, Delays& delays);

  std::unique_ptr<rpc::GrpcChannel> channel_;  // Of its own: the others are busy.
  std::unique_ptr<kafka::Broker> broker_;
  std::unique_ptr<FeedSource> source_;
  std::vector<std::unique_ptr<EventFeed>> feeds_;  // By partition.
  Status failure_;
  TaskScope tasks_;
};

}  // namespace souk::load
