// A store as those outside see it: what the stories of soukctl are played on. A running
// store is reached by a Session (session.h), a simulated one by
// tests/simulation/world_client.h.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/rpc/method.h"
#include "libs/rpc/router.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk::ctl {

class StoreClient {
 public:
  virtual ~StoreClient() = default;

  // Calls a method as `principal`, such as "seller/s-1". Blocks until there is an answer;
  // tries again while the store cannot be reached: requests carry ids that make a
  // repetition harmless.
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, const Request& request) {
    static const std::string path = rpc::MethodPath(*Request::descriptor(), *Response::descriptor());
    ASSIGN_OR_RETURN(const rpc::Bytes bytes, Ask(principal, path, request));
    Response response;
    if (!response.ParseFromString(bytes)) return Internal("malformed response from %s", path);
    return response;
  }

  // A client-streaming call with all of its messages, which are not empty.
  template <typename Response, typename Request>
  StatusOr<Response> Upload(std::string_view principal, const std::vector<Request>& messages) {
    static const std::string path = rpc::MethodPath(*Request::descriptor(), *Response::descriptor());
    std::vector<rpc::Bytes> bytes;
    for (const Request& message : messages) bytes.push_back(message.SerializeAsString());
    ASSIGN_OR_RETURN(const rpc::Bytes answer, Send(principal, path, messages.front(), bytes));
    Response response;
    if (!response.ParseFromString(answer)) return Internal("malformed response from %s", path);
    return response;
  }

  // Reads events as an operator; `page` gets them in order, each once, and returns false
  // when it has enough; it must not call the store. Goes on after the last page when the
  // store could not be reached for a while.
  virtual Status ReadEvents(eventlog::v1::ReadEventsRequest request,
                            const std::function<bool(const eventlog::v1::ReadEventsResponse&)>& page) = 0;

  // For messages about it.
  virtual const std::string& address() const = 0;
  // Calls made so far, repetitions included.
  virtual std::uint64_t calls() const = 0;

 protected:
  // The service that a request is for, as its package says; "" when it is for all of them.
  static std::string ServiceOf(const google::protobuf::Message& request);

 private:
  // The response of the service that `request` is for. Of a question to all of them, the
  // responses one after the other, which as bytes is one response with all lists.
  virtual StatusOr<rpc::Bytes> Ask(std::string_view principal, const std::string& path,
                                   const google::protobuf::Message& request) = 0;
  // `first` says which service the messages are for.
  virtual StatusOr<rpc::Bytes> Send(std::string_view principal, const std::string& path,
                                    const google::protobuf::Message& first,
                                    const std::vector<rpc::Bytes>& messages) = 0;
};

// An error for people: the message, its reason, the fields, and what to do about it.
std::string Explain(const Status& status, const std::string& address);

}  // namespace souk::ctl
