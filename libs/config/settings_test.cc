#include "libs/config/settings.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

namespace souk::config {
namespace {

using Catch::Contains;

std::vector<Setting> Declared() {
  return {
      {.key = "order.hold_ttl", .type = Type::kDuration, .default_value = "15m", .help = "How long."},
      {.key = "order.batch", .type = Type::kInteger, .default_value = "100", .help = "How many."},
      {.key = "order.enabled", .type = Type::kBoolean, .default_value = "true", .help = "Whether."},
      {.key = "mail.smtp_url",
       .default_value = "",
       .help = "Where.",
       .check =
           [](std::string_view value) {
             return value.empty() || value.starts_with("smtp://")
                        ? OkStatus()
                        : InvalidArgument("must start with smtp://");
           }},
      {.key = "mail.smtp_password", .default_value = "", .help = "What."},
  };
}

// What is wrong with this value; "" when nothing is.
std::string ProblemOf(const Setting& setting, const std::string& value) {
  const auto settings = Settings::Load({setting}, {.overrides = {{setting.key, value}}});
  return std::string(settings.status().message());
}

class File {
 public:
  explicit File(std::string_view content)
      : path_((std::filesystem::temp_directory_path() /
               ("settings-" + std::to_string(counter_++) + "-" + std::to_string(std::random_device()())))
                  .string()) {
    std::ofstream(path_) << content;
  }
  ~File() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  static inline int counter_ = 0;
  std::string path_;
};

std::string ErrorOf(const Settings::Sources& sources) {
  const auto loaded = Settings::Load(Declared(), sources);
  CHECK(absl::IsInvalidArgument(loaded.status()));
  return std::string(loaded.status().message());
}

TEST_CASE("a setting that nobody gives has its default") {
  const Settings settings = Settings::Load(Declared(), {}).value();
  CHECK(settings.GetDuration("order.hold_ttl") == absl::Minutes(15));
  CHECK(settings.GetInteger("order.batch") == 100);
  CHECK(settings.GetBoolean("order.enabled"));
  CHECK(settings.GetString("mail.smtp_url").empty());
}

TEST_CASE("a flag beats the environment, which beats the file") {
  const File file("[order]\nbatch = 1\nenabled = false\nhold_ttl = \"1h30m\"\n");
  const Settings settings =
      Settings::Load(
          Declared(),
          {.file = file.path(),
           .environment = {{"PATH", "/bin"}, {"SOUK_ORDER_BATCH", "2"}, {"SOUK_ORDER_ENABLED", "true"}},
           .overrides = {{"order.batch", "3"}}})
          .value();
  CHECK(settings.GetInteger("order.batch") == 3);
  CHECK(settings.GetBoolean("order.enabled"));
  CHECK(settings.GetDuration("order.hold_ttl") == absl::Minutes(90));
}

TEST_CASE("durations have units from milliseconds to days") {
  const std::vector<std::pair<std::string, absl::Duration>> cases = {{"0", absl::ZeroDuration()},
                                                                     {"250ms", absl::Milliseconds(250)},
                                                                     {"90s", absl::Seconds(90)},
                                                                     {"14d", absl::Hours(14 * 24)},
                                                                     {"1d2h3m4s", absl::Seconds(93784)}};
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const auto settings = Settings::Load(Declared(), {.overrides = {{"order.hold_ttl", text}}});
    CHECK(settings.value().GetDuration("order.hold_ttl") == expected);
  }
  for (const char* bad : {"", "15", "m", "-5m", "1.5h", "5 m", "5w", "99999999999d", "5m3"}) {
    INFO(bad);
    CHECK_THAT(ErrorOf({.overrides = {{"order.hold_ttl", bad}}}), Contains("must be a duration such as 15m"));
  }
}

TEST_CASE("a key that nobody declared is refused with the nearest one") {
  CHECK_THAT(ErrorOf({.overrides = {{"order.hold_tll", "1m"}}}),
             Contains("unknown setting order.hold_tll (flag); did you mean order.hold_ttl?"));
  CHECK_THAT(ErrorOf({.environment = {{"SOUK_MAIL_SMTP_URI", ""}}}),
             Contains("unknown environment variable SOUK_MAIL_SMTP_URI; did you mean SOUK_MAIL_SMTP_URL?"));
  const File file("[ordre]\nbatch = 1\n");
  CHECK_THAT(ErrorOf({.file = file.path()}), Contains("unknown setting ordre.batch (file " + file.path()) &&
                                                 Contains("did you mean order.batch?"));
}

TEST_CASE("variables of other programs and of Kubernetes are no settings") {
  CHECK(Settings::Load(Declared(), {.environment = {{"SOUK_ADDRESS", "localhost:1"},
                                                    {"SOUK_ORDER_SERVICE_HOST", "10.0.0.1"},
                                                    {"SOUK_ORDER_SERVICE_PORT_GRPC", "8443"},
                                                    {"SOUK_ORDER_PORT", "tcp://10.0.0.1:8443"},
                                                    {"SOUK_ORDER_PORT_8443_TCP_ADDR", "10.0.0.1"}}})
            .ok());
}

TEST_CASE("a value of another type, or one that the check refuses, names key, source and what is right") {
  CHECK_THAT(ErrorOf({.overrides = {{"order.batch", "many"}}}),
             Contains("order.batch = \"many\" (flag) must be a whole number"));
  CHECK_THAT(ErrorOf({.environment = {{"SOUK_ORDER_ENABLED", "yes"}}}),
             Contains("(environment SOUK_ORDER_ENABLED) must be true or false"));
  CHECK_THAT(ErrorOf({.overrides = {{"mail.smtp_url", "http://x"}}}), Contains("must start with smtp://"));
  const File file("[order]\nbatch = 1.5\n");
  CHECK_THAT(ErrorOf({.file = file.path()}), Contains("order.batch (file"));
}

TEST_CASE("every problem is reported at once") {
  const std::string error = ErrorOf({.overrides = {{"order.batch", "x"}, {"order.enabled", "x"}}});
  CHECK_THAT(error, Contains("order.batch") && Contains("order.enabled"));
}

TEST_CASE("a file that is missing or no TOML is refused with its name and line") {
  CHECK_THAT(ErrorOf({.file = "/nonexistent/souk.toml"}), Contains("/nonexistent/souk.toml"));
  const File file("[order]\nbatch = = 1\n");
  CHECK_THAT(ErrorOf({.file = file.path()}), Contains(file.path() + ":2"));
}

TEST_CASE("the description is TOML that loads again, without secrets") {
  const Settings settings =
      Settings::Load(Declared(), {.overrides = {{"order.batch", "7"}, {"mail.smtp_password", "hush"}}})
          .value();
  const std::string text = settings.Describe();
  CHECK_THAT(text, Contains("# How many. [flag]\norder.batch = 7\n") && !Contains("hush"));
  const File file(text);
  CHECK(Settings::Load(Declared(), {.file = file.path()}).value().GetInteger("order.batch") == 7);
}

TEST_CASE("what begins like a declared prefix is taken and handed on") {
  std::vector<Setting> declared = {{.key = "kafka.client.*", .help = "Settings of the client."}};
  const auto settings = Settings::Load(
      declared,
      {.environment = {{"SOUK_KAFKA_CLIENT_SASL_PASSWORD", "s3cret"}, {"SOUK_KAFKA_CLIENT_ACKS", "1"}},
       .overrides = {{"kafka.client.acks", "all"}}});
  REQUIRE(settings.ok());
  CHECK(settings->GetAll("kafka.client") ==
        std::vector<std::pair<std::string, std::string>>{{"acks", "all"}, {"sasl.password", "s3cret"}});
  CHECK(settings->Describe().find("s3cret") == std::string::npos);
  CHECK(settings->Describe().find("kafka.client.acks = \"all\"") != std::string::npos);
  CHECK_FALSE(Settings::Load(declared, {.overrides = {{"kafka.clients.acks", "all"}}}).ok());
}

TEST_CASE("a number has its range, a word its choices, and no time is longer than a hundred years") {
  const Setting number{.key = "n", .type = Type::kInteger, .default_value = "1", .check = Between(1, 9)};
  CHECK(ProblemOf(number, "9") == "");
  for (const char* value : {"0", "-1", "10"}) CHECK_THAT(ProblemOf(number, value), Contains("from 1 to 9"));
  const Setting word{.key = "w", .default_value = "a", .check = OneOf({"a", "b"})};
  CHECK(ProblemOf(word, "b") == "");
  CHECK_THAT(ProblemOf(word, "c"), Contains("must be one of a, b"));
  const Setting time{.key = "t", .type = Type::kDuration, .default_value = "1s", .check = NotZero};
  CHECK(ProblemOf(time, "36500d") == "");
  CHECK_THAT(ProblemOf(time, "36500d1s"), Contains("at most 36500d"));
  CHECK_THAT(ProblemOf(time, "0s"), Contains("must not be 0"));
}

}  // namespace
}  // namespace souk::config
