// The standard health service: what load balancers and Kubernetes ask.
#pragma once

#include <grpc/health/v1/health.pb.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "libs/rpc/router.h"
#include "libs/runtime/scheduler.h"

namespace souk::rpc {

// Not thread-safe: everything happens on the scheduler.
class HealthService {
 public:
  using CheckRequest = grpc::health::v1::HealthCheckRequest;
  using CheckResponse = grpc::health::v1::HealthCheckResponse;

  // The scheduler must outlive the service.
  explicit HealthService(Scheduler& scheduler) : scheduler_(scheduler) {}

  // `service` is a full name, such as "souk.order.v1.OrderService"; "" is the server.
  void SetServing(std::string_view service, bool serving);
  // NOT_SERVING for all, for good; watches end.
  void Close();

  void AddTo(Router& router);

  Task<StatusOr<CheckResponse>> Check(CallContext call, CheckRequest request);
  Task<Status> Watch(CallContext call, CheckRequest request, Writer<CheckResponse> out);

 private:
  CheckResponse::ServingStatus StatusOf(const std::string& service) const;

  Scheduler& scheduler_;
  std::map<std::string, bool, std::less<>> serving_;
  bool closed_ = false;
};

}  // namespace souk::rpc
