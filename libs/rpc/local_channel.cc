#include "libs/rpc/local_channel.h"

#include <algorithm>
#include <coroutine>
#include <deque>
#include <optional>
#include <utility>

#include "libs/rpc/deadline_queue.h"
#include "libs/rpc/status.h"

namespace souk::rpc {
namespace {

// What a stream holds before its handler has to wait.
constexpr std::size_t kPipeMessagesMax = 8;
constexpr std::size_t kPipeBytesMax = 1 << 20;

// What unary calls and streams have in common.
struct LocalCall {
  const Router& router;
  Scheduler& scheduler;
  std::shared_ptr<const CallObserver> observer;
  std::shared_ptr<DeadlineQueue> deadlines;
  std::string path;
  CallContext context;
  Bytes request;

  StatusOr<const Router::Route*> Admit(MethodKind kind) {
    const Router::Route* route = router.Find(path);
    if (route == nullptr || route->kind != kind) {
      return absl::UnimplementedError(absl::StrFormat("unknown method %s", path));
    }
    RETURN_IF_ERROR(Router::Admit(*route, request, scheduler.Now(), context));
    return route;
  }
  void Observe(const Status& status, absl::Time start) const {
    if (*observer) (*observer)({path, status, scheduler.Now() - start});
  }
};

CallContext ContextOf(CallOptions options) {
  CallContext context;
  context.principal = std::move(options.principal);
  context.deadline = options.deadline;
  context.correlation_id = std::move(options.correlation_id);
  context.traceparent = std::move(options.traceparent);
  return context;
}

Status DeadlineExceeded() { return absl::DeadlineExceededError("the deadline has passed"); }

class UnaryCall final : public DeadlineQueue::Waiter, public std::enable_shared_from_this<UnaryCall> {
 public:
  explicit UnaryCall(LocalCall call) : call_(std::move(call)) {}

  // `co_await Result{call}` makes the call.
  struct Result {
    std::shared_ptr<UnaryCall> call;
    explicit Result(std::shared_ptr<UnaryCall> c) : call(std::move(c)) {}
    Result(const Result&) = delete;
    ~Result() { call->waiting_ = nullptr; }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) {
      call->waiting_ = self;
      call->call_.scheduler.Post([running = call] { running->Begin(); });
    }
    StatusOr<Bytes> await_resume() { return *std::move(call->result_); }
  };

  void OnDeadline() override { End(DeadlineExceeded()); }

 private:
  void Begin() {
    call_.deadlines->Add(call_.context.deadline, *this);
    Handle(shared_from_this());
  }

  static Detached Handle(std::shared_ptr<UnaryCall> self) {
    LocalCall& call = self->call_;
    const absl::Time start = call.scheduler.Now();
    const StatusOr<const Router::Route*> route = call.Admit(MethodKind::kUnary);
    StatusOr<Bytes> response = route.ok() ? StatusOr<Bytes>("") : route.status();
    if (route.ok()) response = co_await (*route)->unary(std::move(call.context), call.request);
    call.Observe(response.status(), start);
    if (!response.ok()) response = ForClient(response.status());
    self->response_ = std::move(response);
    call.scheduler.Post([self] { self->End(std::move(self->response_)); });
  }

  void End(StatusOr<Bytes> result) {
    if (result_.has_value()) return;
    result_ = std::move(result);
    call_.deadlines->Remove(*this);
    if (waiting_) std::exchange(waiting_, nullptr).resume();
  }

  LocalCall call_;
  std::coroutine_handle<> waiting_;
  StatusOr<Bytes> response_;               // Of the handler.
  std::optional<StatusOr<Bytes>> result_;  // For the caller.
};

// The messages between a streaming handler and its reader.
class Pipe final : public ByteSink, public DeadlineQueue::Waiter, public std::enable_shared_from_this<Pipe> {
 public:
  // `handlers` has the handler while it runs.
  Pipe(LocalCall call, std::weak_ptr<TaskScope> handlers)
      : call_(std::move(call)), handlers_(std::move(handlers)) {}

  Task<Status> Write(Bytes message) override { return WriteTo(this, std::move(message)); }
  bool cancelled() const override { return reader_gone_ || expired_; }

  static Task<StatusOr<std::optional<Bytes>>> ReadFrom(std::shared_ptr<Pipe> pipe) {
    if (!std::exchange(pipe->begun_, true)) pipe->call_.scheduler.Post([pipe] { pipe->Begin(); });
    for (;;) {
      if (pipe->expired_) co_return DeadlineExceeded();
      if (!pipe->messages_.empty()) {
        Bytes message = std::move(pipe->messages_.front());
        pipe->messages_.pop_front();
        pipe->bytes_ -= message.size();
        pipe->Wake(pipe->writer_);
        co_return message;
      }
      if (pipe->end_.has_value()) {
        if (!pipe->end_->ok()) co_return *pipe->end_;
        co_return std::nullopt;
      }
      co_await Wait{pipe->reader_};
    }
  }

  void CloseReader() {
    reader_gone_ = true;
    call_.deadlines->Remove(*this);
    Wake(writer_);
  }

  void OnDeadline() override {
    expired_ = true;
    Wake(reader_);
    Wake(writer_);
  }

 private:
  // Who waits for the other side may be destroyed meanwhile.
  struct Wait {
    std::coroutine_handle<>& slot;
    explicit Wait(std::coroutine_handle<>& s) : slot(s) {}
    Wait(const Wait&) = delete;
    ~Wait() { slot = nullptr; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept { slot = self; }
    void await_resume() const noexcept {}
  };

  void Begin() {
    const std::shared_ptr<TaskScope> handlers = handlers_.lock();
    if (reader_gone_ || handlers == nullptr) return;
    call_.deadlines->Add(call_.context.deadline, *this);
    handlers->Spawn(Handle(shared_from_this()));
  }

  static Task<> Handle(std::shared_ptr<Pipe> pipe) {
    const std::shared_ptr<Pipe> self = std::move(pipe);  // Goes when this ends; a parameter may live on.
    LocalCall& call = self->call_;
    const absl::Time start = call.scheduler.Now();
    const StatusOr<const Router::Route*> route = call.Admit(MethodKind::kServerStream);
    Status status = route.status();
    if (route.ok()) {
      status = co_await (*route)->server_stream(std::move(call.context), call.request, *self);
    }
    call.Observe(status, start);
    self->end_ = ForClient(status);
    call.deadlines->Remove(*self);
    self->Wake(self->reader_);
  }

  static Task<Status> WriteTo(Pipe* pipe, Bytes message) {
    if (!pipe->cancelled()) {
      pipe->bytes_ += message.size();
      pipe->messages_.push_back(std::move(message));
      pipe->Wake(pipe->reader_);
    }
    while (pipe->full() && !pipe->cancelled()) co_await Wait{pipe->writer_};
    co_return pipe->cancelled() ? absl::CancelledError("nobody reads any more") : OkStatus();
  }

  bool full() const { return messages_.size() >= kPipeMessagesMax || bytes_ >= kPipeBytesMax; }

  void Wake(std::coroutine_handle<>& slot) {
    if (!slot) return;
    call_.scheduler.Post([self = shared_from_this(), &slot] {
      if (slot) std::exchange(slot, nullptr).resume();
    });
  }

  LocalCall call_;
  const std::weak_ptr<TaskScope> handlers_;
  std::deque<Bytes> messages_;
  std::size_t bytes_ = 0;
  std::optional<Status> end_;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
  bool begun_ = false;
  bool reader_gone_ = false;
  bool expired_ = false;
};

class LocalStream final : public ByteStream {
 public:
  explicit LocalStream(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
  ~LocalStream() override { pipe_->CloseReader(); }

  Task<StatusOr<std::optional<Bytes>>> Read() override { return Pipe::ReadFrom(pipe_); }

 private:
  std::shared_ptr<Pipe> pipe_;
};

Task<StatusOr<Bytes>> Make(std::shared_ptr<UnaryCall> call) {
  co_return co_await UnaryCall::Result(std::move(call));
}

}  // namespace

LocalChannel::LocalChannel(const Router& router, Scheduler& scheduler, CallObserver observer)
    : router_(router),
      scheduler_(scheduler),
      observer_(std::make_shared<const CallObserver>(std::move(observer))),
      deadlines_(std::make_shared<DeadlineQueue>(scheduler)),
      streams_(std::make_shared<TaskScope>()) {}

LocalChannel::~LocalChannel() = default;

void LocalChannel::EndStreams() { streams_ = std::make_shared<TaskScope>(); }

Task<StatusOr<Bytes>> LocalChannel::CallUnary(std::string path, CallOptions options, Bytes request) {
  options.deadline = std::min(options.deadline, scheduler_.Now() + kCallTimeoutMax);
  return Make(
      std::make_shared<UnaryCall>(LocalCall{router_, scheduler_, observer_, deadlines_, std::move(path),
                                            ContextOf(std::move(options)), std::move(request)}));
}

std::unique_ptr<ByteStream> LocalChannel::CallServerStream(std::string path, CallOptions options,
                                                           Bytes request) {
  return std::make_unique<LocalStream>(
      std::make_shared<Pipe>(LocalCall{router_, scheduler_, observer_, deadlines_, std::move(path),
                                       ContextOf(std::move(options)), std::move(request)},
                             streams_));
}

}  // namespace souk::rpc
