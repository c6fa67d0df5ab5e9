// Takes a pointer to a handler apart: its service, request, response and kind, and the
// path of the method in the .proto file.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/rpc/call_context.h"

namespace souk::rpc {

enum class MethodKind : int;
template <typename Message>
class Writer;
template <typename Message>
class Reader;

// "/package.Service/Method" of the one method from `request` to `response`. Terminates
// the process if there is no such method in the file of `request`.
std::string MethodPath(const google::protobuf::Descriptor& request,
                       const google::protobuf::Descriptor& response);

namespace method_internal {

template <typename ServiceType, typename RequestType, typename ResponseType, int kind>
struct Traits {
  using Service = ServiceType;
  using Request = RequestType;
  using Response = ResponseType;
  static constexpr MethodKind kKind = static_cast<MethodKind>(kind);

  static const std::string& Path() {
    static const std::string path = MethodPath(*Request::descriptor(), *Response::descriptor());
    return path;
  }
};

}  // namespace method_internal

template <auto method>
struct Method;

template <typename S, typename Request, typename Response,
          Task<StatusOr<Response>> (S::*method)(CallContext, Request)>
struct Method<method> : method_internal::Traits<S, Request, Response, 0> {};

template <typename S, typename Request, typename Response,
          Task<Status> (S::*method)(CallContext, Request, Writer<Response>)>
struct Method<method> : method_internal::Traits<S, Request, Response, 1> {};

template <typename S, typename Request, typename Response,
          Task<StatusOr<Response>> (S::*method)(CallContext, Reader<Request>)>
struct Method<method> : method_internal::Traits<S, Request, Response, 2> {};

}  // namespace souk::rpc
