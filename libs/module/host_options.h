// The command line of soukd and of the single services.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/config/settings.h"
#include "libs/messaging/consumer.h"
#include "libs/module/module.h"

namespace souk {

struct HostOptions {
  std::string data_dir;
  std::string listen;  // HOST:PORT.
  std::vector<std::string> services;
  bool manual_clock = false;
  std::optional<absl::Time> start_time;  // Of a manual clock on an empty data folder.
  bool print_config = false;
  bool rebuild = false;  // Make everything anew from the log, then exit.
  std::optional<config::Settings> settings;
};

// Reads the command line. Nothing when it was answered already (--help, --version); the
// exit code is then 0. INVALID_ARGUMENT that says what would be right.
StatusOr<std::optional<HostOptions>> ReadHostOptions(std::string_view program, int argc, char** argv,
                                                     const std::vector<ModuleFactory>& modules);

// All services of a store, by name.
std::vector<std::string> AllServices();

// The settings that every process has.
std::vector<config::Setting> CommonSettings();

// messaging.delivery_attempts.
ConsumerOptions ConsumerOptionsFrom(const config::Settings& settings);

// OK when `listen` is HOST:PORT on a loopback address. Without real authentication the
// caller's word is taken for who she is, so nobody else may be able to call.
Status CheckListenAddress(std::string_view listen);

}  // namespace souk
