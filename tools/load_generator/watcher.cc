#include "tools/load_generator/watcher.h"

#include <utility>

#include "libs/kafka/kafka_broker.h"
#include "libs/messaging/kafka_feed.h"
#include "libs/messaging/local_feed.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk::load {

using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;

StatusOr<std::unique_ptr<Watcher>> Watcher::Open(const WatchOptions& options, ctl::Session& session,
                                                 rpc::EventLoop& loop) {
  std::unique_ptr<Watcher> watcher(new Watcher());
  if (options.feed == "local") {
    watcher->channel_ = std::make_unique<rpc::GrpcChannel>(
        loop, rpc::GrpcChannelOptions{.target = options.address, .own_connection = true});
    watcher->source_ = std::make_unique<LocalFeedSource>(options.service, "load", *watcher->channel_);
  } else if (options.feed == "kafka") {
    // As the services read: what is there is given out at once.
    ASSIGN_OR_RETURN(watcher->broker_,
                     kafka::KafkaBroker::Open({{"bootstrap.servers", options.brokers}}, loop));
    watcher->source_ = std::make_unique<KafkaFeedSource>(options.service, *watcher->broker_);
  } else {
    return NotFound("no feed \"%s\": take local or kafka", options.feed);
  }
  GetStatusRequest request;
  request.set_service(options.service);
  ASSIGN_OR_RETURN(const GetStatusResponse status, session.Call<GetStatusResponse>("operator/load", request));
  for (const eventlog::v1::PartitionStatus& partition : status.partitions()) {
    watcher->feeds_.push_back(watcher->source_->Open(partition.partition(),
                                                     {.position = partition.head(), .resume_token = ""}, {}));
  }
  return watcher;
}

void Watcher::Start(Delays& delays) {
  for (const auto& feed : feeds_) tasks_.Spawn(Follow(*feed, delays));
}

Task<> Watcher::Follow(EventFeed& feed, Delays& delays) {
  for (;;) {
    StatusOr<FeedBatch> batch = co_await feed.Next();
    if (!batch.ok()) {
      failure_ = batch.status();
      co_return;
    }
    const absl::Time now = absl::Now();
    for (event::v1::EventRecord& record : batch->events) {
      delays.Seen({std::move(*record.mutable_aggregate_id()), record.revision()}, now);
    }
  }
}

}  // namespace souk::load
