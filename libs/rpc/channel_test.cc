// What holds of every channel.
#include "libs/rpc/channel.h"

#include <catch2/catch.hpp>

#include "libs/rpc/echo_service.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/grpc_channel.h"
#include "libs/rpc/local_channel.h"
#include "libs/rpc/server.h"
#include "libs/rpc/sim_network.h"
#include "libs/runtime/sim_scheduler.h"

namespace souk::rpc {
namespace {

// In one process.
struct Local {
  EventLoop loop;
  EchoService service;
  LocalChannel channel{service.router, loop};
};

// Over TCP; both ends on one loop.
struct Network {
  EventLoop loop;
  EchoService service;
  std::unique_ptr<GrpcServer> server = *GrpcServer::Start(service.router, loop, {});
  GrpcChannel channel{loop, {.target = absl::StrFormat("127.0.0.1:%d", server->port())}};
};

// Runs a simulated world as an EventLoop runs, from this moment on: tests say deadlines in real time.
class SimLoop {
 public:
  SimScheduler& world() { return world_; }
  void RunUntil(absl::FunctionRef<bool()> done) {
    for (int steps = 0; !done(); ++steps) {
      REQUIRE(steps < 1'000'000);
      REQUIRE(world_.Step());
    }
  }
  template <typename T>
  T Wait(Task<T> task) {
    std::optional<T> result;
    TaskScope scope;
    scope.Spawn(Keep(std::move(task), result));
    RunUntil([&result] { return result.has_value(); });
    return *std::move(result);
  }

 private:
  template <typename T>
  static Task<> Keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }
  SimScheduler world_{17, absl::Now()};
};

// Over a network of a simulated world that delays, but loses nothing.
struct Simulated {
  SimLoop loop;
  EchoService service;
  SimNetwork network{loop.world(), {.loss = 0, .repetition = 0}};
  SimProcess server_process{loop.world()};
  SimServer server{service.router, server_process};
  SimProcess client_process{loop.world()};
  SimChannel channel{network, "client", "server", client_process};

  Simulated() { network.Listen("server", &server); }
};

const Principal kBuyer{Principal::Kind::kBuyer, "b-1"};
const Principal kOperator{Principal::Kind::kOperator, "olga"};

echo::SayRequest Text(const std::string& text) {
  echo::SayRequest request;
  request.set_text(text);
  return request;
}

template <typename Link>
StatusOr<echo::SayResponse> Say(Link& link, const echo::SayRequest& request, CallOptions options = {}) {
  return link.loop.Wait(Call<echo::SayResponse>(link.channel, std::move(options), request));
}

template <typename Link>
Stream<echo::CountResponse> Count(Link& link, int count, int size = 0, CallOptions options = {}) {
  echo::CountRequest request;
  request.set_count(count);
  request.set_size(size);
  return OpenStream<echo::CountResponse>(link.channel, std::move(options), request);
}

TEMPLATE_TEST_CASE("a call brings the response and tells the handler who calls", "", Local, Network,
                   Simulated) {
  TestType link;
  const auto response =
      Say(link, Text("hello"),
          {.principal = kBuyer, .correlation_id = "journey-1", .traceparent = "00-ab-cd-01"});
  REQUIRE(response.ok());
  CHECK(response->text() == "hello");
  CHECK(response->principal() == "buyer/b-1");
  CHECK(response->correlation_id() == "journey-1");
  CHECK(response->traceparent() == "00-ab-cd-01");
  CHECK(response->method() == "/souk.testing.v1.EchoService/Say");
}

TEMPLATE_TEST_CASE("messages of any size arrive whole", "", Local, Network, Simulated) {
  TestType link;
  for (const std::size_t size : {0u, 1u, 4096u, 4097u, 1u << 20, 3u << 20}) {
    const auto response = Say(link, Text(std::string(size, 'y')));
    REQUIRE(response.ok());
    CHECK(response->text() == std::string(size, 'y'));
  }
}

TEMPLATE_TEST_CASE("the fingerprint tells calls apart by content and by caller", "", Local, Network,
                   Simulated) {
  TestType link;
  const auto one = Say(link, Text("one"), {.principal = kBuyer})->fingerprint();
  CHECK(one != 0);
  CHECK(Say(link, Text("one"), {.principal = kBuyer})->fingerprint() == one);
  CHECK(Say(link, Text("two"), {.principal = kBuyer})->fingerprint() != one);
  CHECK(Say(link, Text("one"), {.principal = kOperator})->fingerprint() != one);
}

TEMPLATE_TEST_CASE("an error arrives with its code, text, reason and values", "", Local, Network, Simulated) {
  TestType link;
  echo::SayRequest request = Text("only 3 left");
  request.set_reason("OUT_OF_STOCK");
  for (const auto code : {absl::StatusCode::kFailedPrecondition, absl::StatusCode::kAborted,
                          absl::StatusCode::kNotFound, absl::StatusCode::kResourceExhausted}) {
    request.set_code(static_cast<int>(code));
    const Status status = Say(link, request).status();
    CHECK(status.code() == code);
    CHECK(status.message() == "only 3 left");
    CHECK(Reason(status) == "OUT_OF_STOCK");
    CHECK(ReasonValues(ValuesOfReason(status)).size() == 2);
  }
}

TEMPLATE_TEST_CASE("a malformed request arrives with the names of its fields", "", Local, Network,
                   Simulated) {
  TestType link;
  echo::SayRequest request;
  request.set_field("address.region_code");
  const Status status = Say(link, request).status();
  CHECK(absl::IsInvalidArgument(status));
  REQUIRE(FieldViolations(status).size() == 1);
  CHECK(FieldViolations(status)[0].field == "address.region_code");
  CHECK(FieldViolations(status)[0].description == "is wrong");
}

TEMPLATE_TEST_CASE("what went wrong inside is not told", "", Local, Network, Simulated) {
  TestType link;
  echo::SayRequest request = Text("/data/order/000042.sst is damaged");
  request.set_reason("SECRET");
  for (const auto code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kDataLoss}) {
    request.set_code(static_cast<int>(code));
    const Status status = Say(link, request).status();
    CHECK(status.code() == code);
    CHECK(status.message() == "internal error");
    CHECK(Reason(status).empty());
  }
}

TEMPLATE_TEST_CASE("a method that nobody serves is UNIMPLEMENTED", "", Local, Network, Simulated) {
  TestType link;
  const auto response =
      link.loop.Wait(Call<echo::ForgetResponse>(link.channel, CallOptions{}, echo::ForgetRequest()));
  CHECK(absl::IsUnimplemented(response.status()));
}

TEMPLATE_TEST_CASE("only the declared kinds of callers are admitted", "", Local, Network, Simulated) {
  TestType link;
  const auto call = [&link](const Principal& principal) {
    return link.loop
        .Wait(Call<echo::AuditResponse>(link.channel, CallOptions{.principal = principal},
                                        echo::AuditRequest()))
        .status();
  };
  CHECK(call(kOperator).ok());
  CHECK(absl::IsPermissionDenied(call(kBuyer)));
  CHECK(absl::IsPermissionDenied(call({})));
  CHECK(absl::IsPermissionDenied(call({Principal::Kind::kService, "order"})));
}

TEMPLATE_TEST_CASE("a call whose handler takes too long ends at its deadline", "", Local, Network,
                   Simulated) {
  TestType link;
  echo::SayRequest request = Text("late");
  request.set_hold(true);
  // On a machine with much to do a call may not even arrive before its deadline.
  for (absl::Duration patience = absl::Milliseconds(50); link.service.holding() == 0; patience *= 2) {
    const Status status = Say(link, request, {.deadline = absl::Now() + patience}).status();
    CHECK(absl::IsDeadlineExceeded(status));
  }
  CHECK(link.service.said == 0);
  const int held = link.service.holding();
  link.service.Release();  // The handler goes on, unheard.
  CHECK(link.service.said == held);
}

TEMPLATE_TEST_CASE("a deadline that has passed stops the call", "", Local, Network, Simulated) {
  TestType link;
  const Status status = Say(link, Text("x"), {.deadline = absl::Now() - absl::Seconds(1)}).status();
  CHECK(absl::IsDeadlineExceeded(status));
  CHECK(link.service.said == 0);
}

TEMPLATE_TEST_CASE("a call without a deadline gets one", "", Local, Network, Simulated) {
  TestType link;
  const double left = Say(link, Text("x"))->seconds_left();
  CHECK(left > 20);
  CHECK(left < 31);
}

Task<> SayInto(Channel* channel, int* answers) {
  for (int i = 0; i < 20; ++i) {
    const auto response = co_await Call<echo::SayResponse>(*channel, CallOptions{}, Text("again"));
    if (response.ok()) ++*answers;
  }
}

TEMPLATE_TEST_CASE("many calls are under way at once", "", Local, Network, Simulated) {
  TestType link;
  int answers = 0;
  TaskScope scope;
  for (int i = 0; i < 50; ++i) scope.Spawn(SayInto(&link.channel, &answers));
  link.loop.RunUntil([&answers] { return answers == 1000; });
  CHECK(scope.running() == 0);
}

Task<> SayHeld(Channel* channel) {
  echo::SayRequest request;
  request.set_hold(true);
  static_cast<void>(co_await Call<echo::SayResponse>(*channel, CallOptions{}, request));
}

TEMPLATE_TEST_CASE("who waits for a call may be destroyed", "", Local, Network, Simulated) {
  TestType link;
  {
    TaskScope scope;
    scope.Spawn(SayHeld(&link.channel));
    link.loop.RunUntil([&link] { return link.service.holding() == 1; });
  }
  link.service.Release();
  CHECK(link.service.said == 1);
  CHECK(Say(link, Text("still here")).ok());
}

TEMPLATE_TEST_CASE("a stream brings every message in order, and then nothing", "", Local, Network,
                   Simulated) {
  TestType link;
  Stream<echo::CountResponse> stream = Count(link, 100);
  for (int i = 1; i <= 100; ++i) {
    const auto message = link.loop.Wait(stream.Read());
    REQUIRE(message.ok());
    REQUIRE(message->has_value());
    CHECK((*message)->number() == i);
  }
  for (int i = 0; i < 2; ++i) {
    const auto end = link.loop.Wait(stream.Read());
    REQUIRE(end.ok());
    CHECK_FALSE(end->has_value());
  }
}

TEMPLATE_TEST_CASE("a stream that fails ends with the error", "", Local, Network, Simulated) {
  TestType link;
  echo::CountRequest request;
  request.set_count(1);
  request.set_code(static_cast<int>(absl::StatusCode::kFailedPrecondition));
  request.set_reason("NO_MORE");
  Stream<echo::CountResponse> stream = OpenStream<echo::CountResponse>(link.channel, CallOptions{}, request);
  CHECK(link.loop.Wait(stream.Read()).ok());
  const Status end = link.loop.Wait(stream.Read()).status();
  CHECK(absl::IsFailedPrecondition(end));
  CHECK(Reason(end) == "NO_MORE");
}

TEMPLATE_TEST_CASE("a stream of a method that nobody serves is UNIMPLEMENTED", "", Local, Network,
                   Simulated) {
  TestType link;
  const auto stream = link.channel.CallServerStream("/souk.testing.v1.EchoService/None", {}, "");
  CHECK(absl::IsUnimplemented(link.loop.Wait(stream->Read()).status()));
}

TEMPLATE_TEST_CASE("a stream does not run far ahead of its reader", "", Local, Network, Simulated) {
  TestType link;
  {
    Stream<echo::CountResponse> stream = Count(link, 10'000, 100'000);
    for (int i = 0; i < 5; ++i) REQUIRE(link.loop.Wait(stream.Read()).ok());
    // Other calls make the loop do whatever the stream is ready for.
    for (int i = 0; i < 50; ++i) REQUIRE(Say(link, Text("x")).ok());
    CHECK(link.service.written < 2'000);  // What the kernel's and HTTP/2's windows may take, and more.
    CHECK(link.service.counts_ended == 0);
  }
  link.loop.RunUntil([&link] { return link.service.counts_ended == 1; });
}

TEMPLATE_TEST_CASE("the handler of a stream notices that its reader has gone", "", Local, Network,
                   Simulated) {
  TestType link;
  {
    Stream<echo::CountResponse> stream = Count(link, -1, 10'000);
    REQUIRE(link.loop.Wait(stream.Read()).ok());
  }
  link.loop.RunUntil([&link] { return link.service.counts_ended == 1; });
  CHECK(absl::IsCancelled(link.service.count_end));
}

TEMPLATE_TEST_CASE("a stream that was never read never begins", "", Local, Network, Simulated) {
  TestType link;
  static_cast<void>(Count(link, 1));
  REQUIRE(Say(link, Text("x")).ok());
  CHECK(link.service.written == 0);
}

TEMPLATE_TEST_CASE("a stream ends at its deadline", "", Local, Network, Simulated) {
  TestType link;
  // On a machine with much to do a call may not even arrive before its deadline.
  for (absl::Duration patience = absl::Milliseconds(100); link.service.counts_begun == 0; patience *= 2) {
    Stream<echo::CountResponse> stream = Count(link, -1, 10'000, {.deadline = absl::Now() + patience});
    Status status;
    while (status.ok()) status = link.loop.Wait(stream.Read()).status();
    CHECK(absl::IsDeadlineExceeded(status));
  }
  link.loop.RunUntil([&link] { return link.service.counts_ended == link.service.counts_begun; });
}

Task<> ReadOnce(Stream<echo::CountResponse>* stream) { static_cast<void>(co_await stream->Read()); }

TEMPLATE_TEST_CASE("a stream may be destroyed while it is read", "", Local, Network, Simulated) {
  TestType link;
  {
    Stream<echo::CountResponse> stream = Count(link, -1);
    TaskScope scope;
    scope.Spawn(ReadOnce(&stream));
  }
  CHECK(Say(link, Text("still here")).ok());
}

// A handler that waits for ever, with something of its own.
Task<Status> WaitForEver(std::shared_ptr<int> owned) {
  co_await Completion<bool>();
  co_return absl::UnknownError(std::to_string(*owned));
}

TEST_CASE("the handlers of streams go with their channel, and leave nothing behind") {
  Local link;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> left = owned;
  link.service.router.Add(Router::Route{.path = "/Wait",
                                        .kind = MethodKind::kServerStream,
                                        .callers = kAnyone,
                                        .server_stream = [&owned](CallContext, std::string_view, ByteSink&) {
                                          return WaitForEver(std::exchange(owned, nullptr));
                                        }});
  std::optional<LocalChannel> channel(std::in_place, link.service.router, link.loop);
  {
    const auto stream = channel->CallServerStream("/Wait", {}, "");
    TaskScope scope;
    scope.Spawn([](ByteStream* from) -> Task<> { static_cast<void>(co_await from->Read()); }(stream.get()));
    link.loop.RunUntil([&owned] { return owned == nullptr; });
  }
  CHECK_FALSE(left.expired());
  SECTION("when it is destroyed") { channel.reset(); }
  SECTION("when it is told to") { channel->EndStreams(); }
  CHECK(left.expired());
}

}  // namespace
}  // namespace souk::rpc
