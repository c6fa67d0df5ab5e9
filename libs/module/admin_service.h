// Serves the time of the store: see admin_service.proto.
#pragma once

#include "libs/module/time_keeper.h"
#include "libs/rpc/router.h"
#include "souk/admin/v1/admin_service.pb.h"

namespace souk {

class AdminService {
 public:
  // `keeper` must outlive the service.
  explicit AdminService(TimeKeeper& keeper) : keeper_(keeper) {}
  void AddTo(rpc::Router& router);

  Task<StatusOr<admin::v1::GetTimeResponse>> GetTime(rpc::CallContext call,
                                                     admin::v1::GetTimeRequest request);
  Task<StatusOr<admin::v1::AdvanceTimeResponse>> AdvanceTime(rpc::CallContext call,
                                                             admin::v1::AdvanceTimeRequest request);
  Task<StatusOr<admin::v1::SettleResponse>> Settle(rpc::CallContext call, admin::v1::SettleRequest request);

 private:
  TimeKeeper& keeper_;
};

}  // namespace souk
