// Typed settings from file, environment and command line, checked before anything starts.
//
// A setting has a dotted key, "notification.smtp_url". It comes from, the later wins: its
// default; the file (TOML: [notification] smtp_url = "..."); the environment
// (SOUK_NOTIFICATION_SMTP_URL); a flag (--set notification.smtp_url=...). An unknown key is
// an error that names the nearest known one.
//
// A declared key "kafka.client.*" takes all keys that begin with "kafka.client.": settings
// that are handed on to somebody else, who knows them. In the environment their dots are
// underscores too: SOUK_KAFKA_CLIENT_SASL_USERNAME is kafka.client.sasl.username.
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

// A duration has at most so many days: what is due after it is still a time that can be written down.
enum class Type { kString, kInteger, kBoolean, kDuration };
inline constexpr int kDurationDaysMax = 36'500;

// The declaration of a setting.
struct Setting {
  std::string key;
  Type type = Type::kString;
  std::string default_value;  // In the syntax of the type: "15m", "100", "true".
  std::string help;           // One sentence with the unit and what it is for.
  // Checks a value that has the right type; empty: any value will do.
  std::function<Status(std::string_view value)> check = nullptr;
};

// Checks of a setting: a whole number in this range, one of these words, a duration that is not 0.
std::function<Status(std::string_view)> Between(std::int64_t least, std::int64_t most);
std::function<Status(std::string_view)> OneOf(std::vector<std::string> words);
Status NotZero(std::string_view value);

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

  // What was given under a declared key "prefix.*", by the rest of the key.
  std::vector<std::pair<std::string, std::string>> GetAll(std::string_view prefix) const;

  // All settings with value and source as TOML, for --print-config. In order of key. The
  // values of keys that end in password, secret or token, or else tell a secret, are masked.
  std::string Describe() const;

 private:
  struct Value {
    Setting setting;
    std::string text;
    std::string source;
  };
  const Value& ValueOf(std::string_view key, Type type) const;

  // The key that a variable of the environment means under a wildcard; "" when none.
  std::string KeyUnderWildcard(std::string_view variable) const;
  // Declares `key` if it is under a wildcard.
  void AddUnderWildcard(const std::string& key);

  std::vector<Setting> wildcards_;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace souk::config
