// Calls the methods of another process over gRPC.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

#include "libs/rpc/channel.h"
#include "libs/rpc/event_loop.h"

namespace souk::rpc {

struct GrpcChannelOptions {
  // "host:port".
  std::string target;
  int message_bytes_max = 4 << 20;
  // Channels with the same target share a connection unless this is set.
  bool own_connection = false;
};

// Messages of a client-streaming call. Destroying it before Finish cancels the call.
class ByteUpload {
 public:
  virtual ~ByteUpload() = default;
  // Flow-controlled. CANCELLED when the server reads no more: Finish tells why.
  virtual Task<Status> Write(Bytes message) = 0;
  // Ends the messages and waits for the answer.
  virtual Task<StatusOr<Bytes>> Finish() = 0;
};

// Connects when needed; a call while the server cannot be reached fails with UNAVAILABLE.
// Tasks that wait for a call may be destroyed, which cancels it.
class GrpcChannel final : public Channel {
 public:
  // The loop must outlive the channel and its calls.
  GrpcChannel(EventLoop& loop, const GrpcChannelOptions& options);

  Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) override;
  // Starts with the first Read. No limit but options.deadline.
  std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options, Bytes request) override;
  // Starts with the first Write or Finish. No limit but options.deadline.
  std::unique_ptr<ByteUpload> CallClientStream(std::string path, CallOptions options);

  // Blocks until the server can be reached or `timeout` has passed.
  Status WaitUntilConnected(absl::Duration timeout);

 private:
  EventLoop& loop_;
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace souk::rpc
