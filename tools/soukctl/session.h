// A connection to the store, and how soukctl talks through it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/rpc/blocking_client.h"

namespace souk::ctl {

struct SessionOptions {
  std::string address = "127.0.0.1:7400";
  bool json = false;  // Output for programs.
  // How long to go on trying while the store cannot be reached.
  absl::Duration retry_for = absl::ZeroDuration();
};

class Session {
 public:
  explicit Session(SessionOptions options);

  // Calls a method as `principal`, such as "seller/s-1". While the store cannot be reached
  // it tries again, for as long as the options say: requests carry ids that make a
  // repetition harmless.
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, const Request& request) {
    const absl::Time give_up = absl::Now() + options_.retry_for;
    for (;;) {
      StatusOr<Response> response = client_->Call<Response>(request, OptionsFor(principal));
      ++calls_;
      if (response.ok() || !ShouldRetry(response.status(), give_up)) return response;
    }
  }

  rpc::BlockingClient& client() { return *client_; }
  rpc::CallOptions OptionsFor(std::string_view principal) const;
  bool json() const { return options_.json; }
  const std::string& address() const { return options_.address; }
  // Calls made so far, repetitions included.
  std::uint64_t calls() const { return calls_; }

 private:
  // Waits a little and connects anew; false when it makes no sense or is too late.
  bool ShouldRetry(const Status& status, absl::Time give_up);

  const SessionOptions options_;
  std::unique_ptr<rpc::BlockingClient> client_;
  std::uint64_t calls_ = 0;
};

// An error for people: the message, its reason, the fields, and what to do about it.
std::string Explain(const Status& status, const std::string& address);

}  // namespace souk::ctl
