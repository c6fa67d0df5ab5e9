// Serves the methods of a router over gRPC, with health checks and reflection.
#pragma once

#include <grpcpp/server.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/health.h"
#include "libs/rpc/observer.h"
#include "libs/rpc/router.h"

namespace souk::rpc {

struct ServerOptions {
  // Port 0 takes a free one: see port().
  std::string address = "127.0.0.1:0";
  int message_bytes_max = 4 << 20;
  // Per connection; further calls wait on the client's side.
  int streams_max = 1024;
  // Of the whole server; further calls are RESOURCE_EXHAUSTED.
  int calls_max = 10'000;
  // How long a client may take to stream a request; then its call is cancelled.
  absl::Duration upload_time_max = absl::Minutes(2);
  // Called on the loop when a call ends. Optional.
  CallObserver observer;
};

class ServiceMethods;
struct ServerState;

// How long streams to clients may go on once the server shuts down.
inline constexpr absl::Duration kStreamGrace = absl::Seconds(1);

// Lives on the thread of its loop.
class GrpcServer {
 public:
  // Listens. The router must be complete; it and the loop must outlive the server. A
  // loop serves one server. UNAVAILABLE with the cause when the address cannot be used.
  static StatusOr<std::unique_ptr<GrpcServer>> Start(const Router& router, EventLoop& loop,
                                                     ServerOptions options);
  // Unless Shutdown is done: cancels all calls and runs the loop until they have ended,
  // so this must not happen in work on the loop.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const { return port_; }
  // Nothing is SERVING until it is said here, not even "", the server as a whole.
  HealthService& health() { return health_; }
  // Calls that handlers work on.
  int active_calls() const;

  // Accepts nothing new and reports NOT_SERVING; ends streams to clients after
  // kStreamGrace and cancels all calls after `grace`. Done when no call is left, so
  // handlers must end in bounded time, and streaming ones must look at cancelled().
  // Called once.
  Task<> Shutdown(absl::Duration grace);

 private:
  class ShutdownTag;

  GrpcServer(EventLoop& loop, ServerOptions options);
  bool Listen(const Router& router);
  void AddRoutes(const Router& router, grpc::ServerBuilder& builder);
  void BeginShutdown(absl::Duration grace);
  bool drained() const;

  EventLoop& loop_;
  const ServerOptions options_;
  const std::unique_ptr<ServerState> state_;
  HealthService health_;
  Router own_;  // The methods of health_.
  std::vector<std::unique_ptr<ServiceMethods>> services_;
  std::unique_ptr<ShutdownTag> shutdown_;
  // Null once it has been shut down.
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  // Tells timers whether there still is a server.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace souk::rpc
