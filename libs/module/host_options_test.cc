#include "libs/module/host_options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace souk {
namespace {

using Catch::Matchers::Contains;

std::vector<ModuleFactory> Modules(const std::vector<std::string>& services) {
  std::vector<ModuleFactory> modules;
  for (const std::string& service : services) {
    modules.push_back({.service = service,
                       .settings = {{.key = service + ".limit",
                                     .type = config::Type::kInteger,
                                     .default_value = "5",
                                     .help = "How many."}},
                       .open = nullptr});
  }
  return modules;
}

StatusOr<std::optional<HostOptions>> Read(std::vector<std::string> words,
                                          const std::vector<std::string>& services = {"catalog", "order"}) {
  words.insert(words.begin(), "/usr/bin/soukd");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ReadHostOptions("soukd", static_cast<int>(argv.size()), argv.data(), Modules(services));
}

std::string Problem(const std::vector<std::string>& words) {
  return std::string(Read(words).status().message());
}

TEST_CASE("without options all services are served, on loopback, on real time") {
  const HostOptions options = Read({}).value().value();
  CHECK(options.services == std::vector<std::string>{"catalog", "order"});
  CHECK(options.listen == "127.0.0.1:7400");
  CHECK_FALSE(options.manual_clock);
  CHECK_FALSE(options.rebuild);
  CHECK(options.settings->GetInteger("order.limit") == 5);
  CHECK_THAT(options.data_dir, Catch::Matchers::EndsWith("/soukd"));
}

TEST_CASE("a service of its own has a port of its own") {
  CHECK(Read({}, {"order"}).value()->listen == "127.0.0.1:7403");
  CHECK(Read({"--listen", "localhost:0"}, {"order"}).value()->listen == "localhost:0");
}

TEST_CASE("services may be chosen, and settings set") {
  const HostOptions options =
      Read({"--services", "order", "--set", "order.limit=7", "--data", "/srv/souk"}).value().value();
  CHECK(options.services == std::vector<std::string>{"order"});
  CHECK(options.settings->GetInteger("order.limit") == 7);
  CHECK(options.data_dir == "/srv/souk");
}

TEST_CASE("a manual clock may begin at a day or at a time") {
  const auto start = [](const char* time) {
    return Read({"--clock", "manual", "--start-time", time}).value()->start_time;
  };
  CHECK(start("2016-09-01") == absl::FromUnixSeconds(1472688000));
  CHECK(start("2016-09-01T12:00:00Z") == absl::FromUnixSeconds(1472688000 + 12 * 3600));
  CHECK_THAT(Problem({"--clock", "manual", "--start-time", "yesterday"}), Contains("2016-09-01"));
  for (const char* time : {"1969-12-31", "99999-01-01"}) {
    CHECK_THAT(Problem({"--clock", "manual", "--start-time", time}), Contains("in the years"));
  }
  CHECK_THAT(Problem({"--start-time", "2016-09-01"}), Contains("--clock manual"));
}

TEST_CASE("whoever believes callers serves this machine only") {
  for (const char* address : {"127.0.0.1:1", "127.8.0.1:1", "localhost:1", "[::1]:1"}) {
    CHECK(CheckListenAddress(address).ok());
  }
  for (const char* address : {"0.0.0.0:1", "[::]:1", "10.0.0.7:1", "shop.example:1", ":1"}) {
    CHECK_THAT(std::string(CheckListenAddress(address).message()), Contains("loopback"));
  }
  for (const char* address :
       {"127.0.0.1", "127.0.0.1:", "", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:74OO", "127.0.0.1: 1"}) {
    CHECK_THAT(std::string(CheckListenAddress(address).message()), Contains("HOST:PORT"));
  }
}

TEST_CASE("what makes no sense is refused with what would") {
  CHECK_THAT(Problem({"--services", "ordr"}), Contains("did you mean order?"));
  CHECK_THAT(Problem({"--set", "order.limit"}), Contains("KEY=VALUE"));
  CHECK_THAT(Problem({"--set", "order.limt=1"}), Contains("did you mean order.limit?"));
  CHECK_THAT(Problem({"--dta", "/srv"}), Contains("did you mean --data?"));
}

TEST_CASE("settings of all services have values that a store can run with") {
  const auto problem = [](const std::string& setting) { return Problem({"--set", setting}); };
  for (const char* setting : {"engine.partitions=0", "engine.partitions=-1", "engine.partitions=257",
                              "messaging.delivery_attempts=0"}) {
    CHECK_THAT(problem(setting), Contains("must be from 1 to"));
  }
  CHECK_THAT(problem("log.level=loud"), Contains("must be one of debug, info, warning, error"));
  CHECK_THAT(problem("log.format=xml"), Contains("must be one of text, json"));
  for (const char* setting : {"metrics.listen=9400", "metrics.listen=127.0.0.1:99999", "peers.order=order",
                              "peers.order=order:0", "peers.order=:7403"}) {
    CHECK_THAT(problem(setting), Contains("must be HOST:PORT"));
  }
  CHECK_THAT(problem("server.drain_grace=36501d"), Contains("at most 36500d"));
  CHECK(Read({"--set", "metrics.listen=0.0.0.0:9400", "--set", "peers.order=souk-order:7403"}).ok());
}

TEST_CASE("every service has an address for the others") {
  std::vector<std::string> keys;
  for (const config::Setting& setting : CommonSettings()) keys.push_back(setting.key);
  for (const std::string& service : AllServices()) {
    CHECK_THAT(keys, Catch::Matchers::VectorContains("peers." + service));
  }
}

}  // namespace
}  // namespace souk
