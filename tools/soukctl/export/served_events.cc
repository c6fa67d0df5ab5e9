#include <algorithm>
#include <optional>

#include "souk/eventlog/v1/event_log_service.pb.h"
#include "tools/soukctl/export/event_source.h"

namespace souk::ctl {
namespace {

using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::PartitionStatus;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;
using eventlog::v1::ReadStreamRequest;
using eventlog::v1::ReadStreamResponse;

constexpr char kOperator[] = "operator/soukctl";

class ServedSource final : public EventSource {
 public:
  explicit ServedSource(Session& session) : session_(session) {}

  StatusOr<std::vector<LogEnd>> Logs() override {
    ASSIGN_OR_RETURN(const auto status, session_.Call<GetStatusResponse>(kOperator, GetStatusRequest()));
    std::vector<LogEnd> logs;
    for (const PartitionStatus& partition : status.partitions()) {
      logs.push_back({partition.service(), partition.partition(), partition.head()});
    }
    return logs;
  }

  Status Read(const ReadRange& range, NewBatch new_batch, TakeBatch take) override {
    ReadEventsRequest request;
    request.set_service(range.log.service);
    request.set_partition(range.log.partition);
    request.set_after_position(range.after);
    request.set_view(range.stored ? ReadEventsRequest::VIEW_STORED : ReadEventsRequest::VIEW_PUBLIC);
    for (const std::string& type : range.types) request.add_types(type);
    return session_.ReadEvents(request, [&](const ReadEventsResponse& page) {
      EventBatch batch = new_batch();
      for (const event::v1::EventRecord& event : page.events()) {
        if (event.position() > range.last || !batch.Add(event)) break;
      }
      return take(batch, std::min(page.checkpoint(), range.last)) && page.checkpoint() < range.last;
    });
  }

  StatusOr<std::vector<event::v1::EventRecord>> ReadStream(const std::string& service,
                                                           const std::string& aggregate,
                                                           const std::string& id) override {
    ReadStreamRequest request;
    request.set_service(service);
    request.set_aggregate(aggregate);
    request.set_aggregate_id(id);
    ASSIGN_OR_RETURN(const auto response, session_.Call<ReadStreamResponse>(kOperator, request));
    return std::vector<event::v1::EventRecord>(response.events().begin(), response.events().end());
  }

 private:
  Session& session_;
};

}  // namespace

std::unique_ptr<EventSource> ServedEvents(Session& session) {
  return std::make_unique<ServedSource>(session);
}

}  // namespace souk::ctl
