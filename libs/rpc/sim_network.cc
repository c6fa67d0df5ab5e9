#include "libs/rpc/sim_network.h"

namespace souk::rpc {
namespace {

// How bad the network is.
constexpr double kLoss = 0.05;
constexpr double kRepetition = 0.05;
constexpr double kSlow = 0.05;

Task<> Serve(Task<StatusOr<Bytes>> handler, SimServer::Reply reply) { reply(co_await std::move(handler)); }

class NoStream final : public ByteStream {
 public:
  Task<StatusOr<std::optional<Bytes>>> Read() override {
    co_return absl::UnimplementedError("the simulated network has no streams");
  }
};

}  // namespace

void SimServer::Receive(const std::string& path, CallOptions options, const Bytes& request, Reply reply) {
  const Router::Route* const route = router_.Find(path);
  if (route == nullptr) return reply(absl::UnimplementedError("no such method: " + path));
  CallContext call{.principal = std::move(options.principal),
                   .deadline = options.deadline,
                   .correlation_id = std::move(options.correlation_id)};
  if (const Status status = Router::Admit(*route, request, process_.Now(), call); !status.ok())
    return reply(status);
  calls_.Spawn(Serve(route->unary(std::move(call), request), std::move(reply)));
}

Task<StatusOr<Bytes>> SimChannel::CallUnary(std::string path, CallOptions options, Bytes request) {
  const auto answer = std::make_shared<Completion<StatusOr<Bytes>>>();
  const absl::Time deadline = options.deadline;
  Transmit(
      [this, answer, path = std::move(path), options = std::move(options), request = std::move(request)] {
        if (server_ == nullptr) return;
        server_->Receive(path, options, request, [this, answer](StatusOr<Bytes> reply) {
          Transmit([answer, reply = std::move(reply)] { answer->Set(reply); });
        });
      });
  world_.PostAt(deadline, [answer] { answer->Set(absl::DeadlineExceededError("no reply in time")); });
  co_return co_await *answer;
}

std::unique_ptr<ByteStream> SimChannel::CallServerStream(std::string, CallOptions, Bytes) {
  return std::make_unique<NoStream>();
}

void SimChannel::Transmit(std::function<void()> deliver) {
  if (world_.Chance(kLoss)) {
    ++lost_;
    return;
  }
  const int times = world_.Chance(kRepetition) ? 2 : 1;
  repeated_ += times - 1;
  for (int i = 0; i < times; ++i) {
    const std::uint64_t most_us = world_.Chance(kSlow) ? 60'000 : 3'000;
    world_.PostAt(world_.Now() + absl::Microseconds(100 + world_.Random(most_us)), deliver);
  }
}

}  // namespace souk::rpc
