#include "tests/simulation/world_client.h"

#include <algorithm>

#include "libs/base/proto_time.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk::simulation {

using admin::v1::AdvanceTimeRequest;
using admin::v1::AdvanceTimeResponse;
using admin::v1::GetTimeRequest;
using admin::v1::GetTimeResponse;
using admin::v1::SettleRequest;
using admin::v1::SettleResponse;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;

namespace {

// Longer than any outage.
constexpr absl::Duration kQuietAfterMax = absl::Hours(24);
constexpr absl::Duration kReadAgain = absl::Milliseconds(200);
constexpr int kReadsMax = 1000;

}  // namespace

Client& WorldClient::ClientOf(std::string_view principal) {
  auto it = clients_.find(principal);
  if (it == clients_.end()) {
    auto client =
        std::make_unique<Client>(world_.stage(), std::string(principal), Client::Patience::kEndless);
    it = clients_.emplace(principal, std::move(client)).first;
  }
  return *it->second;
}

StatusOr<rpc::Bytes> WorldClient::Ask(std::string_view principal, const std::string& path,
                                      const google::protobuf::Message& request) {
  const std::string service = ServiceOf(request);
  if (service == "admin") return AskClock(request);
  rpc::Bytes all;
  ears_.Asked(std::string(principal), request);
  for (const auto& machine : world_.machines()) {
    if (!service.empty() && machine->service() != service) continue;
    ++calls_;
    ASSIGN_OR_RETURN(const rpc::Bytes answer, Await(ClientOf(principal).CallBytes(
                                                  machine->service(), path, request.SerializeAsString())));
    all += answer;
  }
  ears_.Answered(std::string(principal), request, all);
  return all;
}

StatusOr<rpc::Bytes> WorldClient::Send(std::string_view principal, const std::string& path,
                                       const google::protobuf::Message& first,
                                       const std::vector<rpc::Bytes>& messages) {
  return Await(ClientOf(principal).Upload(ServiceOf(first), path, messages));
}

Status WorldClient::ReadEvents(ReadEventsRequest request, const Page& page) {
  return Await(Read(&world_.stage(), std::move(request), &page));
}

Task<Status> WorldClient::Read(Stage* stage, ReadEventsRequest request, const Page* page) {
  rpc::SimChannel channel(stage->network, "outside", request.service(), stage->scheduler);
  const rpc::CallOptions options{.principal = {.kind = Principal::Kind::kOperator, .id = "reader"}};
  Status status;
  for (int reads = 0; reads < kReadsMax; ++reads) {
    auto stream = rpc::OpenStream<ReadEventsResponse>(channel, options, request);
    for (;;) {
      const StatusOr<std::optional<ReadEventsResponse>> response = co_await stream.Read();
      status = response.status();
      if (!response.ok()) break;
      if (!response->has_value() || !(*page)(**response)) co_return OkStatus();
      request.set_after_position((*response)->checkpoint());
    }
    if (!IsTransient(status)) break;
    co_await Sleep(stage->scheduler, kReadAgain);
  }
  co_return status;
}

Status WorldClient::Settle() {
  return world_.AwaitQuiet(kQuietAfterMax) ? OkStatus() : Unavailable("the world does not come to rest");
}

Status WorldClient::Advance(const google::protobuf::Message& message) {
  const auto& request = static_cast<const AdvanceTimeRequest&>(message);
  RETURN_IF_ERROR(Settle());
  const absl::Time now = world_.stage().scheduler.Now();
  switch (request.target_case()) {
    case AdvanceTimeRequest::kTime:
      if (FromProto(request.time()) > now) world_.Settle(FromProto(request.time()) - now);
      break;
    case AdvanceTimeRequest::kSeconds:
      world_.Settle(absl::Seconds(request.seconds()));
      break;
    case AdvanceTimeRequest::kUntilIdle:
      world_.AwaitRest(request.has_limit_time() ? FromProto(request.limit_time()) : absl::InfiniteFuture());
      break;
    case AdvanceTimeRequest::TARGET_NOT_SET:
      break;
  }
  return Settle();
}

StatusOr<rpc::Bytes> WorldClient::AskClock(const google::protobuf::Message& request) {
  const auto time = [this] { return ToProto(world_.stage().scheduler.Now()); };
  if (request.GetDescriptor() == AdvanceTimeRequest::descriptor()) {
    RETURN_IF_ERROR(Advance(request));
    AdvanceTimeResponse response;
    *response.mutable_time() = time();
    return response.SerializeAsString();
  }
  RETURN_IF_ERROR(Settle());
  if (request.GetDescriptor() == SettleRequest::descriptor()) {
    SettleResponse response;
    *response.mutable_time() = time();
    return response.SerializeAsString();
  }
  GetTimeResponse response;
  *response.mutable_time() = time();
  response.set_manual(true);
  absl::Time due = absl::InfiniteFuture();
  for (const auto& machine : world_.machines()) due = std::min(due, machine->NextTimer());
  if (due != absl::InfiniteFuture()) *response.mutable_next_due_time() = ToProto(due);
  return response.SerializeAsString();
}

}  // namespace souk::simulation
