#include "libs/rpc/grpc_channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <algorithm>
#include <coroutine>
#include <optional>
#include <utility>

#include "libs/rpc/byte_buffer.h"
#include "libs/rpc/status.h"

namespace souk::rpc {
namespace {

using grpc::ByteBuffer;
using grpc::internal::RpcMethod;

constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr int kReconnectMinMs = 100;
constexpr int kReconnectMaxMs = 2'000;
// How long one attempt to connect may take. Who refuses does so at once; a peer on a machine
// that is very busy takes its time.
constexpr int kConnectMaxMs = 10'000;

// One call. It lives until it is not used and no operation is under way, whichever is
// later, so that a task that waits for it may be destroyed.
template <typename Call>
class CallState final : public EventTag, public std::enable_shared_from_this<CallState<Call>> {
 public:
  CallState(EventLoop& loop, CallOptions options) : loop_(loop) {
    context.AddMetadata(kPrincipalHeader, ToString(options.principal));
    if (!options.correlation_id.empty()) context.AddMetadata(kCorrelationHeader, options.correlation_id);
    if (!options.traceparent.empty()) context.AddMetadata(kTraceHeader, options.traceparent);
    if (options.deadline != absl::InfiniteFuture()) {
      context.set_deadline(absl::ToChronoTime(options.deadline));
    }
  }
  CallState(const CallState&) = delete;

  // As EventLoop::Event, except that the waiting coroutine may be destroyed: then the
  // call is cancelled.
  template <typename Start>
  struct Operation {
    std::shared_ptr<CallState> state;
    Start start;
    bool done = false;

    Operation(std::shared_ptr<CallState> s, Start f) : state(std::move(s)), start(std::move(f)) {}
    Operation(const Operation&) = delete;
    ~Operation() {
      if (done || !state->keep_) return;
      state->waiting_ = nullptr;
      state->context.TryCancel();
    }
    bool await_ready() const noexcept {
      state->ok_ = false;
      return state->loop_.closed();
    }
    void await_suspend(std::coroutine_handle<> self) {
      state->waiting_ = self;
      state->keep_ = state;
      start(static_cast<void*>(static_cast<EventTag*>(state.get())));
    }
    bool await_resume() noexcept {
      done = true;
      return state->ok_;
    }
  };
  template <typename Start>
  Operation<Start> Do(Start start) {
    return Operation<Start>(this->shared_from_this(), std::move(start));
  }

  void OnEvent(bool ok) override {
    ok_ = ok;
    const std::shared_ptr<CallState> keep = std::move(keep_);
    if (waiting_) std::exchange(waiting_, nullptr).resume();
  }

  // The context must outlive the call.
  grpc::ClientContext context;
  std::unique_ptr<Call> call;
  ByteBuffer message;
  grpc::Status status{grpc::StatusCode::UNAVAILABLE, "the process is shutting down"};

 private:
  EventLoop& loop_;
  std::coroutine_handle<> waiting_;
  std::shared_ptr<CallState> keep_;  // While an operation is under way.
  bool ok_ = false;
};

// Nobody cancels a call and then waits for it. So CANCELLED is how a server that shuts
// down ends calls that have not reached a handler.
Status ErrorOf(const grpc::Status& status) {
  Status error = FromGrpc(status);
  return absl::IsCancelled(error) ? Unavailable("the server ended the call") : error;
}

StatusOr<Bytes> ToBytes(const ByteBuffer& buffer) {
  const FlatBytes bytes(buffer);
  if (!bytes.ok()) return Internal("malformed message");
  return Bytes(bytes.view());
}

using UnaryState = CallState<grpc::ClientAsyncResponseReader<ByteBuffer>>;
using StreamState = CallState<grpc::ClientAsyncReader<ByteBuffer>>;
using UploadState = CallState<grpc::ClientAsyncWriter<ByteBuffer>>;

Task<StatusOr<Bytes>> Finish(std::shared_ptr<UnaryState> state) {
  co_await state->Do([s = state.get()](void* tag) { s->call->Finish(&s->message, &s->status, tag); });
  if (!state->status.ok()) co_return ErrorOf(state->status);
  co_return ToBytes(state->message);
}

class GrpcStream final : public ByteStream {
 public:
  GrpcStream(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
  ~GrpcStream() override {
    if (!*ended_) state_->context.TryCancel();
  }

  Task<StatusOr<std::optional<Bytes>>> Read() override {
    return ReadFrom(state_, std::exchange(started_, true), ended_);
  }

 private:
  static Task<StatusOr<std::optional<Bytes>>> ReadFrom(std::shared_ptr<StreamState> state, bool started,
                                                       std::shared_ptr<bool> ended) {
    StreamState* s = state.get();
    if (*ended) {
      if (!s->status.ok()) co_return ErrorOf(s->status);
      co_return std::nullopt;
    }
    bool ok = started;
    if (!started) ok = co_await s->Do([s](void* tag) { s->call->StartCall(tag); });
    if (ok) ok = co_await s->Do([s](void* tag) { s->call->Read(&s->message, tag); });
    if (ok) {
      StatusOr<Bytes> bytes = ToBytes(s->message);
      if (!bytes.ok()) co_return bytes.status();
      co_return *std::move(bytes);
    }
    co_await s->Do([s](void* tag) { s->call->Finish(&s->status, tag); });
    *ended = true;
    if (!s->status.ok()) co_return ErrorOf(s->status);
    co_return std::nullopt;
  }

  std::shared_ptr<StreamState> state_;
  bool started_ = false;
  // Shared with a Read that is under way.
  std::shared_ptr<bool> ended_ = std::make_shared<bool>(false);
};

class GrpcUpload final : public ByteUpload {
 public:
  explicit GrpcUpload(std::shared_ptr<UploadState> state) : state_(std::move(state)) {}
  ~GrpcUpload() override {
    if (!finishing_) state_->context.TryCancel();
  }

  Task<Status> Write(Bytes message) override {
    return WriteTo(state_, std::exchange(started_, true), std::move(message));
  }
  Task<StatusOr<Bytes>> Finish() override {
    finishing_ = true;
    return FinishOn(state_, std::exchange(started_, true));
  }

 private:
  static Task<Status> WriteTo(std::shared_ptr<UploadState> state, bool started, Bytes message) {
    UploadState* s = state.get();
    bool ok = started;
    if (!started) ok = co_await s->Do([s](void* tag) { s->call->StartCall(tag); });
    const ByteBuffer buffer = ToByteBuffer(std::move(message));
    if (ok) ok = co_await s->Do([s, &buffer](void* tag) { s->call->Write(buffer, tag); });
    co_return ok ? OkStatus() : absl::CancelledError("the server reads no more");
  }

  static Task<StatusOr<Bytes>> FinishOn(std::shared_ptr<UploadState> state, bool started) {
    UploadState* s = state.get();
    bool ok = started;
    if (!started) ok = co_await s->Do([s](void* tag) { s->call->StartCall(tag); });
    if (ok) co_await s->Do([s](void* tag) { s->call->WritesDone(tag); });
    co_await s->Do([s](void* tag) { s->call->Finish(&s->status, tag); });
    if (!s->status.ok()) co_return ErrorOf(s->status);
    co_return ToBytes(s->message);
  }

  std::shared_ptr<UploadState> state_;
  bool started_ = false;
  bool finishing_ = false;
};

std::shared_ptr<grpc::Channel> Connect(const GrpcChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.message_bytes_max);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  // Named for what it once was: the time-out of an attempt.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMaxMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // Who calls knows what may be repeated.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, options.own_connection ? 1 : 0);
  return grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

GrpcChannel::GrpcChannel(EventLoop& loop, const GrpcChannelOptions& options)
    : loop_(loop), channel_(Connect(options)) {}

Task<StatusOr<Bytes>> GrpcChannel::CallUnary(std::string path, CallOptions options, Bytes request) {
  options.deadline = std::min(options.deadline, loop_.Now() + kCallTimeoutMax);
  auto state = std::make_shared<UnaryState>(loop_, std::move(options));
  grpc::GenericStub stub(channel_);
  state->call =
      stub.PrepareUnaryCall(&state->context, path, ToByteBuffer(std::move(request)), &loop_.queue());
  state->call->StartCall();
  return Finish(std::move(state));
}

std::unique_ptr<ByteStream> GrpcChannel::CallServerStream(std::string path, CallOptions options,
                                                          Bytes request) {
  auto state = std::make_shared<StreamState>(loop_, std::move(options));
  state->call.reset(grpc::internal::ClientAsyncReaderFactory<ByteBuffer>::Create(
      channel_.get(), &loop_.queue(), RpcMethod(path.c_str(), nullptr, RpcMethod::SERVER_STREAMING),
      &state->context, ToByteBuffer(std::move(request)), false, nullptr));
  return std::make_unique<GrpcStream>(std::move(state));
}

std::unique_ptr<ByteUpload> GrpcChannel::CallClientStream(std::string path, CallOptions options) {
  auto state = std::make_shared<UploadState>(loop_, std::move(options));
  state->call.reset(grpc::internal::ClientAsyncWriterFactory<ByteBuffer>::Create(
      channel_.get(), &loop_.queue(), RpcMethod(path.c_str(), nullptr, RpcMethod::CLIENT_STREAMING),
      &state->context, &state->message, false, nullptr));
  return std::make_unique<GrpcUpload>(std::move(state));
}

Status GrpcChannel::WaitUntilConnected(absl::Duration timeout) {
  if (channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + timeout))) return OkStatus();
  return Unavailable("cannot reach the server within %s", absl::FormatDuration(timeout));
}

}  // namespace souk::rpc
