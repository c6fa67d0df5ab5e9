#include "libs/config/settings.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/check.h"
#include "libs/base/suggestion.h"
#include "toml++/toml.h"

namespace souk::config {
namespace {

constexpr std::string_view kPrefix = "SOUK_";

// A value as some source has it.
struct Given {
  std::string key;
  std::string text;
  std::string source;
};

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<absl::Duration> UnitOf(std::string_view name) {
  if (name == "ms") return absl::Milliseconds(1);
  if (name == "s") return absl::Seconds(1);
  if (name == "m") return absl::Minutes(1);
  if (name == "h") return absl::Hours(1);
  if (name == "d") return absl::Hours(24);
  return std::nullopt;
}

// "15m", "14d", "1h30m", "250ms", "0". A day is 24 hours.
std::optional<absl::Duration> ParseDuration(std::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  if (text.empty()) return std::nullopt;
  absl::Duration sum = absl::ZeroDuration();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!text.empty()) {
    const auto digits = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto unit_end = std::find_if(digits, text.end(), is_digit);
    const auto number = ParseInteger(std::string_view(text.begin(), digits));
    const auto unit = UnitOf(std::string_view(digits, unit_end));
    if (!number || !unit || *number > 1'000'000'000) return std::nullopt;
    sum += *number * *unit;
    text.remove_prefix(static_cast<std::size_t>(unit_end - text.begin()));
  }
  return sum;
}

// What `text` lacks to be of `type`; empty when it is fine.
std::string Mismatch(Type type, std::string_view text) {
  switch (type) {
    case Type::kString:
      return "";
    case Type::kInteger:
      return ParseInteger(text) ? "" : "must be a whole number such as 100";
    case Type::kBoolean:
      return text == "true" || text == "false" ? "" : "must be true or false";
    case Type::kDuration: {
      const std::optional<absl::Duration> duration = ParseDuration(text);
      if (!duration) return "must be a duration such as 15m, 14d or 1h30m";
      if (*duration <= kDurationDaysMax * absl::Hours(24)) return "";
      return absl::StrCat("must be at most ", kDurationDaysMax, "d");
    }
  }
  SOUK_CHECK(false, "a setting has no such type");
}

std::string EnvironmentName(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key) {
    name += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

// Kubernetes puts the addresses of a namespace's services into every container:
// SOUK_ORDER_SERVICE_HOST, SOUK_ORDER_PORT_8443_TCP_ADDR and so on.
bool IsServiceLink(std::string_view name) {
  const auto ends_with = [&](std::string_view end) { return name.ends_with(end); };
  return ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos || ends_with("_PORT") ||
         (name.find("_PORT_") != name.npos &&
          (name.find("_TCP") != name.npos || name.find("_UDP") != name.npos));
}

void Flatten(const toml::table& table, const std::string& prefix, const std::string& source,
             std::vector<Given>& given, std::vector<std::string>& problems) {
  for (const auto& [name, node] : table) {
    const std::string key = absl::StrCat(prefix, std::string(name.str()));
    if (const toml::table* inner = node.as_table()) {
      Flatten(*inner, absl::StrCat(key, "."), source, given, problems);
    } else if (const auto* text = node.as_string()) {
      given.push_back({key, text->get(), source});
    } else if (const auto* number = node.as_integer()) {
      given.push_back({key, absl::StrCat(number->get()), source});
    } else if (const auto* boolean = node.as_boolean()) {
      given.push_back({key, boolean->get() ? "true" : "false", source});
    } else {
      problems.push_back(absl::StrCat(key, " (", source, ") must be a string, a whole number or a boolean"));
    }
  }
}

// 0, or the number of what went wrong: toml++ does not tell.
int ReadAll(const std::string& path, std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) return errno;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, file.get())) text.append(part, size);
  return std::ferror(file.get()) != 0 ? errno : 0;
}

void ReadFile(const std::string& file, std::vector<Given>& given, std::vector<std::string>& problems) {
  std::string text;
  if (const int error = ReadAll(file, text); error != 0) {
    problems.push_back(absl::StrCat("cannot read the settings in ", file, ": ", std::strerror(error)));
    return;
  }
  try {
    Flatten(toml::parse(text), "", absl::StrCat("file ", file), given, problems);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    problems.push_back(absl::StrCat("file ", file, line > 0 ? absl::StrCat(":", line) : "", ": ",
                                    std::string(error.description())));
  }
}

bool IsSecret(std::string_view key) {
  for (const std::string_view word : {"password", "secret", "token", "key.pem", "oauthbearer.config"}) {
    if (key.size() > word.size() && key.ends_with(word) &&
        std::string_view("._").find(key[key.size() - word.size() - 1]) != key.npos) {
      return true;
    }
  }
  return false;
}

constexpr std::string_view kAnyKey = ".*";

// "kafka.client." of "kafka.client.*".
std::string_view PrefixOf(std::string_view wildcard) { return wildcard.substr(0, wildcard.size() - 1); }

// The key that a variable of the environment means under a wildcard; empty when it is another's.
std::string KeyUnder(std::string_view wildcard, std::string_view variable) {
  const std::string begin = EnvironmentName(PrefixOf(wildcard));
  if (!variable.starts_with(begin)) return "";
  std::string key(PrefixOf(wildcard));
  for (const char c : variable.substr(begin.size())) {
    key += c == '_' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return key;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::function<Status(std::string_view)> Between(std::int64_t least, std::int64_t most) {
  return [least, most](std::string_view value) {
    const std::int64_t number = ParseInteger(value).value_or(least - 1);
    if (number >= least && number <= most) return OkStatus();
    return InvalidArgument("must be from %d to %d", least, most);
  };
}

std::function<Status(std::string_view)> OneOf(std::vector<std::string> words) {
  return [words = std::move(words)](std::string_view value) {
    if (std::find(words.begin(), words.end(), value) != words.end()) return OkStatus();
    return InvalidArgument("must be one of %s", absl::StrJoin(words, ", "));
  };
}

Status NotZero(std::string_view value) {
  return ParseDuration(value) == absl::ZeroDuration() ? InvalidArgument("must not be 0") : OkStatus();
}

StatusOr<Settings> Settings::Load(std::vector<Setting> declared, const Sources& sources) {
  Settings settings;
  std::vector<std::string> keys;
  std::map<std::string, std::string> key_of_variable;
  for (Setting& setting : declared) {
    const std::string key = setting.key;
    if (key.ends_with(kAnyKey)) {
      settings.wildcards_.push_back(std::move(setting));
      continue;
    }
    const auto& [variable, is_new] = key_of_variable.emplace(EnvironmentName(key), key);
    if (!is_new) {
      // Modules that run in one process may share a setting, but must mean the same by it.
      SOUK_CHECK(variable->second == key, "two settings have one environment variable");
      const Setting& first = settings.values_.at(key).setting;
      SOUK_CHECK(first.type == setting.type && first.default_value == setting.default_value,
                 "a setting is declared twice with different types or defaults");
      continue;
    }
    keys.push_back(key);
    std::string text = setting.default_value;
    settings.values_.emplace(key, Value{std::move(setting), std::move(text), "default"});
  }

  std::vector<Given> given;
  std::vector<std::string> problems;
  if (!sources.file.empty()) ReadFile(sources.file, given, problems);
  for (const auto& [name, text] : sources.environment) {
    if (!name.starts_with(kPrefix)) continue;
    if (const auto found = key_of_variable.find(name); found != key_of_variable.end()) {
      given.push_back({found->second, text, absl::StrCat("environment ", name)});
      continue;
    }
    if (const std::string key = settings.KeyUnderWildcard(name); !key.empty()) {
      given.push_back({key, text, absl::StrCat("environment ", name)});
      continue;
    }
    // One word is no dotted key: it belongs to another program, as SOUK_ADDRESS does to soukctl.
    if (name.find('_', kPrefix.size()) == name.npos || IsServiceLink(name)) continue;
    std::vector<std::string> variables;
    for (const auto& [variable, key] : key_of_variable) variables.push_back(variable);
    problems.push_back(absl::StrCat("unknown environment variable ", name, Suggestion(name, variables)));
  }
  for (const auto& [key, text] : sources.overrides) given.push_back({key, text, "flag"});

  for (Given& value : given) {
    settings.AddUnderWildcard(value.key);
    const auto found = settings.values_.find(value.key);
    if (found == settings.values_.end()) {
      problems.push_back(
          absl::StrCat("unknown setting ", value.key, " (", value.source, ")", Suggestion(value.key, keys)));
      continue;
    }
    found->second.text = std::move(value.text);
    found->second.source = std::move(value.source);
  }
  for (const auto& [key, value] : settings.values_) {
    std::string problem = Mismatch(value.setting.type, value.text);
    if (problem.empty() && value.setting.check != nullptr) {
      problem = std::string(value.setting.check(value.text).message());
    }
    if (problem.empty()) continue;
    const std::string shown = IsSecret(key) ? "" : absl::StrCat(" = ", Quoted(value.text));
    problems.push_back(absl::StrCat(key, shown, " (", value.source, ") ", problem));
  }
  if (!problems.empty()) return InvalidArgument("%s", absl::StrJoin(problems, "\n"));
  return settings;
}

std::string Settings::KeyUnderWildcard(std::string_view variable) const {
  for (const Setting& wildcard : wildcards_) {
    if (std::string key = KeyUnder(wildcard.key, variable); !key.empty()) return key;
  }
  return "";
}

void Settings::AddUnderWildcard(const std::string& key) {
  for (const Setting& wildcard : wildcards_) {
    const std::string_view prefix = PrefixOf(wildcard.key);
    if (key.starts_with(prefix) && key.size() > prefix.size())
      values_.try_emplace(key, Value{wildcard, "", ""});
  }
}

std::vector<std::pair<std::string, std::string>> Settings::GetAll(std::string_view prefix) const {
  const std::string begin = absl::StrCat(std::string(prefix), ".");
  std::vector<std::pair<std::string, std::string>> all;
  for (auto it = values_.lower_bound(begin); it != values_.end() && it->first.starts_with(begin); ++it) {
    all.emplace_back(it->first.substr(begin.size()), it->second.text);
  }
  return all;
}

std::string Settings::GetString(std::string_view key) const { return ValueOf(key, Type::kString).text; }

std::int64_t Settings::GetInteger(std::string_view key) const {
  return *ParseInteger(ValueOf(key, Type::kInteger).text);
}

bool Settings::GetBoolean(std::string_view key) const { return ValueOf(key, Type::kBoolean).text == "true"; }

absl::Duration Settings::GetDuration(std::string_view key) const {
  return *ParseDuration(ValueOf(key, Type::kDuration).text);
}

std::string Settings::Describe() const {
  std::string text;
  for (const Setting& wildcard : wildcards_)
    absl::StrAppend(&text, "# ", wildcard.key, ": ", wildcard.help, "\n");
  for (const auto& [key, value] : values_) {
    const bool is_bare = value.setting.type == Type::kInteger || value.setting.type == Type::kBoolean;
    const std::string shown = IsSecret(key) && !value.text.empty() ? Quoted("***")
                              : is_bare                            ? value.text
                                                                   : Quoted(value.text);
    absl::StrAppend(&text, "# ", value.setting.help, " [", value.source, "]\n", key, " = ", shown, "\n");
  }
  return text;
}

const Settings::Value& Settings::ValueOf(std::string_view key, Type type) const {
  const auto found = values_.find(key);
  SOUK_CHECK(found != values_.end(), std::string(key).c_str());
  SOUK_CHECK(found->second.setting.type == type, std::string(key).c_str());
  return found->second;
}

}  // namespace souk::config
