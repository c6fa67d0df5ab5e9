#include "libs/module/admin_service.h"

#include "libs/base/proto_time.h"

namespace souk {

using admin::v1::AdvanceTimeRequest;
using admin::v1::AdvanceTimeResponse;
using admin::v1::GetRestRequest;
using admin::v1::GetRestResponse;
using admin::v1::GetTimeRequest;
using admin::v1::GetTimeResponse;
using admin::v1::MoveClockRequest;
using admin::v1::MoveClockResponse;
using admin::v1::SettleRequest;
using admin::v1::SettleResponse;

namespace {

Status CheckTarget(const char* field, absl::Time target) {
  if (target <= LatestStoreTime()) return OkStatus();
  return InvalidField(field, "must not lead beyond the year 9000");
}

}  // namespace

void AdminService::AddTo(rpc::Router& router) {
  router.Add<&AdminService::GetTime>(*this, rpc::kOperators);
  router.Add<&AdminService::AdvanceTime>(*this, rpc::kOperators);
  router.Add<&AdminService::Settle>(*this, rpc::kOperators);
  router.Add<&AdminService::GetRest>(*this, rpc::kOperators | rpc::kServices);
  router.Add<&AdminService::MoveClock>(*this, rpc::kServices);
}

Task<StatusOr<GetTimeResponse>> AdminService::GetTime(rpc::CallContext call, GetTimeRequest) {
  GetTimeResponse response;
  *response.mutable_time() = ToProto(clock().Now());
  response.set_manual(clock().manual());
  if (const absl::Time due = co_await Try(clock_.NextDue(call.deadline)); due != absl::InfiniteFuture()) {
    *response.mutable_next_due_time() = ToProto(due);
  }
  co_return response;
}

Task<StatusOr<AdvanceTimeResponse>> AdminService::AdvanceTime(rpc::CallContext call,
                                                              AdvanceTimeRequest request) {
  std::uint64_t stops = 0;
  switch (request.target_case()) {
    case AdvanceTimeRequest::kTime:
      co_await Try(CheckTarget("time", FromProto(request.time())));
      stops = co_await Try(clock_.AdvanceTo(FromProto(request.time()), call.deadline));
      break;
    case AdvanceTimeRequest::kSeconds:
      if (request.seconds() < 0)
        co_return InvalidField("seconds", "must not be negative: time does not go back");
      co_await Try(CheckTarget("seconds", clock().Now() + absl::Seconds(request.seconds())));
      stops = co_await Try(clock_.AdvanceTo(clock().Now() + absl::Seconds(request.seconds()), call.deadline));
      break;
    case AdvanceTimeRequest::kUntilIdle: {
      const absl::Time limit =
          request.has_limit_time() ? FromProto(request.limit_time()) : absl::InfiniteFuture();
      stops = co_await Try(clock_.AdvanceUntilIdle(limit, call.deadline));
      break;
    }
    case AdvanceTimeRequest::TARGET_NOT_SET:
      co_return InvalidField("target", "is required: time, seconds or until_idle");
  }
  AdvanceTimeResponse response;
  *response.mutable_time() = ToProto(clock().Now());
  response.set_timers_fired(stops);
  co_return response;
}

Task<StatusOr<SettleResponse>> AdminService::Settle(rpc::CallContext call, SettleRequest) {
  co_await Try(clock_.Settle(call.deadline));
  SettleResponse response;
  *response.mutable_time() = ToProto(clock().Now());
  co_return response;
}

Task<StatusOr<GetRestResponse>> AdminService::GetRest(rpc::CallContext, GetRestRequest) {
  co_return clock_.keeper().Rest();
}

Task<StatusOr<MoveClockResponse>> AdminService::MoveClock(rpc::CallContext, MoveClockRequest request) {
  if (request.go()) {
    clock_.keeper().Go();
  } else {
    co_await Try(clock_.keeper().Prepare(FromProto(request.time())));
  }
  co_return MoveClockResponse();
}

}  // namespace souk
