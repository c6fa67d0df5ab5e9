// A network of a simulated world. Unary calls are messages that it delays, reorders,
// repeats and loses; streams keep their order, as over TCP, and break.
//
//   SimNetwork network(world);
//   SimServer server(router, process);
//   network.Listen("order", &server);
//   SimChannel channel(network, "cart", "order", process);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/rpc/channel.h"
#include "libs/rpc/router.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::rpc {

// How bad the network is.
struct NetworkFaults {
  double loss = 0.05;
  double repetition = 0.05;
  double slow = 0.05;
  double broken_stream = 0;  // Per message of a stream.
  absl::Duration delay_max = absl::Milliseconds(3);
  absl::Duration slow_delay_max = absl::Milliseconds(60);
};

struct NetworkCounts {
  int messages = 0;
  int lost = 0;
  int repeated = 0;
  int slow = 0;
  int refused = 0;  // Nobody was there.
  int cut_off = 0;  // Lost to a partition.
  int broken_streams = 0;
};

class SimPipe;

// The serving side of a simulated process. Calls it works on end when it does.
class SimServer {
 public:
  // Sees every answer before it leaves: for auditors.
  using Observer = std::function<void(const std::string& path, const CallContext& call,
                                      std::string_view request, const StatusOr<Bytes>& response)>;

  SimServer(const Router& router, SimProcess& process, Observer observer = nullptr)
      : router_(router), process_(process), observer_(std::move(observer)) {}
  ~SimServer();

  using Reply = std::function<void(StatusOr<Bytes>)>;
  void Receive(std::string path, CallOptions options, Bytes request, Reply reply);
  void ReceiveUpload(std::string path, CallOptions options, std::vector<Bytes> messages, Reply reply);
  void ReceiveStream(std::string path, CallOptions options, Bytes request, std::shared_ptr<SimPipe> pipe);

 private:
  StatusOr<const Router::Route*> Admit(const std::string& path, MethodKind kind, CallOptions options,
                                       std::string_view request, CallContext& call);
  static Task<> Serve(SimServer* self, Task<StatusOr<Bytes>> handler, std::string path, CallContext call,
                      Bytes request, Reply reply);
  static Task<> ServeUpload(const Router::Route* route, CallContext call, std::vector<Bytes> messages,
                            Reply reply);
  static Task<> ServeStream(const Router::Route* route, CallContext call, Bytes request,
                            std::shared_ptr<SimPipe> pipe);

  const Router& router_;
  SimProcess& process_;
  const Observer observer_;
  std::vector<std::weak_ptr<SimPipe>> pipes_;
  TaskScope calls_;
};

class SimNetwork {
 public:
  explicit SimNetwork(SimScheduler& world, NetworkFaults faults = {}) : world_(world), faults_(faults) {}

  NetworkFaults& faults() { return faults_; }
  const NetworkCounts& counts() const { return counts_; }
  SimScheduler& world() { return world_; }

  // Who answers under `name` from now on; null when nobody does.
  void Listen(const std::string& name, SimServer* server);
  // Messages from one to the other are lost from now on; those on their way arrive.
  void Cut(const std::string& from, const std::string& to);
  void Restore(const std::string& from, const std::string& to) { cut_.erase({from, to}); }
  void RestoreAll() { cut_.clear(); }

 private:
  friend class SimChannel;
  friend class SimPipe;

  bool IsCut(const std::string& from, const std::string& to) const { return cut_.contains({from, to}); }
  SimServer* Find(const std::string& name) const;
  absl::Duration Delay();
  // Brings a message of a unary call from one to the other: never, once or twice.
  void Transmit(const std::string& from, const std::string& to, std::function<void()> deliver);
  std::shared_ptr<SimPipe> OpenPipe(std::string client, std::string server, Scheduler& home);

  SimScheduler& world_;
  NetworkFaults faults_;
  NetworkCounts counts_;
  std::map<std::string, SimServer*> servers_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::vector<std::weak_ptr<SimPipe>> pipes_;
};

// A way from one to whoever answers under a name.
class SimChannel final : public Channel {
 public:
  // Callers continue on `home`. All references must outlive the channel.
  SimChannel(SimNetwork& network, std::string from, std::string to, Scheduler& home)
      : network_(network), from_(std::move(from)), to_(std::move(to)), home_(home) {}

  // DEADLINE_EXCEEDED when no reply arrives in time, whatever became of the request.
  Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) override;
  std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options, Bytes request) override;
  // A client-streaming call with all of its messages.
  Task<StatusOr<Bytes>> CallUpload(std::string path, CallOptions options, std::vector<Bytes> messages);

 private:
  using Deliver = std::function<void(SimServer&, CallOptions, SimServer::Reply)>;
  Task<StatusOr<Bytes>> Call(CallOptions options, Deliver deliver);

  SimNetwork& network_;
  const std::string from_;
  const std::string to_;
  Scheduler& home_;
};

}  // namespace souk::rpc
