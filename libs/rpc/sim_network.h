// A network of a simulated world: it delays, reorders, repeats and loses messages.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libs/rpc/channel.h"
#include "libs/rpc/router.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::rpc {

// The serving side of a simulated process. Calls it works on end when it does.
class SimServer {
 public:
  SimServer(const Router& router, Scheduler& process) : router_(router), process_(process) {}

  using Reply = std::function<void(StatusOr<Bytes>)>;
  void Receive(const std::string& path, CallOptions options, const Bytes& request, Reply reply);

 private:
  const Router& router_;
  Scheduler& process_;
  TaskScope calls_;
};

// A way to whatever server is connected at the moment. Unary calls only.
class SimChannel final : public Channel {
 public:
  explicit SimChannel(SimScheduler& world) : world_(world) {}

  // Where requests go from now on; null when nobody listens.
  void Connect(SimServer* server) { server_ = server; }

  // DEADLINE_EXCEEDED when no reply arrives in time, whatever became of the request.
  Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) override;
  std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options, Bytes request) override;

  int lost() const { return lost_; }
  int repeated() const { return repeated_; }

 private:
  void Transmit(std::function<void()> deliver);

  SimScheduler& world_;
  SimServer* server_ = nullptr;
  int lost_ = 0;
  int repeated_ = 0;
};

}  // namespace souk::rpc
