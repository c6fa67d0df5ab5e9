#include "libs/rpc/sim_pipe.h"

#include <algorithm>

#include "libs/rpc/status.h"

namespace souk::rpc {
namespace {

// What a stream holds before its handler has to wait.
constexpr std::size_t kMessagesMax = 8;

}  // namespace

Task<StatusOr<std::optional<Bytes>>> SimPipe::Read(std::shared_ptr<SimPipe> pipe) {
  for (;;) {
    if (!pipe->arrived_.empty()) {
      Bytes message = std::move(pipe->arrived_.front());
      pipe->arrived_.pop_front();
      --pipe->under_way_;
      pipe->Wake(pipe->process_, pipe->writer_);
      co_return message;
    }
    if (pipe->end_.has_value()) {
      if (!pipe->end_->ok()) co_return *pipe->end_;
      co_return std::nullopt;
    }
    co_await Wait(pipe->reader_);
  }
}

void SimPipe::CloseReader() {
  home_ = nullptr;
  // The server learns of it some time later.
  network_.world_.PostAt(network_.world_.Now() + network_.Delay(), [self = shared_from_this()] {
    self->reader_gone_ = true;
    self->Wake(self->process_, self->writer_);
  });
}

void SimPipe::Expire() {
  if (end_.has_value()) return;
  end_ = absl::DeadlineExceededError("the stream took too long");
  Wake(home_, reader_);
  CloseReader();
}

Task<Status> SimPipe::WriteTo(SimPipe* pipe, Bytes message) {
  if (!pipe->cancelled()) {
    ++pipe->under_way_;
    if (pipe->network_.world_.Chance(pipe->network_.faults_.broken_stream)) pipe->Break("connection reset");
    pipe->Send([pipe, bytes = std::move(message)]() mutable { pipe->arrived_.push_back(std::move(bytes)); });
  }
  while (pipe->under_way_ >= kMessagesMax && !pipe->cancelled()) co_await Wait(pipe->writer_);
  co_return pipe->cancelled() ? absl::CancelledError("nobody reads any more") : OkStatus();
}

void SimPipe::End(Status status) {
  ended_ = true;
  process_ = nullptr;
  Send([this, shown = ForClient(status)] { end_ = shown; });
}

void SimPipe::Abandon() {
  process_ = nullptr;
  Break("connection reset");
}

void SimPipe::Send(std::function<void()> arrive) {
  if (broken_.has_value() || stalled_) return;
  if (network_.IsCut(server_, client_)) {  // Nothing more gets through, and both give up.
    stalled_ = true;
    network_.world_.PostAt(network_.world_.Now() + kKeepAlive,
                           [self = shared_from_this()] { self->Break("keep-alive failed"); });
    return;
  }
  last_arrival_ = std::max(last_arrival_ + absl::Microseconds(1), network_.world_.Now() + network_.Delay());
  network_.world_.PostAt(last_arrival_, [self = shared_from_this(), arrive = std::move(arrive)] {
    if (self->end_.has_value()) return;
    arrive();
    self->Wake(self->home_, self->reader_);
  });
}

void SimPipe::Break(const std::string& why) {
  if (broken_.has_value()) return;
  broken_ = why;
  ++network_.counts_.broken_streams;
  Wake(process_, writer_);
  const absl::Time noticed =
      std::max(last_arrival_ + absl::Microseconds(1), network_.world_.Now() + network_.Delay());
  network_.world_.PostAt(noticed, [self = shared_from_this(), why] {
    if (!self->end_.has_value()) self->end_ = Unavailable("%s", why);
    self->Wake(self->home_, self->reader_);
  });
}

void SimPipe::Wake(Scheduler* where, std::coroutine_handle<>& slot) {
  if (where == nullptr || !slot) return;
  where->Post([self = shared_from_this(), &slot] {
    if (slot) std::exchange(slot, nullptr).resume();
  });
}

}  // namespace souk::rpc
