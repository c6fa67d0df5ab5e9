// Structured logs: one line per message, to standard error, as text or JSON.
//
//   Log(Level::kError, "partition stopped", {{"service", "order"}, {"error", status.ToString()}});
//
// Messages are fixed sentences; what varies goes into fields. Never log personal data,
// request content or secrets: ids are enough to find the rest.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace souk::telemetry {

enum class Level { kDebug, kInfo, kWarning, kError };

using Field = std::pair<std::string_view, std::string>;

// Thread-safe.
void Log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// `level`: debug, info, warning or error; `format`: text or json. Other words mean info and
// text. Call before threads start.
void ConfigureLog(std::string_view level, std::string_view format);

// From now on lines go to `sink` instead of standard error, whatever their level: for
// simulations, where they are part of what happened. Call before threads start.
void SetLogSink(std::function<void(Level, const std::string& line)> sink);

}  // namespace souk::telemetry
