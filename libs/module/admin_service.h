// Serves the time of the store: see admin_service.proto.
#pragma once

#include "libs/module/store_clock.h"
#include "libs/rpc/router.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk {

class AdminService {
 public:
  // `clock` must outlive the service.
  explicit AdminService(StoreClock& clock) : clock_(clock) {}
  void AddTo(rpc::Router& router);

  Task<StatusOr<admin::v1::GetTimeResponse>> GetTime(rpc::CallContext call,
                                                     admin::v1::GetTimeRequest request);
  Task<StatusOr<admin::v1::AdvanceTimeResponse>> AdvanceTime(rpc::CallContext call,
                                                             admin::v1::AdvanceTimeRequest request);
  Task<StatusOr<admin::v1::SettleResponse>> Settle(rpc::CallContext call, admin::v1::SettleRequest request);
  Task<StatusOr<admin::v1::GetRestResponse>> GetRest(rpc::CallContext call,
                                                     admin::v1::GetRestRequest request);
  Task<StatusOr<admin::v1::MoveClockResponse>> MoveClock(rpc::CallContext call,
                                                         admin::v1::MoveClockRequest request);

 private:
  const Clock& clock() const { return clock_.keeper().clock(); }

  StoreClock& clock_;
};

}  // namespace souk
