#include "libs/rpc/server_methods.h"

#include <grpc/grpc.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <optional>
#include <string>
#include <utility>

#include "libs/rpc/byte_buffer.h"
#include "libs/rpc/status.h"

namespace souk::rpc {
namespace {

using grpc::internal::RpcMethod;

// Calls of one method that can be accepted in one round without waiting for the next.
constexpr int kUnaryArmed = 8;
constexpr int kStreamsArmed = 2;

RpcMethod::RpcType TypeOf(MethodKind kind) {
  switch (kind) {
    case MethodKind::kUnary:
      return RpcMethod::NORMAL_RPC;
    case MethodKind::kServerStream:
      return RpcMethod::SERVER_STREAMING;
    case MethodKind::kClientStream:
      return RpcMethod::CLIENT_STREAMING;
  }
  return RpcMethod::NORMAL_RPC;
}

std::string_view Header(const grpc::ServerContext& context, const char* name) {
  const auto& headers = context.client_metadata();
  const auto found = headers.find(name);
  if (found == headers.end()) return {};
  return {found->second.data(), found->second.size()};
}

StatusOr<CallContext> ContextOf(const grpc::ServerContext& context) {
  CallContext call;
  if (const std::string_view principal = Header(context, kPrincipalHeader); !principal.empty()) {
    ASSIGN_OR_RETURN(call.principal, ParsePrincipal(principal));
    // Under such an id, which others see, are the things of a guest.
    if (call.principal.kind == Principal::Kind::kBuyer && IsGuestId(call.principal.id)) {
      return InvalidField(kPrincipalHeader, "must not name a guest as a buyer");
    }
  }
  const auto deadline = context.deadline();
  if (deadline != std::chrono::system_clock::time_point::max()) call.deadline = absl::FromChrono(deadline);
  call.correlation_id = Header(context, kCorrelationHeader);
  call.traceparent = Header(context, kTraceHeader);
  return call;
}

template <typename Result>
Task<Result> Fail(Status status) {
  co_return status;
}

// Counts a coroutine as long as it exists.
class Presence {
 public:
  explicit Presence(ServerState& state) : state_(state) { ++state_.coroutines; }
  ~Presence() { --state_.coroutines; }
  Presence(const Presence&) = delete;

 private:
  ServerState& state_;
};

// Counts a call as long as its handler works, and then tells the observer.
class ActiveCall {
 public:
  ActiveCall(ServerState& state, const Router::Route& route)
      : state_(state), route_(route), start_(state.observer ? state.loop.Now() : absl::Time()) {
    ++state_.active_calls;
  }
  ActiveCall(const ActiveCall&) = delete;

  void End(const Status& status) {
    --state_.active_calls;
    if (state_.observer) state_.observer({route_.path, status, state_.loop.Now() - start_});
  }

 private:
  ServerState& state_;
  const Router::Route& route_;
  absl::Time start_;
};

// The end of a streaming call, as gRPC reports it: `co_await done` waits for it.
class Done final : public EventTag {
 public:
  explicit Done(grpc::ServerContext& context) : context_(context) {
    context.AsyncNotifyWhenDone(static_cast<EventTag*>(this));
  }
  Done(const Done&) = delete;

  bool cancelled() const { return cancelled_; }

  bool await_ready() const noexcept { return seen_; }
  void await_suspend(std::coroutine_handle<> self) noexcept { waiting_ = self; }
  void await_resume() const noexcept {}
  void OnEvent(bool) override {
    seen_ = true;
    cancelled_ = context_.IsCancelled();
    if (waiting_) waiting_.resume();
  }

 private:
  grpc::ServerContext& context_;
  std::coroutine_handle<> waiting_;
  bool seen_ = false;
  bool cancelled_ = false;
};

class GrpcSink final : public ByteSink {
 public:
  GrpcSink(ServerState& state, grpc::ServerAsyncWriter<grpc::ByteBuffer>& writer, const Done& done)
      : state_(state), writer_(writer), done_(done) {}

  Task<Status> Write(Bytes message) override { return WriteTo(this, std::move(message)); }
  bool cancelled() const override { return failed_ || done_.cancelled() || state_.streams_ended; }
  // Whether it is we who ended it.
  bool ended_by_server() const { return !failed_ && !done_.cancelled() && state_.streams_ended; }

 private:
  static Task<Status> WriteTo(GrpcSink* sink, Bytes message) {
    if (sink->cancelled()) co_return absl::CancelledError("nobody reads any more");
    const grpc::ByteBuffer buffer = ToByteBuffer(std::move(message));
    const bool ok =
        co_await sink->state_.loop.Event([sink, &buffer](void* tag) { sink->writer_.Write(buffer, tag); });
    if (ok) co_return OkStatus();
    sink->failed_ = true;
    co_return absl::CancelledError("nobody reads any more");
  }

  ServerState& state_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer>& writer_;
  const Done& done_;
  bool failed_ = false;
};

// Gives up on a client that takes too long: whoever never ends an upload would keep what it
// holds from others for ever.
class GrpcSource final : public ByteSource, public DeadlineQueue::Waiter {
 public:
  using Reader = grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer>;
  GrpcSource(ServerState& state, Reader& reader, grpc::ServerContext& context)
      : state_(state), reader_(reader), context_(context) {
    state_.deadlines->Add(state_.loop.Now() + state_.upload_time_max, *this);
  }
  GrpcSource(const GrpcSource&) = delete;
  ~GrpcSource() override { state_.deadlines->Remove(*this); }

  Task<StatusOr<std::optional<Bytes>>> Read() override { return ReadFrom(this); }
  void OnDeadline() override {
    expired_ = true;
    context_.TryCancel();
  }

 private:
  static Task<StatusOr<std::optional<Bytes>>> ReadFrom(GrpcSource* source) {
    grpc::ByteBuffer buffer;
    if (!source->ended_) {
      const bool ok = co_await source->state_.loop.Event(
          [source, &buffer](void* tag) { source->reader_.Read(&buffer, tag); });
      source->ended_ = !ok;
    }
    if (source->ended_) {
      if (source->expired_) co_return absl::DeadlineExceededError("the upload took too long");
      // An upload that broke off must not look like one that is complete.
      if (grpc_call_failed_before_recv_message(source->context_.c_call()) != 0) {
        co_return absl::CancelledError("the caller has gone");
      }
      co_return std::nullopt;
    }
    const FlatBytes bytes(buffer);
    if (!bytes.ok()) co_return InvalidArgument("malformed message");
    co_return Bytes(bytes.view());
  }

  ServerState& state_;
  Reader& reader_;
  grpc::ServerContext& context_;
  bool ended_ = false;
  bool expired_ = false;
};

}  // namespace

void ServiceMethods::Add(const Router::Route& route) {
  AddMethod(new grpc::internal::RpcServiceMethod(route.path.c_str(), TypeOf(route.kind), nullptr));
  MarkMethodAsync(static_cast<int>(routes_.size()));
  routes_.push_back(&route);
}

void ServiceMethods::Arm() {
  for (int index = 0; index < static_cast<int>(routes_.size()); ++index) {
    const bool unary = routes_[static_cast<std::size_t>(index)]->kind == MethodKind::kUnary;
    for (int i = 0; i < (unary ? kUnaryArmed : kStreamsArmed); ++i) ArmNext(index);
  }
}

void ServiceMethods::ArmNext(int index) {
  if (state_.closing) return;
  switch (routes_[static_cast<std::size_t>(index)]->kind) {
    case MethodKind::kUnary:
      ServeUnary(index);
      return;
    case MethodKind::kServerStream:
      ServeServerStream(index);
      return;
    case MethodKind::kClientStream:
      ServeClientStream(index);
      return;
  }
}

Detached ServiceMethods::ServeUnary(int index) {
  const Presence presence(state_);
  grpc::ServerContext context;
  grpc::ByteBuffer request;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer(&context);
  grpc::ServerCompletionQueue* queue = &state_.loop.queue();
  const bool accepted = co_await state_.loop.Event(
      [&](void* tag) { RequestAsyncUnary(index, &context, &request, &writer, queue, queue, tag); });
  if (!accepted) co_return;
  ArmNext(index);

  const Router::Route& route = *routes_[static_cast<std::size_t>(index)];
  ActiveCall call(state_, route);
  StatusOr<Bytes> response = co_await BeginUnary(route, context, request);
  call.End(response.status());
  const grpc::Status status = ToGrpc(response.status());
  const grpc::ByteBuffer message = response.ok() ? ToByteBuffer(*std::move(response)) : grpc::ByteBuffer();
  co_await state_.loop.Event([&](void* tag) {
    status.ok() ? writer.Finish(message, status, tag) : writer.FinishWithError(status, tag);
  });
}

Detached ServiceMethods::ServeServerStream(int index) {
  const Presence presence(state_);
  grpc::ServerContext context;
  grpc::ByteBuffer request;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer(&context);
  grpc::ServerCompletionQueue* queue = &state_.loop.queue();
  Done done(context);
  const bool accepted = co_await state_.loop.Event(
      [&](void* tag) { RequestAsyncServerStreaming(index, &context, &request, &writer, queue, queue, tag); });
  if (!accepted) co_return;
  ArmNext(index);

  const Router::Route& route = *routes_[static_cast<std::size_t>(index)];
  ActiveCall call(state_, route);
  GrpcSink sink(state_, writer, done);
  Status result = co_await BeginServerStream(route, context, request, sink);
  if (absl::IsCancelled(result) && sink.ended_by_server())
    result = Unavailable("the server is shutting down");
  call.End(result);
  const grpc::Status status = ToGrpc(result);
  co_await state_.loop.Event([&](void* tag) { writer.Finish(status, tag); });
  co_await done;
}

Detached ServiceMethods::ServeClientStream(int index) {
  const Presence presence(state_);
  grpc::ServerContext context;
  GrpcSource::Reader reader(&context);
  grpc::ServerCompletionQueue* queue = &state_.loop.queue();
  const bool accepted = co_await state_.loop.Event(
      [&](void* tag) { RequestAsyncClientStreaming(index, &context, &reader, queue, queue, tag); });
  if (!accepted) co_return;
  ArmNext(index);

  const Router::Route& route = *routes_[static_cast<std::size_t>(index)];
  ActiveCall call(state_, route);
  GrpcSource source(state_, reader, context);
  StatusOr<Bytes> response = co_await BeginClientStream(route, context, source);
  call.End(response.status());
  const grpc::Status status = ToGrpc(response.status());
  const grpc::ByteBuffer message = response.ok() ? ToByteBuffer(*std::move(response)) : grpc::ByteBuffer();
  co_await state_.loop.Event([&](void* tag) {
    status.ok() ? reader.Finish(message, status, tag) : reader.FinishWithError(status, tag);
  });
}

Task<StatusOr<Bytes>> ServiceMethods::BeginUnary(const Router::Route& route,
                                                 const grpc::ServerContext& context,
                                                 const grpc::ByteBuffer& request) {
  const FlatBytes bytes(request);
  if (!bytes.ok()) return Fail<StatusOr<Bytes>>(InvalidArgument("malformed request"));
  StatusOr<CallContext> call = Admit(route, context, bytes.view());
  if (!call.ok()) return Fail<StatusOr<Bytes>>(call.status());
  return route.unary(*std::move(call), bytes.view());
}

Task<Status> ServiceMethods::BeginServerStream(const Router::Route& route, const grpc::ServerContext& context,
                                               const grpc::ByteBuffer& request, ByteSink& sink) {
  const FlatBytes bytes(request);
  if (!bytes.ok()) return Fail<Status>(InvalidArgument("malformed request"));
  StatusOr<CallContext> call = Admit(route, context, bytes.view());
  if (!call.ok()) return Fail<Status>(call.status());
  return route.server_stream(*std::move(call), bytes.view(), sink);
}

Task<StatusOr<Bytes>> ServiceMethods::BeginClientStream(const Router::Route& route,
                                                        const grpc::ServerContext& context,
                                                        ByteSource& source) {
  StatusOr<CallContext> call = Admit(route, context, {});
  if (!call.ok()) return Fail<StatusOr<Bytes>>(call.status());
  return route.client_stream(*std::move(call), source);
}

StatusOr<CallContext> ServiceMethods::Admit(const Router::Route& route, const grpc::ServerContext& context,
                                            std::string_view request) {
  if (state_.active_calls > state_.calls_max)
    return absl::ResourceExhaustedError("too many calls; try later");
  ASSIGN_OR_RETURN(CallContext call, ContextOf(context));
  RETURN_IF_ERROR(Router::Admit(route, request, state_.loop.Now(), call));
  return call;
}

}  // namespace souk::rpc
