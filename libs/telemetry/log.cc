#include "libs/telemetry/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace souk::telemetry {
namespace {

std::atomic<bool> json = false;

std::function<void(Level, const std::string&)>& Sink() {
  static auto& sink = *new std::function<void(Level, const std::string&)>();
  return sink;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_logger_mt("souk");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

// In double quotes, with everything escaped that JSON wants escaped.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// Bare when it is one plain word, so that ids can be copied and grepped for.
std::string TextValue(const std::string& value) {
  const bool is_word = !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return c > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  });
  return is_word ? value : Quoted(value);
}

}  // namespace

void ConfigureLog(std::string_view level, std::string_view format) {
  json = format == "json";
  Logger().set_pattern(
      json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
  // spdlog reads every word that it does not know as "off".
  const auto known = spdlog::level::from_str(std::string(level));
  Logger().set_level(known == spdlog::level::off ? spdlog::level::info : known);
}

void SetLogSink(std::function<void(Level, const std::string& line)> sink) { Sink() = std::move(sink); }

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  const auto spdlog_level = ToSpdlog(level);
  if (!Sink() && !Logger().should_log(spdlog_level)) return;
  std::string line = json ? "\"message\":" + Quoted(message) : std::string(message);
  for (const auto& [name, value] : fields) {
    line +=
        json ? "," + Quoted(name) + ":" + Quoted(value) : " " + std::string(name) + "=" + TextValue(value);
  }
  if (Sink()) return Sink()(level, line);
  Logger().log(spdlog_level, "{}", line);
}

}  // namespace souk::telemetry
