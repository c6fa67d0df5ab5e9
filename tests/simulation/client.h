// How an actor talks to Souk: with one id per request, again and again until there is a
// definite answer, sometimes twice at once, sometimes without waiting for the end.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/principal.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/sim_network.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class Client {
 public:
  enum class Patience { kHuman, kEndless };

  // `name` is a principal, "buyer/b-1".
  Client(Stage& stage, std::string name, Patience patience = Patience::kHuman);

  // Makes the request until it is answered for certain. A transient error means that the
  // actor gave up: nobody knows what became of the request.
  template <typename Response, typename Request>
  Task<StatusOr<Response>> Call(Request request) {
    const auto* const field = Request::descriptor()->FindFieldByName("request_id");
    if (field != nullptr) request.GetReflection()->SetString(&request, field, NewRequestId());
    return CallAs<Response>(this, std::move(request));
  }
  // The same for somebody who does not care what comes of it.
  template <typename Response, typename Request>
  Task<> Mention(Request request) {
    return Ignore(Call<Response>(std::move(request)));
  }
  // The same with bytes, which have the id already.
  Task<StatusOr<rpc::Bytes>> CallBytes(std::string service, std::string path, rpc::Bytes request) {
    return Insist(std::move(service), std::move(path), std::move(request));
  }
  // A client-streaming call with all of its messages.
  Task<StatusOr<rpc::Bytes>> Upload(std::string service, std::string path, std::vector<rpc::Bytes> messages);

  const std::string& name() const { return name_; }
  Stage& stage() { return stage_; }
  std::string NewRequestId() { return stage_.ids.NewId(); }

 private:
  template <typename Response, typename Request>
  static Task<StatusOr<Response>> CallAs(Client* self, Request request) {
    static const std::string path = rpc::MethodPath(*Request::descriptor(), *Response::descriptor());
    static const std::string service = ServiceOf(Request::descriptor()->full_name());
    const rpc::Bytes bytes = co_await Try(self->Insist(service, path, request.SerializeAsString()));
    Response response;
    response.ParseFromString(bytes);
    co_return response;
  }

  template <typename Response>
  static Task<> Ignore(Task<StatusOr<Response>> call) {
    const StatusOr<Response> ignored = co_await std::move(call);
  }

  static std::string ServiceOf(std::string_view message);
  Task<StatusOr<rpc::Bytes>> Insist(std::string service, std::string path, rpc::Bytes request);
  // One attempt, and what it says about the attempts before it.
  Task<StatusOr<rpc::Bytes>> Attempt(std::string service, std::string path, rpc::Bytes request);
  // The second click: at once, or long after the first was answered.
  static Task<> Again(Stage* stage, Principal principal, std::string service, std::string path,
                      rpc::Bytes request, std::shared_ptr<StatusOr<rpc::Bytes>> first);
  rpc::SimChannel& To(const std::string& service);

  Stage& stage_;
  const std::string name_;
  const Principal principal_;
  const Patience patience_;
  std::map<std::string, std::unique_ptr<rpc::SimChannel>> channels_;
};

}  // namespace souk::simulation
