#include "libs/rpc/health.h"

#include <optional>

namespace souk::rpc {
namespace {

// How often a watch looks for changes and for whether anyone still listens.
constexpr absl::Duration kWatchInterval = absl::Milliseconds(100);

Task<Status> Malformed() { co_return InvalidArgument("malformed request"); }

}  // namespace

void HealthService::SetServing(std::string_view service, bool serving) {
  serving_.insert_or_assign(std::string(service), serving);
}

void HealthService::Close() { closed_ = true; }

void HealthService::AddTo(Router& router) {
  router.Add<&HealthService::Check>(*this, kAnyone);
  // Its messages are those of Check, so its path is not to be had from them.
  router.Add(Router::Route{
      .path = "/grpc.health.v1.Health/Watch",
      .kind = MethodKind::kServerStream,
      .callers = kAnyone,
      .unary = nullptr,
      .server_stream =
          [this](CallContext call, std::string_view bytes, ByteSink& out) {
            CheckRequest request;
            if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Malformed();
            return Watch(std::move(call), std::move(request), Writer<CheckResponse>(out));
          },
      .client_stream = nullptr,
  });
}

HealthService::CheckResponse::ServingStatus HealthService::StatusOf(const std::string& service) const {
  const auto found = serving_.find(service);
  if (found == serving_.end()) return CheckResponse::SERVICE_UNKNOWN;
  return found->second && !closed_ ? CheckResponse::SERVING : CheckResponse::NOT_SERVING;
}

Task<StatusOr<HealthService::CheckResponse>> HealthService::Check(CallContext, CheckRequest request) {
  CheckResponse response;
  response.set_status(StatusOf(request.service()));
  if (response.status() == CheckResponse::SERVICE_UNKNOWN) co_return NotFound("unknown service");
  co_return response;
}

Task<Status> HealthService::Watch(CallContext, CheckRequest request, Writer<CheckResponse> out) {
  std::optional<CheckResponse::ServingStatus> told;
  while (!out.cancelled()) {
    const bool last = closed_;
    const CheckResponse::ServingStatus status = StatusOf(request.service());
    if (status != told) {
      CheckResponse response;
      response.set_status(status);
      co_await Try(out.Write(response));
      told = status;
    }
    if (last) co_return OkStatus();
    co_await Sleep(scheduler_, kWatchInterval);
  }
  co_return absl::CancelledError("nobody watches any more");
}

}  // namespace souk::rpc
