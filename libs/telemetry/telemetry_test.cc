#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/metrics_server.h"
#include "libs/telemetry/trace_context.h"

namespace souk::telemetry {
namespace {

using Catch::Contains;

// What `write` puts to standard error.
template <typename Write>
std::string StderrOf(Write write) {
  std::FILE* const file = std::tmpfile();
  const int kept = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  write();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

TEST_CASE("a log line has time, level, message and fields, and stays one line") {
  ConfigureLog("info", "text");
  const std::string text = StderrOf(
      [] { Log(Level::kWarning, "partition stopped", {{"order_id", "o-1"}, {"error", "a\nb \"c\""}}); });
  CHECK_THAT(text, Catch::Matches("20[0-9-]+T[0-9:.]+Z warning partition stopped order_id=o-1 "
                                  "error=\"a\\\\u000ab \\\\\"c\\\\\"\"\\n"));
}

TEST_CASE("a JSON log line is an object") {
  ConfigureLog("info", "json");
  const std::string text = StderrOf([] { Log(Level::kInfo, "serving", {{"address", "[::]:1"}}); });
  CHECK_THAT(text, Contains("\"level\":\"info\",\"message\":\"serving\",\"address\":\"[::]:1\"}\n"));
  CHECK(text.starts_with("{\"time\":\"20"));
  ConfigureLog("info", "text");
}

TEST_CASE("messages below the level are not logged, and an unknown level means info") {
  ConfigureLog("error", "text");
  CHECK(StderrOf([] { Log(Level::kWarning, "quiet"); }).empty());
  ConfigureLog("loud", "text");
  CHECK(StderrOf([] { Log(Level::kDebug, "quiet"); }).empty());
  CHECK_FALSE(StderrOf([] { Log(Level::kInfo, "heard"); }).empty());
}

TEST_CASE("a metric of the same name and labels is the same metric") {
  Metrics metrics;
  Counter& counter = metrics.CounterFor("souk_commands_total", "Commands.", {{"service", "order"}});
  counter.Add(2);
  metrics.CounterFor("souk_commands_total", "Commands.", {{"service", "order"}}).Add();
  metrics.CounterFor("souk_commands_total", "Commands.", {{"service", "cart"}}).Add();
  CHECK(counter.value() == 3);
  metrics.GaugeFor("souk_lag_seconds", "Lag.").Set(1.5);
  metrics.GaugeFor("souk_lag_seconds", "Lag.").Add(-0.5);
  CHECK(metrics.Text() ==
        "# HELP souk_commands_total Commands.\n"
        "# TYPE souk_commands_total counter\n"
        "souk_commands_total{service=\"cart\"} 1\n"
        "souk_commands_total{service=\"order\"} 3\n"
        "# HELP souk_lag_seconds Lag.\n"
        "# TYPE souk_lag_seconds gauge\n"
        "souk_lag_seconds 1\n");
}

TEST_CASE("a histogram counts a value in the first bucket whose bound is not below it") {
  Metrics metrics;
  Histogram& histogram = metrics.HistogramFor("souk_commit_seconds", "Commits.", {0.5, 1, 2});
  for (const double value : {0.25, 0.5, 0.75, 2.0, 3.0}) histogram.Observe(value);
  CHECK(histogram.Read().counts == std::vector<std::uint64_t>{2, 1, 1, 1});
  const std::string text = metrics.Text();
  CHECK_THAT(text, Contains("souk_commit_seconds_count 5\n") && Contains("souk_commit_seconds_sum 6.5\n") &&
                       Contains("souk_commit_seconds_bucket{le=\"1\"} 3\n") &&
                       Contains("souk_commit_seconds_bucket{le=\"+Inf\"} 5\n"));
  histogram.Observe(absl::Milliseconds(1500));
  CHECK(histogram.Read().counts == std::vector<std::uint64_t>{2, 1, 2, 1});
}

TEST_CASE("counts of many threads add up") {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        metrics.CounterFor("a_total", "A.").Add();
        metrics.HistogramFor("b", "B.", LatencyBounds()).Observe(1.0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(metrics.CounterFor("a_total", "A.").value() == 4000);
  CHECK(metrics.HistogramFor("b", "B.", LatencyBounds()).Read().sum == 4000.0);
}

// The answer to GET /metrics of a server on this machine.
std::string Get(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* const untyped = &address;
  REQUIRE(connect(connection, static_cast<const sockaddr*>(untyped), sizeof(address)) == 0);
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  REQUIRE(write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(connection, buffer, sizeof(buffer))) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  close(connection);
  return answer;
}

TEST_CASE("metrics are read over HTTP") {
  Metrics metrics;
  metrics.CounterFor("souk_commands_total", "Commands.").Add(7);
  auto server = MetricsServer::Start(metrics, "127.0.0.1:0").value();
  CHECK_THAT(Get(server->port()), Contains("200 OK") && Contains("souk_commands_total 7\n"));
  const auto second = MetricsServer::Start(metrics, "127.0.0.1:" + std::to_string(server->port()));
  CHECK(absl::IsUnavailable(second.status()));
}

TEST_CASE("a traceparent is read and written as W3C says") {
  const std::string header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const TraceContext context = ParseTraceparent(header).value();
  CHECK(context.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(context.span_id == "b7ad6b7169203331");
  CHECK(context.sampled);
  CHECK(FormatTraceparent(context) == header);
  CHECK(FormatTraceparent(context.Child(0xab)) == "00-0af7651916cd43dd8448eb211c80319c-00000000000000ab-01");
  CHECK(ParseTraceparent("01" + header.substr(2) + "-more").value() == context);
  CHECK(ParseTraceparent(FormatTraceparent(TraceContext::Start(0, 0, 0))).has_value());
}

TEST_CASE("a malformed traceparent is ignored") {
  for (const char* bad : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                          "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    INFO(bad);
    CHECK_FALSE(ParseTraceparent(bad).has_value());
  }
}

}  // namespace
}  // namespace souk::telemetry
