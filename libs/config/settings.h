// Typed settings from file, environment and command line, checked before anything starts.
//
// A setting has a dotted key, "notification.smtp_url". It comes from, the later wins: its
// default; the file (TOML: [notification] smtp_url = "..."); the environment
// (SOUK_NOTIFICATION_SMTP_URL); a flag (--set notification.smtp_url=...). An unknown key is
// an error that names the nearest known one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk::config {

enum class Type { kString, kInteger, kBoolean, kDuration };

// The declaration of a setting.
struct Setting {
  std::string key;
  Type type = Type::kString;
  std::string default_value;  // In the syntax of the type: "15m", "100", "true".
  std::string help;           // One sentence with the unit and what it is for.
  // Checks a value that has the right type; empty: any value will do.
  std::function<Status(std::string_view value)> check = nullptr;
};

class Settings {
 public:
  // Where values come from; later sources win.
  struct Sources {
    std::string file;                                              // "" for none.
    std::vector<std::pair<std::string, std::string>> environment;  // All of it; others' are ignored.
    std::vector<std::pair<std::string, std::string>> overrides;    // From flags.
  };

  // INVALID_ARGUMENT with one line for each problem, that names key, source and what would be right.
  static StatusOr<Settings> Load(std::vector<Setting> declared, const Sources& sources);

  // The value of a declared setting. Another key, or one of another type, is a bug.
  std::string GetString(std::string_view key) const;
  std::int64_t GetInteger(std::string_view key) const;
  bool GetBoolean(std::string_view key) const;
  absl::Duration GetDuration(std::string_view key) const;

  // All settings with value and source as TOML, for --print-config. In order of key. The
  // values of keys that end in _password, _secret or _token are masked.
  std::string Describe() const;

 private:
  struct Value {
    Setting setting;
    std::string text;
    std::string source;
  };
  const Value& ValueOf(std::string_view key, Type type) const;

  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace souk::config
