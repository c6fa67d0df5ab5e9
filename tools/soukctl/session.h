// A connection to the store, and how soukctl talks through it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/rpc/blocking_client.h"
#include "tools/soukctl/store_client.h"

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

class Session final : public StoreClient {
 public:
  // `addresses` is not empty.
  Session(SessionOptions options, Addresses addresses);

  // Both try again for as long as the options say.
  Status ReadEvents(eventlog::v1::ReadEventsRequest request,
                    const std::function<bool(const eventlog::v1::ReadEventsResponse&)>& page) override;

  // For streams of the service that `request` is for.
  rpc::BlockingClient& ClientFor(const google::protobuf::Message& request);
  rpc::CallOptions OptionsFor(std::string_view principal) const;
  bool json() const { return options_.json; }
  const std::string& address() const override { return options_.address; }
  // Whether the store is several processes.
  bool has_several() const { return clients_.size() > 1; }
  std::uint64_t calls() const override { return calls_; }

 private:
  StatusOr<rpc::Bytes> Ask(std::string_view principal, const std::string& path,
                           const google::protobuf::Message& request) override;
  StatusOr<rpc::Bytes> Send(std::string_view principal, const std::string& path,
                            const google::protobuf::Message& first,
                            const std::vector<rpc::Bytes>& messages) override;

  std::string ProcessOf(const google::protobuf::Message& request) const;
  std::unique_ptr<rpc::BlockingClient>& ClientOf(const std::string& service);
  StatusOr<rpc::Bytes> AskService(const std::string& service, std::string_view principal,
                                  const std::string& path, const rpc::Bytes& request);
  StatusOr<rpc::Bytes> SendOnce(const std::string& service, std::string_view principal,
                                const std::string& path, const std::vector<rpc::Bytes>& messages);

  // Waits a little and connects anew; false when it makes no sense or is too late.
  bool ShouldRetry(const std::string& service, const Status& status, absl::Time give_up);

  const SessionOptions options_;
  const Addresses addresses_;
  std::map<std::string, std::unique_ptr<rpc::BlockingClient>> clients_;  // By service.
  std::uint64_t calls_ = 0;
};

}  // namespace souk::ctl
