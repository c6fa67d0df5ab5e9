// All six services in a test: their modules, the feeds between them and every method they
// serve, on stores in memory and one simulated scheduler. Requests and responses are in the
// text format of protobuf, so that a test can treat all methods alike.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/uuid.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/event_log_service.h"
#include "libs/module/module.h"
#include "libs/module/time_keeper.h"
#include "libs/rpc/local_channel.h"
#include "libs/rpc/router.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"

namespace souk::contract {

// A method of the router with the types of the .proto file.
struct Rpc {
  const rpc::Router::Route* route = nullptr;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;

  std::string name() const { return descriptor->name(); }
  std::unique_ptr<google::protobuf::Message> NewRequest() const;
  std::unique_ptr<google::protobuf::Message> NewResponse() const;
};

class WholeStore {
 public:
  WholeStore();
  ~WholeStore();

  // All methods of all services, by name. The names differ.
  const std::map<std::string, Rpc>& rpcs() const { return rpcs_; }

  // Calls a method and waits until everything that follows from it has happened. Streams of
  // requests get the request as the first message, and then a photo; streams of responses
  // are read to their end, the first is returned.
  StatusOr<std::unique_ptr<google::protobuf::Message>> Call(const Rpc& rpc, std::string_view principal,
                                                            const google::protobuf::Message& request);

  // How many records all logs have.
  std::uint64_t Records();
  // Everything that the services keep: keys and values of their stores, names and contents of
  // their files.
  void ForEachKept(absl::FunctionRef<void(const std::string& where, std::string_view bytes)> see) const;
  void Advance(absl::Duration duration);

 private:
  struct Hosted;
  class AsService;

  void Open(const ModuleFactory& factory);
  void Connect();
  void AddRpcs();
  template <typename T>
  T Run(Task<T> task);
  Task<StatusOr<std::string>> CallOnce(const Rpc* rpc, rpc::CallOptions options, std::string request);

  SimScheduler scheduler_{1};
  ManualClock clock_;
  RandomIds ids_;
  std::string folder_;
  std::unique_ptr<SimProcess> process_;
  rpc::Router router_;
  std::unique_ptr<rpc::LocalChannel> channel_;
  std::vector<std::unique_ptr<Hosted>> hosted_;
  EventLogService event_logs_;
  std::unique_ptr<TimeKeeper> time_keeper_;
  std::map<std::string, Rpc> rpcs_;
};

}  // namespace souk::contract
