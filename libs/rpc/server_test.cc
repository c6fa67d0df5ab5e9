#include "libs/rpc/server.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "libs/rpc/blocking_client.h"
#include "libs/rpc/echo_service.h"

namespace souk::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// A server on a thread of its own, as in a process of its own.
class Serving {
 public:
  explicit Serving(ServerOptions options = {}) {
    auto started = GrpcServer::Start(service.router, loop, std::move(options));
    REQUIRE(started.ok());
    server = *std::move(started);
    thread_ = std::thread([this] { loop.Run(); });
  }
  ~Serving() { Stop(absl::ZeroDuration()); }

  // Runs `work` on the server's thread and waits for it.
  void Do(std::function<void()> work) {
    std::binary_semaphore done(0);
    loop.Post([&] {
      work();
      done.release();
    });
    done.acquire();
  }
  // Asks on the server's thread until `condition` holds.
  void Await(std::function<bool()> condition) {
    for (bool holds = false; !holds;) Do([&] { holds = condition(); });
  }
  void BeginStop(absl::Duration grace) {
    loop.Post([this, grace] { Finish(this, grace); });
  }
  void Stop(absl::Duration grace) {
    if (!thread_.joinable()) return;
    BeginStop(grace);
    Join();
  }
  void Join() { thread_.join(); }
  std::string target() const { return absl::StrFormat("127.0.0.1:%d", server->port()); }

  EventLoop loop;
  EchoService service;
  std::unique_ptr<GrpcServer> server;

 private:
  static Detached Finish(Serving* serving, absl::Duration grace) {
    co_await serving->server->Shutdown(grace);
    serving->loop.Stop();
  }
  std::thread thread_;
};

echo::SayRequest Text(const std::string& text) {
  echo::SayRequest request;
  request.set_text(text);
  return request;
}

HealthCheckRequest Of(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

TEST_CASE("health is as it was told last") {
  Serving serving;
  BlockingClient client(serving.target());
  CHECK(absl::IsNotFound(client.Call<HealthCheckResponse>(Of("")).status()));
  serving.Do([&] {
    serving.server->health().SetServing("", true);
    serving.server->health().SetServing("souk.testing.v1.EchoService", false);
  });
  CHECK(client.Call<HealthCheckResponse>(Of(""))->status() == HealthCheckResponse::SERVING);
  CHECK(client.Call<HealthCheckResponse>(Of("souk.testing.v1.EchoService"))->status() ==
        HealthCheckResponse::NOT_SERVING);
  CHECK(absl::IsNotFound(client.Call<HealthCheckResponse>(Of("souk.other")).status()));
}

TEST_CASE("who watches health is told of every change, and of the end") {
  Serving serving;
  BlockingClient client(serving.target());
  const auto watch = client.channel().CallServerStream("/grpc.health.v1.Health/Watch", {}, "");
  const auto told = [&client, &watch] {
    HealthCheckResponse response;
    const auto bytes = client.loop().Wait(watch->Read());
    REQUIRE(bytes.ok());
    REQUIRE(bytes->has_value());
    REQUIRE(response.ParseFromString(**bytes));
    return response.status();
  };
  CHECK(told() == HealthCheckResponse::SERVICE_UNKNOWN);
  serving.Do([&] { serving.server->health().SetServing("", true); });
  CHECK(told() == HealthCheckResponse::SERVING);
  serving.BeginStop(absl::Seconds(5));
  CHECK(told() == HealthCheckResponse::NOT_SERVING);
  const auto end = client.loop().Wait(watch->Read());
  CHECK(end.ok());
  CHECK_FALSE(end->has_value());
  serving.Join();
}

TEST_CASE("reflection lists the services") {
  Serving serving;
  BlockingClient client(serving.target());
  // A ServerReflectionRequest whose field 7, list_services, is "*".
  const auto stream = client.channel().CallServerStream(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", {}, "\x3a\x01*");
  const auto answer = client.loop().Wait(stream->Read());
  REQUIRE(answer.ok());
  REQUIRE(answer->has_value());
  CHECK((*answer)->find("souk.testing.v1.EchoService") != std::string::npos);
  CHECK((*answer)->find("grpc.health.v1.Health") != std::string::npos);
}

TEST_CASE("bytes that are no message are INVALID_ARGUMENT") {
  Serving serving;
  BlockingClient client(serving.target());
  const auto response =
      client.loop().Wait(client.channel().CallUnary("/souk.testing.v1.EchoService/Say", {}, "\xff\xff\xff"));
  CHECK(absl::IsInvalidArgument(response.status()));
}

TEST_CASE("a principal that cannot be is INVALID_ARGUMENT") {
  Serving serving;
  BlockingClient client(serving.target());
  const Principal nobody{Principal::Kind::kSeller, "two words"};
  CHECK(absl::IsInvalidArgument(client.Call<echo::SayResponse>(Text("x"), {.principal = nobody}).status()));
  const Principal in_disguise{Principal::Kind::kBuyer, BuyerIdOf({Principal::Kind::kGuest, "t-1"})};
  CHECK(absl::IsInvalidArgument(
      client.Call<echo::SayResponse>(Text("x"), {.principal = in_disguise}).status()));
}

TEST_CASE("a message that is too large is RESOURCE_EXHAUSTED") {
  Serving serving({.message_bytes_max = 1000});
  BlockingClient client(serving.target());
  CHECK(client.Call<echo::SayResponse>(Text(std::string(900, 'x'))).ok());
  CHECK(absl::IsResourceExhausted(client.Call<echo::SayResponse>(Text(std::string(1100, 'x'))).status()));
  auto upload = client.OpenUpload<echo::GatherResponse, echo::GatherRequest>();
  echo::GatherRequest part;
  part.set_text(std::string(1100, 'x'));
  static_cast<void>(upload.Write(part));
  CHECK(absl::IsResourceExhausted(upload.Finish().status()));
}

Task<> SayHeld(Channel* channel, int* answers, Status* last) {
  echo::SayRequest request;
  request.set_hold(true);
  const auto response = co_await Call<echo::SayResponse>(*channel, CallOptions{}, request);
  *last = response.status();
  ++*answers;
}

TEST_CASE("more calls than the server takes are RESOURCE_EXHAUSTED") {
  Serving serving({.calls_max = 3});
  BlockingClient client(serving.target());
  TaskScope scope;
  int answers = 0;
  Status last;
  for (int i = 0; i < 4; ++i) scope.Spawn(SayHeld(&client.channel(), &answers, &last));
  client.loop().RunUntil([&answers] { return answers == 1; });
  CHECK(absl::IsResourceExhausted(last));
  serving.Do([&serving] { serving.service.Release(); });
  client.loop().RunUntil([&answers] { return answers == 4; });
  CHECK(last.ok());
}

TEST_CASE("an upload arrives whole") {
  Serving serving;
  BlockingClient client(serving.target());
  auto upload = client.OpenUpload<echo::GatherResponse, echo::GatherRequest>();
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    echo::GatherRequest part;
    part.set_text(std::string(static_cast<std::size_t>(i * 10), static_cast<char>('a' + i % 26)));
    expected += part.text();
    REQUIRE(upload.Write(part).ok());
  }
  const auto response = upload.Finish();
  REQUIRE(response.ok());
  CHECK(response->parts() == 200);
  CHECK(response->text() == expected);
  auto empty = client.OpenUpload<echo::GatherResponse, echo::GatherRequest>();
  CHECK(empty.Finish()->parts() == 0);
}

TEST_CASE("an upload that breaks off is not taken for complete") {
  Serving serving;
  BlockingClient client(serving.target());
  {
    auto upload = client.OpenUpload<echo::GatherResponse, echo::GatherRequest>();
    echo::GatherRequest part;
    part.set_text("half");
    REQUIRE(upload.Write(part).ok());
  }
  serving.Await([&serving] { return serving.service.gathers_ended == 1; });
  CHECK(absl::IsCancelled(serving.service.gather_end));
}

TEST_CASE("an upload that never ends is given up") {
  Serving serving({.upload_time_max = absl::Milliseconds(20)});
  BlockingClient client(serving.target());
  auto upload = client.OpenUpload<echo::GatherResponse, echo::GatherRequest>();
  echo::GatherRequest part;
  part.set_text("half");
  REQUIRE(upload.Write(part).ok());
  serving.Await([&serving] { return serving.service.gathers_ended == 1; });
  CHECK(absl::IsDeadlineExceeded(serving.service.gather_end));
  CHECK(absl::IsUnavailable(upload.Finish().status()));  // To other clients: CANCELLED.
}

TEST_CASE("the observer sees what the client is not told") {
  std::vector<std::string> seen;  // On the server's thread, until it has stopped.
  absl::Duration shortest = absl::InfiniteDuration();
  Serving serving({.observer = [&seen, &shortest](const CallOutcome& outcome) {
    seen.push_back(std::string(outcome.method) + " " + std::string(outcome.status.message()));
    shortest = std::min(shortest, outcome.duration);
  }});
  BlockingClient client(serving.target());
  echo::SayRequest request = Text("disk on fire");
  request.set_code(static_cast<int>(absl::StatusCode::kInternal));
  CHECK(client.Call<echo::SayResponse>(request).status().message() == "internal error");
  serving.Stop(absl::ZeroDuration());
  CHECK(seen == std::vector<std::string>{"/souk.testing.v1.EchoService/Say disk on fire"});
  CHECK(shortest >= absl::ZeroDuration());
}

TEST_CASE("a second server cannot have the port") {
  Serving serving;
  EventLoop loop;
  Router router;
  const auto second = GrpcServer::Start(router, loop, {.address = serving.target()});
  CHECK(absl::IsUnavailable(second.status()));
  CHECK(second.status().message() == "cannot listen on " + serving.target() +
                                         ": another process has the port; stop it, or take another port");
}

TEST_CASE("an address that cannot be is refused with the cause") {
  EventLoop loop;
  Router router;
  CHECK(absl::IsUnavailable(GrpcServer::Start(router, loop, {.address = "nowhere.invalid:80"}).status()));
}

TEST_CASE("a call that is under way is finished when the server shuts down") {
  Serving serving;
  BlockingClient client(serving.target());
  TaskScope scope;
  int answers = 0;
  Status last;
  scope.Spawn(SayHeld(&client.channel(), &answers, &last));
  std::thread pump([&] { client.loop().RunUntil([&answers] { return answers == 1; }); });
  serving.Await([&serving] { return serving.service.holding() == 1; });
  serving.BeginStop(absl::Seconds(30));
  serving.Do([&serving] { serving.service.Release(); });
  pump.join();
  serving.Join();
  CHECK(last.ok());
}

TEST_CASE("a stream without end is ended when the server shuts down") {
  Serving serving;
  BlockingClient client(serving.target());
  echo::CountRequest request;
  request.set_count(-1);
  auto stream = client.OpenStream<echo::CountResponse>(request);
  REQUIRE(stream.Read().ok());
  serving.BeginStop(absl::Milliseconds(100));
  Status status;
  while (status.ok()) status = stream.Read().status();
  CHECK(absl::IsUnavailable(status));
  serving.Join();
}

Task<> SayUntilError(Channel* channel, int* answers, int* ended, Status* last) {
  for (;;) {
    const auto response = co_await Call<echo::SayResponse>(*channel, CallOptions{}, Text("load"));
    if (!response.ok()) {
      *last = response.status();
      ++*ended;
      co_return;
    }
    ++*answers;
  }
}

TEST_CASE("under load a server shuts down without losing an answer") {
  Serving serving;
  BlockingClient client(serving.target());
  constexpr int kCallers = 32;
  TaskScope scope;
  int answers = 0, ended = 0;
  std::vector<Status> last(kCallers);
  for (int i = 0; i < kCallers; ++i) {
    scope.Spawn(SayUntilError(&client.channel(), &answers, &ended, &last[static_cast<std::size_t>(i)]));
  }
  client.loop().RunUntil([&answers] { return answers > 500; });
  serving.BeginStop(absl::Seconds(10));
  client.loop().RunUntil([&ended] { return ended == kCallers; });
  serving.Join();
  CHECK(answers == serving.service.said);
  for (const Status& status : last) CHECK(absl::IsUnavailable(status));
  CHECK(absl::IsUnavailable(client.Call<echo::SayResponse>(Text("x")).status()));
}

TEST_CASE("a server may go while calls wait on it") {
  EventLoop loop;
  EchoService service;
  auto server = *GrpcServer::Start(service.router, loop, {});
  GrpcChannel channel(loop, {.target = absl::StrFormat("127.0.0.1:%d", server->port())});
  TaskScope scope;
  int answers = 0;
  Status last;
  scope.Spawn(SayHeld(&channel, &answers, &last));
  loop.RunUntil([&service] { return service.holding() == 1; });
  loop.Post([&service] { service.Release(); });
  server.reset();
  loop.RunUntil([&answers] { return answers == 1; });
}

}  // namespace
}  // namespace souk::rpc
