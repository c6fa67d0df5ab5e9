#include "libs/messaging/local_feed.h"

#include <optional>

#include "libs/base/hash.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk {

using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;

namespace {

class LocalFeed final : public EventFeed {
 public:
  explicit LocalFeed(rpc::Stream<ReadEventsResponse> stream) : stream_(std::move(stream)) {}

  Task<StatusOr<FeedBatch>> Next() override { return NextFrom(this); }

 private:
  static Task<StatusOr<FeedBatch>> NextFrom(LocalFeed* self) {
    std::optional<ReadEventsResponse> response = co_await Try(self->stream_.Read());
    if (!response.has_value()) co_return Unavailable("the feed ended");
    FeedBatch batch;
    // Resumed with the hash: another log may have something else at this position.
    batch.checkpoint = {.position = response->checkpoint(), .resume_token = response->checkpoint_hash()};
    for (event::v1::EventRecord& record : *response->mutable_events())
      batch.events.push_back(std::move(record));
    co_return batch;
  }

  rpc::Stream<ReadEventsResponse> stream_;
};

}  // namespace

rpc::CallOptions LocalFeedSource::Options() const {
  return {.principal = {.kind = Principal::Kind::kService, .id = caller_}};
}

Task<StatusOr<std::uint32_t>> LocalFeedSource::Partitions() {
  GetStatusRequest request;
  request.set_service(service_);
  const GetStatusResponse response =
      co_await Try(rpc::Call<GetStatusResponse>(channel_, Options(), std::move(request)));
  co_return static_cast<std::uint32_t>(response.partitions_size());
}

std::unique_ptr<EventFeed> LocalFeedSource::Open(std::uint32_t partition, FeedPosition after,
                                                 std::vector<std::string> types) {
  ReadEventsRequest request;
  request.set_service(service_);
  request.set_partition(partition);
  request.set_after_position(after.position);
  if (after.resume_token.size() == kSha256Bytes) request.set_after_hash(after.resume_token);
  request.set_view(ReadEventsRequest::VIEW_PUBLIC);
  request.set_live(true);
  for (std::string& type : types) *request.add_types() = std::move(type);
  return std::make_unique<LocalFeed>(rpc::OpenStream<ReadEventsResponse>(channel_, Options(), request));
}

}  // namespace souk
