// The methods that a process serves, and how to call one, without any transport: the
// gRPC server, the in-process channel and the simulated network all go through here.
//
//   class OrderService {
//     Task<StatusOr<v1::PlaceOrderResponse>> PlaceOrder(CallContext call, v1::PlaceOrderRequest request);
//     Task<Status> Watch(CallContext call, v1::WatchRequest request, Writer<v1::WatchResponse> out);
//     Task<StatusOr<v1::UploadResponse>> Upload(CallContext call, Reader<v1::UploadRequest> in);
//     void AddTo(Router& router) {
//       router.Add<&OrderService::PlaceOrder>(*this, kBuyers | kGuests);
//     }
//   };
//
// The path comes from the .proto file: it is the one method with this request and response.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/method.h"

namespace souk::rpc {

// Who may call a method at all; whose resource it is, the handler checks.
using Callers = unsigned;
inline constexpr Callers kGuests = 1, kBuyers = 2, kSellers = 4, kOperators = 8, kServices = 16;
inline constexpr Callers kAnyone = 31;

using Bytes = std::string;

// Where a server-streaming handler puts messages, as bytes. Flow-controlled.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // CANCELLED when nobody reads any more.
  virtual Task<Status> Write(Bytes message) = 0;
  // True as soon as it is known that nobody reads any more.
  virtual bool cancelled() const = 0;
};

// Where a client-streaming handler gets messages from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Nothing at the end. CANCELLED when the caller has gone.
  virtual Task<StatusOr<std::optional<Bytes>>> Read() = 0;
};

// A sink of messages. Valid as long as the handler runs.
template <typename Message>
class Writer {
 public:
  explicit Writer(ByteSink& sink) : sink_(&sink) {}
  Task<Status> Write(const Message& message) { return sink_->Write(message.SerializeAsString()); }
  // A `Message` that is serialised already.
  Task<Status> Write(Bytes message) { return sink_->Write(std::move(message)); }
  bool cancelled() const { return sink_->cancelled(); }

 private:
  ByteSink* sink_;
};

template <typename Message>
class Reader {
 public:
  explicit Reader(ByteSource& source) : source_(&source) {}
  Task<StatusOr<std::optional<Message>>> Read() { return ReadFrom(source_); }

 private:
  static Task<StatusOr<std::optional<Message>>> ReadFrom(ByteSource* source) {
    const std::optional<Bytes> bytes = co_await Try(source->Read());
    if (!bytes.has_value()) co_return std::nullopt;
    Message message;
    if (!message.ParseFromString(*bytes)) co_return InvalidArgument("malformed message");
    co_return message;
  }
  ByteSource* source_;
};

enum class MethodKind : int { kUnary, kServerStream, kClientStream };

class Router {
 public:
  struct Route {
    std::string path;
    MethodKind kind = MethodKind::kUnary;
    Callers callers = 0;
    // The one that belongs to `kind` is set. The request is read before the call returns.
    std::function<Task<StatusOr<Bytes>>(CallContext, std::string_view request)> unary;
    std::function<Task<Status>(CallContext, std::string_view request, ByteSink& out)> server_stream;
    std::function<Task<StatusOr<Bytes>>(CallContext, ByteSource& in)> client_stream;
  };

  Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // `service` must outlive the router.
  template <auto method>
  void Add(typename Method<method>::Service& service, Callers callers) {
    using M = Method<method>;
    Route route{.path = M::Path(), .kind = M::kKind, .callers = callers};
    if constexpr (M::kKind == MethodKind::kUnary) {
      route.unary = [&service](CallContext call, std::string_view bytes) {
        return Unary<method>(&service, std::move(call), Parse<typename M::Request>(bytes));
      };
    } else if constexpr (M::kKind == MethodKind::kServerStream) {
      route.server_stream = [&service](CallContext call, std::string_view bytes, ByteSink& out) {
        return ServerStream<method>(&service, std::move(call), Parse<typename M::Request>(bytes), &out);
      };
    } else {
      route.client_stream = [&service](CallContext call, ByteSource& in) {
        return ClientStream<method>(&service, std::move(call), &in);
      };
    }
    Add(std::move(route));
  }

  // For methods that share their request and response with another one.
  void Add(Route route);

  // Null when there is no such method.
  const Route* Find(std::string_view path) const;
  // All routes, in order of path.
  const std::map<std::string, Route, std::less<>>& routes() const { return routes_; }

  // Completes `call` for a call of `route` with this request: fingerprint and method.
  // PERMISSION_DENIED when the principal is not among the callers; DEADLINE_EXCEEDED
  // when the deadline has passed at `now` (real time).
  static Status Admit(const Route& route, std::string_view request, absl::Time now, CallContext& call);

 private:
  template <typename Request>
  static StatusOr<Request> Parse(std::string_view bytes) {
    Request request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return InvalidArgument("malformed request");
    }
    return request;
  }

  template <auto method>
  static Task<StatusOr<Bytes>> Unary(typename Method<method>::Service* service, CallContext call,
                                     StatusOr<typename Method<method>::Request> request) {
    if (!request.ok()) co_return request.status();
    const auto response = co_await (service->*method)(std::move(call), *std::move(request));
    if (!response.ok()) co_return response.status();
    co_return response->SerializeAsString();
  }

  template <auto method>
  static Task<Status> ServerStream(typename Method<method>::Service* service, CallContext call,
                                   StatusOr<typename Method<method>::Request> request, ByteSink* out) {
    if (!request.ok()) co_return request.status();
    co_return co_await (service->*method)(std::move(call), *std::move(request),
                                          Writer<typename Method<method>::Response>(*out));
  }

  template <auto method>
  static Task<StatusOr<Bytes>> ClientStream(typename Method<method>::Service* service, CallContext call,
                                            ByteSource* in) {
    const auto response =
        co_await (service->*method)(std::move(call), Reader<typename Method<method>::Request>(*in));
    if (!response.ok()) co_return response.status();
    co_return response->SerializeAsString();
  }

  std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace souk::rpc
