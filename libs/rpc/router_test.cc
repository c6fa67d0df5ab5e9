#include "libs/rpc/router.h"

#include <catch2/catch.hpp>

#include "libs/rpc/echo_service.h"

namespace souk::rpc {
namespace {

TEST_CASE("a router knows its methods by path") {
  EchoService service;
  const Router::Route* say = service.router.Find("/souk.testing.v1.EchoService/Say");
  REQUIRE(say != nullptr);
  CHECK(say->kind == MethodKind::kUnary);
  CHECK(service.router.Find("/souk.testing.v1.EchoService/Count")->kind == MethodKind::kServerStream);
  CHECK(service.router.Find("/souk.testing.v1.EchoService/Gather")->kind == MethodKind::kClientStream);
  CHECK(service.router.Find("/souk.testing.v1.EchoService/Forget") == nullptr);
  CHECK(service.router.routes().size() == 4);
}

TEST_CASE("a command carries who gave it, and belongs to its own journey unless told otherwise") {
  CallContext call;
  call.principal = {Principal::Kind::kSeller, "s-1"};
  call.fingerprint = 7;
  call.traceparent = "00-ab-cd-01";
  const auto metadata = call.Metadata("r-1");
  REQUIRE(metadata.ok());
  CHECK(metadata->request_id == "r-1");
  CHECK(metadata->fingerprint == 7);
  CHECK(metadata->actor == "seller/s-1");
  CHECK(metadata->correlation_id == "r-1");
  CHECK(metadata->traceparent == "00-ab-cd-01");
  call.correlation_id = "journey-1";
  CHECK(call.Metadata("r-1")->correlation_id == "journey-1");
}

TEST_CASE("a command of a guest does not carry the token") {
  CallContext call;
  call.principal = {Principal::Kind::kGuest, "the-token"};
  CHECK(call.Metadata("r-1")->actor == ActorOf(call.principal));
  CHECK(call.Metadata("r-1")->actor.find("the-token") == std::string::npos);
}

TEST_CASE("a command needs a usable request id") {
  const Status missing = CallContext().Metadata("").status();
  CHECK(absl::IsInvalidArgument(missing));
  REQUIRE(FieldViolations(missing).size() == 1);
  CHECK(FieldViolations(missing)[0].field == "request_id");
  CHECK(absl::IsInvalidArgument(CallContext().Metadata("a b").status()));
}

TEST_CASE("a call is admitted only before its deadline") {
  EchoService service;
  const Router::Route& say = *service.router.Find("/souk.testing.v1.EchoService/Say");
  const absl::Time now = absl::FromUnixSeconds(1000);
  CallContext call;
  call.deadline = now;
  CHECK(absl::IsDeadlineExceeded(Router::Admit(say, "", now, call)));
  call.deadline = now + absl::Nanoseconds(1);
  CHECK(Router::Admit(say, "", now, call).ok());
  CHECK(call.method == say.path);
}

}  // namespace
}  // namespace souk::rpc
