// A service for the tests of this library.
#pragma once

#include <souk/testing/v1/echo_service.pb.h>

#include <coroutine>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/router.h"

namespace souk::rpc {

namespace echo = souk::testing::v1;

class EchoService {
 public:
  EchoService() { AddTo(router); }

  // Lets go of calls that hold. On the thread that serves.
  void Release() {
    released_ = true;
    for (const std::coroutine_handle<> handle : std::exchange(holding_, {})) handle.resume();
  }

  Router router;
  int said = 0;
  int holding() const { return static_cast<int>(holding_.size()); }
  // Messages that Count has written, and calls of Count that have ended.
  int written = 0;
  int counts_begun = 0;
  int counts_ended = 0;
  Status count_end;
  Status gather_end;
  int gathers_ended = 0;

  Task<StatusOr<echo::SayResponse>> Say(CallContext call, echo::SayRequest request) {
    if (request.hold()) co_await Hold{*this};
    ++said;
    if (!request.field().empty()) co_return InvalidField(request.field(), "is wrong");
    if (request.code() != 0) {
      Status error(static_cast<absl::StatusCode>(request.code()), request.text());
      if (!request.reason().empty())
        error = WithReason(error, request.reason(), {{"left", "3"}, {"asked", "5"}});
      co_return error;
    }
    echo::SayResponse response;
    response.set_text(request.text());
    response.set_principal(ToString(call.principal));
    response.set_correlation_id(call.correlation_id);
    response.set_traceparent(call.traceparent);
    response.set_method(call.method);
    response.set_fingerprint(call.fingerprint);
    if (call.deadline != absl::InfiniteFuture()) {
      response.set_seconds_left(absl::ToDoubleSeconds(call.deadline - absl::Now()));
    }
    co_return response;
  }

  Task<Status> Count(CallContext, echo::CountRequest request, Writer<echo::CountResponse> out) {
    ++counts_begun;
    count_end = co_await CountTo(std::move(request), out);
    ++counts_ended;
    co_return count_end;
  }

  Task<StatusOr<echo::GatherResponse>> Gather(CallContext, Reader<echo::GatherRequest> in) {
    StatusOr<echo::GatherResponse> response = co_await GatherFrom(in);
    gather_end = response.status();
    ++gathers_ended;
    co_return response;
  }

  Task<StatusOr<echo::AuditResponse>> Audit(CallContext, echo::AuditRequest) {
    co_return echo::AuditResponse();
  }

 private:
  struct Hold {
    EchoService& service;
    bool await_ready() const noexcept { return service.released_; }
    void await_suspend(std::coroutine_handle<> self) { service.holding_.push_back(self); }
    void await_resume() const noexcept {}
  };

  Task<Status> CountTo(echo::CountRequest request, Writer<echo::CountResponse> out) {
    for (int i = 1; request.count() < 0 || i <= request.count(); ++i) {
      echo::CountResponse response;
      response.set_number(i);
      response.set_filling(std::string(static_cast<std::size_t>(request.size()), 'x'));
      co_await Try(out.Write(response));
      ++written;
    }
    if (request.code() == 0) co_return OkStatus();
    co_return WithReason(Status(static_cast<absl::StatusCode>(request.code()), "counted"), request.reason());
  }

  static Task<StatusOr<echo::GatherResponse>> GatherFrom(Reader<echo::GatherRequest> in) {
    echo::GatherResponse response;
    for (;;) {
      const std::optional<echo::GatherRequest> request = co_await Try(in.Read());
      if (!request.has_value()) co_return response;
      response.set_text(response.text() + request->text());
      response.set_parts(response.parts() + 1);
    }
  }

  void AddTo(Router& to) {
    to.Add<&EchoService::Say>(*this, kAnyone);
    to.Add<&EchoService::Count>(*this, kAnyone);
    to.Add<&EchoService::Gather>(*this, kAnyone);
    to.Add<&EchoService::Audit>(*this, kOperators);
  }

  bool released_ = false;
  std::vector<std::coroutine_handle<>> holding_;
};

}  // namespace souk::rpc
