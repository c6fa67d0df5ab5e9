// A client for programs that have no event loop: command-line tools and tests.
//
//   BlockingClient client("127.0.0.1:7000");
//   const auto response = client.Call<v1::GetOrderResponse>(request, {.principal = operator});
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/channel.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/grpc_channel.h"

namespace souk::rpc {

// For use by one thread. Its streams must not outlive it.
class BlockingClient {
 public:
  explicit BlockingClient(std::string target)
      : BlockingClient(GrpcChannelOptions{.target = std::move(target)}) {}
  explicit BlockingClient(const GrpcChannelOptions& options) : channel_(loop_, options) {}

  Status WaitUntilConnected(absl::Duration timeout) { return channel_.WaitUntilConnected(timeout); }

  template <typename Response, typename Request>
  StatusOr<Response> Call(Request request, CallOptions options = {}) {
    return loop_.Wait(rpc::Call<Response>(channel_, std::move(options), std::move(request)));
  }

  // Messages of a server-streaming call. Destroying it cancels the call.
  template <typename Response>
  class Reader {
   public:
    Reader(EventLoop& loop, Stream<Response> stream) : loop_(&loop), stream_(std::move(stream)) {}
    // Nothing at the end.
    StatusOr<std::optional<Response>> Read() { return loop_->Wait(stream_.Read()); }

   private:
    EventLoop* loop_;
    Stream<Response> stream_;
  };
  template <typename Response, typename Request>
  Reader<Response> OpenStream(const Request& request, CallOptions options = {}) {
    return Reader<Response>(loop_, rpc::OpenStream<Response>(channel_, std::move(options), request));
  }

  // Messages of a client-streaming call. Destroying it before Finish cancels the call.
  template <typename Response, typename Request>
  class Upload {
   public:
    Upload(EventLoop& loop, std::unique_ptr<ByteUpload> upload) : loop_(&loop), upload_(std::move(upload)) {}
    Status Write(const Request& request) { return loop_->Wait(upload_->Write(request.SerializeAsString())); }
    StatusOr<Response> Finish() {
      ASSIGN_OR_RETURN(const Bytes bytes, loop_->Wait(upload_->Finish()));
      Response response;
      if (!response.ParseFromString(bytes)) return Internal("malformed response");
      return response;
    }

   private:
    EventLoop* loop_;
    std::unique_ptr<ByteUpload> upload_;
  };
  template <typename Response, typename Request>
  Upload<Response, Request> OpenUpload(CallOptions options = {}) {
    const std::string path = MethodPath(*Request::descriptor(), *Response::descriptor());
    return Upload<Response, Request>(loop_, channel_.CallClientStream(path, std::move(options)));
  }

  // For what goes beside the calls above, such as several at a time.
  EventLoop& loop() { return loop_; }
  GrpcChannel& channel() { return channel_; }

 private:
  EventLoop loop_;
  GrpcChannel channel_;
};

}  // namespace souk::rpc
