#include "libs/rpc/server.h"

#include <grpc/grpc.h>
#include <grpcpp/security/server_credentials.h>

#include <utility>

#include "libs/base/check.h"
#include "libs/rpc/server_methods.h"
#include "libs/telemetry/listen_problem.h"

namespace souk::rpc {
namespace {

// Clients may ask this often whether we are still there.
constexpr int kPingIntervalMinMs = 10'000;
// While Shutdown waits, how often it looks whether the calls have ended.
constexpr absl::Duration kDrainInterval = absl::Milliseconds(5);

}  // namespace

// Comes out of the queue when no call and no connection is left.
class GrpcServer::ShutdownTag final : public grpc::internal::CompletionQueueTag, public EventTag {
 public:
  bool FinalizeResult(void** tag, bool*) override {
    *tag = static_cast<EventTag*>(this);
    return true;
  }
  void OnEvent(bool) override { seen = true; }
  bool seen = false;
};

GrpcServer::GrpcServer(EventLoop& loop, ServerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      state_(std::make_unique<ServerState>(ServerState{.loop = loop,
                                                       .observer = options_.observer,
                                                       .calls_max = options_.calls_max,
                                                       .upload_time_max = options_.upload_time_max,
                                                       .deadlines = std::make_shared<DeadlineQueue>(loop)})),
      health_(loop) {
  health_.AddTo(own_);
}

StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const Router& router, EventLoop& loop,
                                                        ServerOptions options) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(loop, std::move(options)));
  if (!server->Listen(router)) {
    const std::string& address = server->options_.address;
    return Unavailable("cannot listen on %s: %s", address, telemetry::ListenProblem(address));
  }
  return server;
}

GrpcServer::~GrpcServer() {
  if (server_ == nullptr) return;
  if (shutdown_ == nullptr) BeginShutdown(absl::ZeroDuration());
  loop_.RunUntil([this] { return drained(); });
}

int GrpcServer::active_calls() const { return state_->active_calls; }

bool GrpcServer::Listen(const Router& router) {
  const std::unique_ptr<grpc::ServerBuilder> builder = loop_.TakeServerBuilder();
  SOUK_CHECK(builder != nullptr, "an event loop serves one server");
  builder->AddListeningPort(options_.address, grpc::InsecureServerCredentials(), &port_);
  builder->SetMaxReceiveMessageSize(options_.message_bytes_max);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.streams_max);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Only reflection is served by threads of gRPC's own: one is enough.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
  AddRoutes(router, *builder);
  AddRoutes(own_, *builder);
  server_ = builder->BuildAndStart();
  if (server_ == nullptr) return false;
  for (const auto& service : services_) service->Arm();
  return true;
}

void GrpcServer::AddRoutes(const Router& router, grpc::ServerBuilder& builder) {
  std::string_view current;
  for (const auto& [path, route] : router.routes()) {
    const std::string_view service = std::string_view(path).substr(0, path.rfind('/'));
    if (service != current) {
      services_.push_back(std::make_unique<ServiceMethods>(*state_));
      builder.RegisterService(services_.back().get());
      current = service;
    }
    services_.back()->Add(route);
  }
}

Task<> GrpcServer::Shutdown(absl::Duration grace) {
  BeginShutdown(grace);
  while (!drained()) co_await Sleep(loop_, kDrainInterval);
  server_ = nullptr;
}

void GrpcServer::BeginShutdown(absl::Duration grace) {
  SOUK_CHECK(shutdown_ == nullptr, "the server is shut down twice");
  health_.Close();
  state_->closing = true;
  shutdown_ = std::make_unique<ShutdownTag>();
  grpc_server_shutdown_and_notify(server_->c_server(), loop_.queue().cq(), shutdown_.get());
  const std::weak_ptr<bool> alive = alive_;
  loop_.PostAt(loop_.Now() + std::min(grace, kStreamGrace), [this, alive] {
    if (!alive.expired()) state_->streams_ended = true;
  });
  loop_.PostAt(loop_.Now() + grace, [this, alive] {
    if (!alive.expired() && server_ != nullptr) grpc_server_cancel_all_calls(server_->c_server());
  });
}

bool GrpcServer::drained() const { return shutdown_->seen && state_->coroutines == 0; }

}  // namespace souk::rpc
