#include "libs/rpc/sim_network.h"

#include <algorithm>
#include <coroutine>

#include "libs/rpc/sim_pipe.h"
#include "libs/rpc/status.h"

namespace souk::rpc {
namespace {

// Messages that have all arrived.
class ListSource final : public ByteSource {
 public:
  explicit ListSource(std::vector<Bytes> messages) : messages_(std::move(messages)) {}
  Task<StatusOr<std::optional<Bytes>>> Read() override {
    if (next_ == messages_.size()) co_return std::nullopt;
    co_return std::move(messages_[next_++]);
  }

 private:
  std::vector<Bytes> messages_;
  std::size_t next_ = 0;
};

class SimStream final : public ByteStream {
 public:
  SimStream(std::shared_ptr<SimPipe> pipe, std::function<void()> begin)
      : pipe_(std::move(pipe)), begin_(std::move(begin)) {}
  ~SimStream() override { pipe_->CloseReader(); }
  Task<StatusOr<std::optional<Bytes>>> Read() override {
    if (const auto begin = std::exchange(begin_, nullptr)) begin();
    return SimPipe::Read(pipe_);
  }

 private:
  std::shared_ptr<SimPipe> pipe_;
  std::function<void()> begin_;  // Called by the first Read.
};

// An answer that somebody may wait for. The first one counts.
struct Answer {
  std::optional<StatusOr<Bytes>> value;
  std::coroutine_handle<> waiting;
  Scheduler* home = nullptr;  // Null when nobody waits any more.

  void Set(StatusOr<Bytes> result) {
    if (value.has_value() || home == nullptr) return;
    value = std::move(result);
    if (waiting) std::exchange(waiting, nullptr).resume();
  }
};

// `co_await Wait{answer}` is the answer.
struct Wait {
  std::shared_ptr<Answer> answer;
  explicit Wait(std::shared_ptr<Answer> a) : answer(std::move(a)) {}
  Wait(const Wait&) = delete;
  ~Wait() {
    answer->waiting = nullptr;
    answer->home = nullptr;
  }
  bool await_ready() const noexcept { return answer->value.has_value(); }
  void await_suspend(std::coroutine_handle<> self) noexcept { answer->waiting = self; }
  StatusOr<Bytes> await_resume() { return *std::move(answer->value); }
};

}  // namespace

// -- SimServer --

SimServer::~SimServer() {
  for (const auto& weak : pipes_) {
    if (const auto pipe = weak.lock()) pipe->Abandon();
  }
}

StatusOr<const Router::Route*> SimServer::Admit(const std::string& path, MethodKind kind, CallOptions options,
                                                std::string_view request, CallContext& call) {
  const Router::Route* const route = router_.Find(path);
  if (route == nullptr || route->kind != kind) return absl::UnimplementedError("no such method: " + path);
  call.principal = std::move(options.principal);
  call.deadline = options.deadline;
  call.correlation_id = std::move(options.correlation_id);
  call.traceparent = std::move(options.traceparent);
  RETURN_IF_ERROR(Router::Admit(*route, request, process_.Now(), call));
  return route;
}

void SimServer::Receive(std::string path, CallOptions options, Bytes request, Reply reply) {
  process_.Post([this, path = std::move(path), options = std::move(options), request = std::move(request),
                 reply = std::move(reply)]() mutable {
    CallContext call;
    const auto route = Admit(path, MethodKind::kUnary, std::move(options), request, call);
    if (!route.ok()) return reply(ForClient(route.status()));
    Task<StatusOr<Bytes>> handler = (*route)->unary(call, request);
    calls_.Spawn(Serve(this, std::move(handler), std::move(path), std::move(call), std::move(request),
                       std::move(reply)));
  });
}

Task<> SimServer::Serve(SimServer* self, Task<StatusOr<Bytes>> handler, std::string path, CallContext call,
                        Bytes request, Reply reply) {
  StatusOr<Bytes> response = co_await std::move(handler);
  if (self->observer_) self->observer_(path, call, request, response);
  if (!response.ok()) response = ForClient(response.status());
  reply(std::move(response));
}

void SimServer::ReceiveUpload(std::string path, CallOptions options, std::vector<Bytes> messages,
                              Reply reply) {
  process_.Post([this, path = std::move(path), options = std::move(options), messages = std::move(messages),
                 reply = std::move(reply)]() mutable {
    CallContext call;
    const auto route = Admit(path, MethodKind::kClientStream, std::move(options), "", call);
    if (!route.ok()) return reply(ForClient(route.status()));
    calls_.Spawn(ServeUpload(*route, std::move(call), std::move(messages), std::move(reply)));
  });
}

Task<> SimServer::ServeUpload(const Router::Route* route, CallContext call, std::vector<Bytes> messages,
                              Reply reply) {
  ListSource source(std::move(messages));
  StatusOr<Bytes> response = co_await route->client_stream(std::move(call), source);
  if (!response.ok()) response = ForClient(response.status());
  reply(std::move(response));
}

void SimServer::ReceiveStream(std::string path, CallOptions options, Bytes request,
                              std::shared_ptr<SimPipe> pipe) {
  process_.Post([this, path = std::move(path), options = std::move(options), request = std::move(request),
                 pipe = std::move(pipe)]() mutable {
    if (pipe->cancelled()) return;
    CallContext call;
    const auto route = Admit(path, MethodKind::kServerStream, std::move(options), request, call);
    if (!route.ok()) return pipe->End(route.status());
    std::erase_if(pipes_, [](const auto& weak) { return weak.expired(); });
    pipes_.push_back(pipe);
    pipe->Serve(process_);
    calls_.Spawn(ServeStream(*route, std::move(call), std::move(request), std::move(pipe)));
  });
}

Task<> SimServer::ServeStream(const Router::Route* route, CallContext call, Bytes request,
                              std::shared_ptr<SimPipe> pipe) {
  const Status status = co_await route->server_stream(std::move(call), request, *pipe);
  pipe->End(status);
}

// -- SimNetwork --

void SimNetwork::Listen(const std::string& name, SimServer* server) {
  if (server == nullptr) {
    servers_.erase(name);
  } else {
    servers_[name] = server;
  }
}

SimServer* SimNetwork::Find(const std::string& name) const {
  const auto it = servers_.find(name);
  return it == servers_.end() ? nullptr : it->second;
}

void SimNetwork::Cut(const std::string& from, const std::string& to) {
  cut_.emplace(from, to);
  world_.PostAt(world_.Now() + kKeepAlive, [this, from, to] {
    if (!IsCut(from, to)) return;
    for (const auto& weak : pipes_) {
      const auto pipe = weak.lock();
      if (pipe != nullptr && pipe->Between(from, to)) pipe->Break("keep-alive failed");
    }
  });
}

absl::Duration SimNetwork::Delay() {
  ++counts_.messages;
  const bool slow = world_.Chance(faults_.slow);
  counts_.slow += slow;
  const absl::Duration most = slow ? faults_.slow_delay_max : faults_.delay_max;
  return absl::Microseconds(100 + world_.Random(static_cast<std::uint64_t>(absl::ToInt64Microseconds(most))));
}

void SimNetwork::Transmit(const std::string& from, const std::string& to, std::function<void()> deliver) {
  if (IsCut(from, to)) {
    ++counts_.cut_off;
    return;
  }
  if (world_.Chance(faults_.loss)) {
    ++counts_.lost;
    return;
  }
  const int times = world_.Chance(faults_.repetition) ? 2 : 1;
  counts_.repeated += times - 1;
  for (int i = 0; i < times; ++i) world_.PostAt(world_.Now() + Delay(), deliver);
}

std::shared_ptr<SimPipe> SimNetwork::OpenPipe(std::string client, std::string server, Scheduler& home) {
  std::erase_if(pipes_, [](const auto& weak) { return weak.expired() || !weak.lock()->open(); });
  auto pipe = std::make_shared<SimPipe>(*this, std::move(client), std::move(server), home);
  pipes_.push_back(pipe);
  return pipe;
}

// -- SimChannel --

Task<StatusOr<Bytes>> SimChannel::Call(CallOptions options, Deliver deliver) {
  options.deadline = std::min(options.deadline, home_.Now() + kCallTimeoutMax);
  const auto answer = std::make_shared<Answer>();
  answer->home = &home_;
  SimNetwork& network = network_;
  const auto back = [&network, answer, from = from_, to = to_](StatusOr<Bytes> reply) {
    network.Transmit(to, from, [answer, reply = std::move(reply)] {
      if (answer->home != nullptr) answer->home->Post([answer, reply] { answer->Set(reply); });
    });
  };
  network.Transmit(from_, to_, [&network, options, back, deliver = std::move(deliver), to = to_] {
    if (SimServer* const server = network.Find(to)) return deliver(*server, options, back);
    ++network.counts_.refused;
    back(Unavailable("%s: connection refused", to));
  });
  home_.PostAt(options.deadline, [answer] { answer->Set(absl::DeadlineExceededError("no reply in time")); });
  co_return co_await Wait(answer);
}

Task<StatusOr<Bytes>> SimChannel::CallUnary(std::string path, CallOptions options, Bytes request) {
  return Call(std::move(options), [path = std::move(path), request = std::move(request)](
                                      SimServer& server, CallOptions o, SimServer::Reply reply) {
    server.Receive(path, std::move(o), request, std::move(reply));
  });
}

Task<StatusOr<Bytes>> SimChannel::CallUpload(std::string path, CallOptions options,
                                             std::vector<Bytes> messages) {
  return Call(std::move(options), [path = std::move(path), messages = std::move(messages)](
                                      SimServer& server, CallOptions o, SimServer::Reply reply) {
    server.ReceiveUpload(path, std::move(o), messages, std::move(reply));
  });
}

std::unique_ptr<ByteStream> SimChannel::CallServerStream(std::string path, CallOptions options,
                                                         Bytes request) {
  auto pipe = network_.OpenPipe(from_, to_, home_);
  auto begin = [&network = network_, &home = home_, pipe, from = from_, to = to_, path = std::move(path),
                options = std::move(options), request = std::move(request)] {
    if (options.deadline != absl::InfiniteFuture()) {
      home.PostAt(options.deadline, [weak = std::weak_ptr(pipe)] {
        if (const auto late = weak.lock()) late->Expire();
      });
    }
    if (network.IsCut(from, to)) {
      network.world_.PostAt(network.world_.Now() + kKeepAlive, [pipe] { pipe->Break("no connection"); });
      return;
    }
    network.world_.PostAt(network.world_.Now() + network.Delay(),
                          [&network, pipe, to, path, options, request] {
                            if (SimServer* const server = network.Find(to)) {
                              server->ReceiveStream(path, options, request, pipe);
                            } else {
                              ++network.counts_.refused;
                              pipe->Break("connection refused");
                            }
                          });
  };
  return std::make_unique<SimStream>(std::move(pipe), std::move(begin));
}

}  // namespace souk::rpc
