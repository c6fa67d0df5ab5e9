// How one service calls another: a message goes out, a message or an error comes back.
//
//   const HoldStockResponse held = co_await Try(rpc::Call<HoldStockResponse>(catalog, options, request));
//
// Implementations: local_channel.h (same process), grpc_channel.h (network), and the
// simulator's. Errors carry the same codes and reasons through all of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/rpc/method.h"
#include "libs/rpc/router.h"

namespace souk::rpc {

// What goes with a call.
struct CallOptions {
  Principal principal;
  // Real time. Channels cap it at kCallTimeoutMax from now.
  absl::Time deadline = absl::InfiniteFuture();
  std::string correlation_id;
  std::string traceparent;
};

inline constexpr absl::Duration kCallTimeoutMax = absl::Seconds(30);

// Messages of a server-streaming call, as bytes. Destroying it cancels the call.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Nothing at the end.
  virtual Task<StatusOr<std::optional<Bytes>>> Read() = 0;
};

class Channel {
 public:
  virtual ~Channel() = default;

  // Continues on the scheduler of the caller's process.
  virtual Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) = 0;
  virtual std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options,
                                                       Bytes request) = 0;
};

// Calls the method from Request to Response.
template <typename Response, typename Request>
Task<StatusOr<Response>> Call(Channel& channel, CallOptions options, Request request) {
  static const std::string path = MethodPath(*Request::descriptor(), *Response::descriptor());
  const Bytes bytes = co_await Try(channel.CallUnary(path, std::move(options), request.SerializeAsString()));
  Response response;
  if (!response.ParseFromString(bytes)) co_return Internal("malformed response from %s", path);
  co_return response;
}

// Messages of a server-streaming call.
template <typename Response>
class Stream {
 public:
  explicit Stream(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {}
  Task<StatusOr<std::optional<Response>>> Read() { return ReadFrom(bytes_.get()); }

 private:
  static Task<StatusOr<std::optional<Response>>> ReadFrom(ByteStream* stream) {
    const std::optional<Bytes> bytes = co_await Try(stream->Read());
    if (!bytes.has_value()) co_return std::nullopt;
    Response response;
    if (!response.ParseFromString(*bytes)) co_return Internal("malformed response");
    co_return response;
  }
  std::unique_ptr<ByteStream> bytes_;
};

template <typename Response, typename Request>
Stream<Response> OpenStream(Channel& channel, CallOptions options, const Request& request) {
  static const std::string path = MethodPath(*Request::descriptor(), *Response::descriptor());
  return Stream<Response>(channel.CallServerStream(path, std::move(options), request.SerializeAsString()));
}

}  // namespace souk::rpc
