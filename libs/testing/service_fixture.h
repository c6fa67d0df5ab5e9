// A module of a service in a test: the real engine on a store in memory, the real handlers
// behind the real router, one thread, a clock set by hand. Other services are fakes that
// the test scripts, behind the same channels.
//
//   ServiceFixture fixture(order::OrderModule());
//   fixture.Fake("cart").On<v1::FreezeCartRequest>([](const auto& request) { ... return response; });
//   fixture.Start();
//   const auto response = fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", request);
//   fixture.Deliver("payment", "intent-1", funds_received);       // A public event arrives.
//   fixture.AdvanceBy(absl::Hours(24));                           // Timers on the way fire in order.
//   fixture.Restart();                                            // A crash: only the store remains.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/task.h"
#include "libs/base/uuid.h"
#include "libs/module/module.h"
#include "libs/rpc/channel.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/run_to_end.h"

namespace souk::testing {

// Ids that are the same in every run.
class SequentialIds final : public IdGenerator {
 public:
  std::string NewId() override { return DerivedUuid("test-id", std::to_string(++count_)); }

 private:
  int count_ = 0;
};

// A service that a test scripts. Calls of methods it does not know are UNIMPLEMENTED.
class FakeService final : public rpc::Channel {
 public:
  // Answers requests of type Request; the function returns StatusOr<some response>.
  template <typename Request, typename Function>
  void On(Function function) {
    answers_[std::string(Request::descriptor()->full_name())] =
        [this, function](std::string_view bytes) -> StatusOr<rpc::Bytes> {
      Request request;
      request.ParseFromString(std::string(bytes));
      log_.push_back(Request::descriptor()->name());
      auto response = function(request);
      if (!response.ok()) return response.status();
      return response->SerializeAsString();
    };
  }

  Task<StatusOr<rpc::Bytes>> CallUnary(std::string path, rpc::CallOptions options,
                                       rpc::Bytes request) override;
  std::unique_ptr<rpc::ByteStream> CallServerStream(std::string path, rpc::CallOptions options,
                                                    rpc::Bytes request) override;

  // The names of the requests it was sent, in order, such as "FreezeCartRequest".
  const std::vector<std::string>& log() const { return log_; }
  int Count(std::string_view request_name) const;

 private:
  std::map<std::string, std::function<StatusOr<rpc::Bytes>(std::string_view)>> answers_;  // By request type.
  std::vector<std::string> log_;
};

class UnendedSource;

class ServiceFixture final : private Channels {
 public:
  // `settings` override the module's defaults.
  explicit ServiceFixture(ModuleFactory factory,
                          std::vector<std::pair<std::string, std::string>> settings = {});
  ~ServiceFixture();

  FakeService& Fake(const std::string& service) { return fakes_[service]; }

  // Opens the module; fails the test when it cannot.
  void Start();
  // Destroys the module as a crash would, and opens it again on the same store.
  void Restart();
  // Only destroys it.
  void Crash();

  // Calls a method as `principal`, such as "seller/s-1", and runs until it has answered.
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, const Request& request) {
    const StatusOr<rpc::Bytes> bytes =
        CallBytes(rpc::MethodPath(*Request::descriptor(), *Response::descriptor()), principal,
                  request.SerializeAsString());
    if (!bytes.ok()) return bytes.status();
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }
  // The same, without waiting; `done` gets the answer while the test runs on.
  void Begin(std::string path, std::string_view principal, rpc::Bytes request,
             std::function<void(StatusOr<rpc::Bytes>)> done);
  // A client-streaming call with all its messages.
  template <typename Response, typename Request>
  StatusOr<Response> Upload(std::string_view principal, const std::vector<Request>& messages) {
    std::vector<rpc::Bytes> bytes;
    for (const Request& message : messages) bytes.push_back(message.SerializeAsString());
    const StatusOr<rpc::Bytes> answer = UploadBytes(
        rpc::MethodPath(*Request::descriptor(), *Response::descriptor()), principal, std::move(bytes));
    if (!answer.ok()) return answer.status();
    Response response;
    response.ParseFromString(*answer);
    return response;
  }
  // A client-streaming call that goes no further than this message, until EndUploads().
  template <typename Response, typename Request>
  void BeginUpload(std::string_view principal, const Request& message) {
    BeginUploadOf(rpc::MethodPath(*Request::descriptor(), *Response::descriptor()), principal,
                  message.SerializeAsString());
  }
  void EndUploads();
  // A server-streaming call read to its end.
  template <typename Response, typename Request>
  StatusOr<std::vector<Response>> Download(std::string_view principal, const Request& request) {
    StatusOr<std::vector<rpc::Bytes>> bytes =
        DownloadBytes(rpc::MethodPath(*Request::descriptor(), *Response::descriptor()), principal,
                      request.SerializeAsString());
    if (!bytes.ok()) return bytes.status();
    std::vector<Response> responses(bytes->size());
    for (std::size_t i = 0; i < responses.size(); ++i) responses[i].ParseFromString((*bytes)[i]);
    return responses;
  }

  // A public event of `source` arrives, about `aggregate_id`. Returns what the handler
  // said; OK when nobody cares. The same `event_id` again is a repeated delivery.
  Status Deliver(const std::string& source, const std::string& aggregate_id,
                 const google::protobuf::Message& event, std::string event_id = "");

  // Moves the clock; timers on the way fire at their time, in order.
  void AdvanceTo(absl::Time time);
  void AdvanceBy(absl::Duration duration) { AdvanceTo(clock_.Now() + duration); }
  // Runs until nothing is left to do at the present time.
  void Settle();

  // All public events so far of the given type, oldest first.
  template <typename Event>
  std::vector<Event> PublicEvents() const {
    std::vector<Event> events;
    for (const PublicEvent& event : AllPublicEvents()) {
      if (event.type != Event::descriptor()->full_name()) continue;
      events.emplace_back().ParseFromString(event.payload);
    }
    return events;
  }
  std::vector<PublicEvent> AllPublicEvents() const;

  Module& module() { return *module_; }
  Engine& engine() { return module_->engine(); }
  const rpc::Router& router() const { return *router_; }
  absl::Time now() const { return clock_.Now(); }
  Store& store() { return store_; }
  SubjectKeys& subject_keys() { return *subject_keys_; }
  const std::string& data_dir() const { return data_dir_; }
  // Runs a task to its end.
  template <typename T>
  T Run(Task<T> task) {
    return RunToEnd(scheduler_, std::move(task));
  }

 private:
  rpc::Channel& To(std::string_view service) override { return fakes_[std::string(service)]; }
  StatusOr<rpc::Bytes> CallBytes(std::string path, std::string_view principal, rpc::Bytes request);
  StatusOr<rpc::Bytes> UploadBytes(std::string path, std::string_view principal,
                                   std::vector<rpc::Bytes> messages);
  void BeginUploadOf(std::string path, std::string_view principal, rpc::Bytes message);
  StatusOr<std::vector<rpc::Bytes>> DownloadBytes(std::string path, std::string_view principal,
                                                  rpc::Bytes request);
  StatusOr<const rpc::Router::Route*> Route(const std::string& path, std::string_view principal,
                                            std::string_view request, rpc::CallContext& call) const;

  ModuleFactory factory_;
  std::vector<std::pair<std::string, std::string>> settings_overrides_;
  std::string data_dir_;
  SimScheduler scheduler_{1};
  ManualClock clock_;
  SequentialIds ids_;
  MemoryStore store_;
  std::map<std::string, FakeService> fakes_;
  std::optional<config::Settings> settings_;
  std::unique_ptr<SubjectKeys> subject_keys_;
  std::unique_ptr<SimProcess> process_;
  std::unique_ptr<Module> module_;
  std::unique_ptr<rpc::Router> router_;
  std::unique_ptr<TaskScope> calls_;
  std::vector<std::unique_ptr<UnendedSource>> uploads_;
  int events_delivered_ = 0;
};

}  // namespace souk::testing
