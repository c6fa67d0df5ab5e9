// A connection to the store, and how soukctl talks through it.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/rpc/blocking_client.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk::ctl {

struct SessionOptions {
  // HOST:PORT of all services, or service=HOST:PORT,... when each is a process.
  std::string address = "127.0.0.1:7400";
  bool json = false;  // Output for programs.
  // How long to go on trying while the store cannot be reached.
  absl::Duration retry_for = absl::ZeroDuration();
};

// Where the services are, by name; "" stands for all others.
using Addresses = std::map<std::string, std::string>;

// INVALID_ARGUMENT that says how an address is written.
StatusOr<Addresses> ParseAddresses(const std::string& text);

class Session {
 public:
  // `addresses` is not empty.
  Session(SessionOptions options, Addresses addresses);

  // Calls a method as `principal`, such as "seller/s-1". While the store cannot be reached
  // it tries again, for as long as the options say: requests carry ids that make a
  // repetition harmless.
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, const Request& request) {
    const std::string service = ServiceOf(request);
    if (!service.empty() || !has_several()) return CallService<Response>(service, principal, request);
    // A question to all services: each answers with lists, which go together.
    Response all;
    for (const auto& [name, address] : addresses_) {
      ASSIGN_OR_RETURN(const Response one, CallService<Response>(name, principal, request));
      all.MergeFrom(one);
    }
    return all;
  }

  // Reads events as an operator; `page` gets them in order, each once, and returns false when it has
  // enough; it must not use the session. While the store cannot be reached it tries again as Call does, and
  // goes on after the last page.
  Status ReadEvents(eventlog::v1::ReadEventsRequest request,
                    const std::function<bool(const eventlog::v1::ReadEventsResponse&)>& page);

  // For streams of the service that `request` is for.
  rpc::BlockingClient& ClientFor(const google::protobuf::Message& request);
  rpc::CallOptions OptionsFor(std::string_view principal) const;
  absl::Duration retry_for() const { return options_.retry_for; }
  bool json() const { return options_.json; }
  const std::string& address() const { return options_.address; }
  // Whether the store is several processes.
  bool has_several() const { return clients_.size() > 1; }
  // Calls made so far, repetitions included.
  std::uint64_t calls() const { return calls_; }

 private:
  // The service that a request is for; "" when it is for all of them.
  std::string ServiceOf(const google::protobuf::Message& request) const;
  std::unique_ptr<rpc::BlockingClient>& ClientOf(const std::string& service);

  template <typename Response, typename Request>
  StatusOr<Response> CallService(const std::string& service, std::string_view principal,
                                 const Request& request) {
    const absl::Time give_up = absl::Now() + options_.retry_for;
    for (;;) {
      StatusOr<Response> response =
          ClientOf(service)->template Call<Response>(request, OptionsFor(principal));
      ++calls_;
      if (response.ok() || !ShouldRetry(service, response.status(), give_up)) return response;
    }
  }

  // Waits a little and connects anew; false when it makes no sense or is too late.
  bool ShouldRetry(const std::string& service, const Status& status, absl::Time give_up);

  const SessionOptions options_;
  const Addresses addresses_;
  std::map<std::string, std::unique_ptr<rpc::BlockingClient>> clients_;  // By service.
  std::uint64_t calls_ = 0;
};

// An error for people: the message, its reason, the fields, and what to do about it.
std::string Explain(const Status& status, const std::string& address);

}  // namespace souk::ctl
