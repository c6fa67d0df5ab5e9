// Makes every call as one principal, whatever the call's options say.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "libs/base/principal.h"
#include "libs/rpc/channel.h"

namespace souk::rpc {

class PrincipalChannel final : public Channel {
 public:
  // `channel` must outlive it.
  PrincipalChannel(Channel& channel, Principal principal)
      : channel_(channel), principal_(std::move(principal)) {}

  Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) override {
    options.principal = principal_;
    return channel_.CallUnary(std::move(path), std::move(options), std::move(request));
  }
  std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options,
                                               Bytes request) override {
    options.principal = principal_;
    return channel_.CallServerStream(std::move(path), std::move(options), std::move(request));
  }

 private:
  Channel& channel_;
  const Principal principal_;
};

}  // namespace souk::rpc
