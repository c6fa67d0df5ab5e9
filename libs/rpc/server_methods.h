// The methods of one gRPC service, each served by coroutines: one per call, and a few
// that wait for the next calls. For server.cc.
#pragma once

#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "libs/rpc/deadline_queue.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/observer.h"
#include "libs/rpc/router.h"

namespace souk::rpc {

// What the calls of one server share. Of the loop's thread.
struct ServerState {
  EventLoop& loop;
  CallObserver observer;
  int calls_max = 0;
  absl::Duration upload_time_max;
  std::shared_ptr<DeadlineQueue> deadlines;  // Of uploads.
  // Calls that handlers work on.
  int active_calls = 0;
  // Coroutines that serve a call or wait for one.
  int coroutines = 0;
  // No further calls are waited for.
  bool closing = false;
  // Streams to clients pretend that nobody reads any more.
  bool streams_ended = false;
};

class ServiceMethods final : public grpc::Service {
 public:
  explicit ServiceMethods(ServerState& state) : state_(state) {}

  // `route` must outlive this.
  void Add(const Router::Route& route);
  // Waits for calls from now on. The server has been built.
  void Arm();

 private:
  void ArmNext(int index);
  Detached ServeUnary(int index);
  Detached ServeServerStream(int index);
  Detached ServeClientStream(int index);

  // Begin a call of `route`; a rejected call is a task that fails.
  Task<StatusOr<Bytes>> BeginUnary(const Router::Route& route, const grpc::ServerContext& context,
                                   const grpc::ByteBuffer& request);
  Task<Status> BeginServerStream(const Router::Route& route, const grpc::ServerContext& context,
                                 const grpc::ByteBuffer& request, ByteSink& sink);
  Task<StatusOr<Bytes>> BeginClientStream(const Router::Route& route, const grpc::ServerContext& context,
                                          ByteSource& source);
  StatusOr<CallContext> Admit(const Router::Route& route, const grpc::ServerContext& context,
                              std::string_view request);

  ServerState& state_;
  std::vector<const Router::Route*> routes_;
};

}  // namespace souk::rpc
