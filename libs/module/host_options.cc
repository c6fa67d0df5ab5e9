#include "libs/module/host_options.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "libs/base/suggestion.h"
#include "libs/cli/command_line.h"
#include "libs/cli/completion.h"
#include "libs/module/kafka_link.h"
#include "libs/module/time_keeper.h"

extern char** environ;  // NOLINT: POSIX.

namespace souk {
namespace {

// Where services find each other when each has a process of its own, and where each
// listens by default.
const std::map<std::string, int>& DefaultPorts() {
  static const std::map<std::string, int> ports = {{"catalog", 7401},  {"cart", 7402},
                                                   {"order", 7403},    {"payment", 7404},
                                                   {"shipping", 7405}, {"notification", 7406}};
  return ports;
}
constexpr int kStorePort = 7400;  // All services in one process.

std::string Loopback(int port) { return "127.0.0.1:" + std::to_string(port); }

std::vector<std::pair<std::string, std::string>> Environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

StatusOr<std::pair<std::string, std::string>> SplitOverride(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return InvalidArgument("--set takes KEY=VALUE, not \"%s\"", text);
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

StatusOr<absl::Time> ParseStartTime(const std::string& text) {
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d", absl::RFC3339_full}) {
    if (!absl::ParseTime(format, text, absl::UTCTimeZone(), &time, &error)) continue;
    if (time >= absl::UnixEpoch() && time <= LatestStoreTime()) return time;
    return InvalidArgument("--start-time %s is not in the years 1970 to 9000", text);
  }
  return InvalidArgument("--start-time takes 2016-09-01 or 2016-09-01T12:00:00Z, not \"%s\"", text);
}

constexpr std::int64_t kPartitionsMax = 256;  // Each costs a writer, and a topic partition of Kafka.
constexpr std::int64_t kAttemptsMax = 1000;

// Whether it ends in ":PORT", and something stands before it.
bool IsHostAndPort(std::string_view address, int port_min) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view digits = address.substr(colon + 1);
  int port = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port >= port_min && port <= 65535;
}

Status CheckAddress(std::string_view value) {
  if (IsHostAndPort(value, /*port_min=*/1)) return OkStatus();
  return InvalidArgument("must be HOST:PORT with a port from 1 to 65535");
}

Status CheckMetricsAddress(std::string_view value) {
  return value.empty() || IsHostAndPort(value, /*port_min=*/0)
             ? OkStatus()
             : InvalidArgument("must be HOST:PORT, such as 127.0.0.1:9400, or empty");
}

std::string DefaultDataDir(std::string_view program) {
  const char* const home = std::getenv("XDG_DATA_HOME");
  if (home != nullptr && *home != '\0') return std::string(home) + "/" + std::string(program);
  const char* const user = std::getenv("HOME");
  return std::string(user == nullptr ? "." : user) + "/.local/share/" + std::string(program);
}

}  // namespace

std::vector<config::Setting> CommonSettings() {
  std::vector<config::Setting> settings = {
      {.key = "log.level",
       .default_value = "info",
       .help = "Least severe messages to log: debug, info, warning or error.",
       .check = config::OneOf({"debug", "info", "warning", "error"})},
      {.key = "log.format",
       .default_value = "text",
       .help = "Form of log lines: text or json.",
       .check = config::OneOf({"text", "json"})},
      {.key = "metrics.listen",
       .default_value = "",
       .help = "HOST:PORT for Prometheus metrics; empty: none.",
       .check = CheckMetricsAddress},
      {.key = "server.drain_grace",
       .type = config::Type::kDuration,
       .default_value = "10s",
       .help = "How long calls may go on after SIGTERM before they are cancelled."},
      {.key = "engine.write_threads",
       .type = config::Type::kBoolean,
       .default_value = "true",
       .help = "Whether each service has a thread that writes to its disk while the server's thread serves."},
      {.key = "engine.writer_threads",
       .type = config::Type::kBoolean,
       .default_value = "false",
       .help = "Whether each partition also decides its commands on a thread of its own."},
      {.key = "engine.partitions",
       .type = config::Type::kInteger,
       .default_value = "1",
       .help = "Partitions per service; fixed when the data folder is made.",
       .check = config::Between(1, kPartitionsMax)},
  };
  settings.push_back(
      {.key = "messaging.delivery_attempts",
       .type = config::Type::kInteger,
       .default_value = "5",
       .help = "How often an event of another service is tried before it is set aside; see soukctl "
               "dead-letters. Failures that pass, such as a service that is down, do not count.",
       .check = config::Between(1, kAttemptsMax)});
  for (config::Setting& setting : KafkaSettings()) settings.push_back(std::move(setting));
  for (const auto& [service, port] : DefaultPorts()) {
    settings.push_back({.key = "peers." + service,
                        .default_value = Loopback(port),
                        .help = "HOST:PORT of the " + service + " service when it runs in another process.",
                        .check = CheckAddress});
  }
  return settings;
}

ConsumerOptions ConsumerOptionsFrom(const config::Settings& settings) {
  return {.attempts_max = static_cast<std::uint32_t>(settings.GetInteger("messaging.delivery_attempts"))};
}

std::vector<std::string> AllServices() {
  std::vector<std::string> services;
  for (const auto& [service, port] : DefaultPorts()) services.push_back(service);
  return services;
}

Status CheckListenAddress(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  if (!IsHostAndPort(listen, /*port_min=*/0) && !(colon == 0 && listen.size() > 1)) {
    return InvalidArgument("--listen takes HOST:PORT, such as 127.0.0.1:%d, not \"%s\"", kStorePort, listen);
  }
  const std::string_view host = listen.substr(0, colon);
  if (host == "localhost" || host == "[::1]" || host.starts_with("127.")) return OkStatus();
  return InvalidArgument(
      "--listen %s is not a loopback address: callers are believed who they say they are, so development "
      "mode "
      "serves this machine only; put an authenticating proxy in front, on 127.0.0.1",
      listen);
}

StatusOr<std::optional<HostOptions>> ReadHostOptions(std::string_view program, int argc, char** argv,
                                                     const std::vector<ModuleFactory>& modules) {
  const bool single = modules.size() == 1;
  HostOptions options;
  options.data_dir = DefaultDataDir(program);
  options.listen = Loopback(single ? DefaultPorts().at(modules[0].service) : kStorePort);
  std::string config_file, clock = "system", start_time, services;
  std::vector<std::string> overrides;

  CLI::App app(
      "Runs " + std::string(single ? "the " + modules[0].service + " service" : "all services of the store") +
          ".\n\nIn development mode, which is the only one so far, it serves this machine only and takes the "
          "caller's identity from the header x-souk-principal.",
      std::string(program));
  app.set_version_flag("--version", std::string(program) + " " + SOUK_VERSION);
  app.add_option("--data", options.data_dir, "Folder that keeps everything; made when missing")
      ->type_name(cli::kFolder)
      ->capture_default_str();
  app.add_option("--listen", options.listen, "HOST:PORT to serve on; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--config", config_file, "TOML file with settings")->type_name(cli::kFile);
  app.add_option("--set", overrides, "One setting, KEY=VALUE; may be repeated");
  app.add_option("--clock", clock, "system, or manual: time passes only by soukctl time advance")
      ->check(CLI::IsMember({"system", "manual"}))
      ->capture_default_str();
  app.add_option("--start-time", start_time,
                 "Where a manual clock begins on an empty data folder; now by default");
  if (!single) app.add_option("--services", services, "Comma-separated services to run; all by default");
  app.add_flag("--print-config", options.print_config, "Print all settings with their values and exit");
  app.add_flag("--rebuild", options.rebuild, "Make everything anew from the event logs and exit");
  ASSIGN_OR_RETURN(const bool parsed, cli::ParseCommandLine(app, argc, argv));
  if (!parsed) return std::optional<HostOptions>();

  RETURN_IF_ERROR(CheckListenAddress(options.listen));
  options.manual_clock = clock == "manual";
  if (!start_time.empty()) {
    if (!options.manual_clock) return InvalidArgument("--start-time needs --clock manual");
    ASSIGN_OR_RETURN(options.start_time, ParseStartTime(start_time));
  }
  std::vector<config::Setting> declared = CommonSettings();
  for (const ModuleFactory& module : modules) {
    declared.insert(declared.end(), module.settings.begin(), module.settings.end());
    options.services.push_back(module.service);
  }
  if (!services.empty()) {
    const std::vector<std::string> known = std::exchange(options.services, CLI::detail::split(services, ','));
    for (const std::string& service : options.services) {
      if (std::find(known.begin(), known.end(), service) == known.end()) {
        return InvalidArgument("--services: there is no service \"%s\"%s", service,
                               Suggestion(service, known));
      }
    }
  }
  config::Settings::Sources sources{.file = config_file, .environment = Environment()};
  for (const std::string& text : overrides) {
    ASSIGN_OR_RETURN(auto setting, SplitOverride(text));
    sources.overrides.push_back(std::move(setting));
  }
  ASSIGN_OR_RETURN(options.settings, config::Settings::Load(std::move(declared), sources));
  return std::optional<HostOptions>(std::move(options));
}

}  // namespace souk
