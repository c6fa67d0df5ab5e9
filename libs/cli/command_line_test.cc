#include "libs/cli/command_line.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace souk::cli {
namespace {

// A program "shop" with commands "status" and "events tail".
struct Shop {
  Shop() {
    app.set_version_flag("--version", "shop 1");
    app.add_option("--address", address);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_subcommand("status", "Show what goes on");
    CLI::App* const events = app.add_subcommand("events", "Read events")->require_subcommand(1);
    CLI::App* const tail = events->add_subcommand("tail", "List events");
    tail->add_option("--service", service);
    tail->add_option("topic", topic)->required();
  }

  StatusOr<bool> Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "/usr/bin/shop");
    return ParseCommandLine(app, static_cast<int>(words.size()), words.data());
  }

  std::string Problem(const std::vector<const char*>& words) {
    const StatusOr<bool> parsed = Parse(words);
    return parsed.ok() ? "none" : std::string(parsed.status().message());
  }

  CLI::App app{"Sells.", "shop"};
  std::string address, service, topic;
};

TEST_CASE("a right command line fills in what it says") {
  Shop shop;
  CHECK(*shop.Parse({"events", "tail", "orders", "--service", "order", "--address", "here:1"}));
  CHECK(shop.topic == "orders");
  CHECK(shop.service == "order");
  CHECK(shop.address == "here:1");
}

TEST_CASE("an error names the wrong word and the nearest right one") {
  CHECK(Shop().Problem({"statsu"}) ==
        "shop has no command \"statsu\"; did you mean status? (shop --help lists them)");
  CHECK(Shop().Problem({"events", "tial", "orders"}) ==
        "shop events has no command \"tial\"; did you mean tail? (shop events --help lists them)");
  CHECK(Shop().Problem({"events", "tail", "orders", "--servic", "order"}) ==
        "shop events tail has no option --servic; did you mean --service? (shop events tail --help lists "
        "them)");
  CHECK(Shop().Problem({"--adress=here:1", "status"}) ==
        "shop status has no option --adress; did you mean --address? (shop status --help lists them)");
  CHECK(Shop().Problem({"status", "now"}) == "shop status takes no further \"now\"; see shop status --help");
}

TEST_CASE("an error names what is missing") {
  CHECK(Shop().Problem({"events", "tail"}) == "topic is required; see shop events tail --help");
  CHECK(Shop().Problem({"status", "--address"}).find("--address") == 0);
}

TEST_CASE("a count is a whole number from 0 on") {
  CLI::App app("", "shop");
  std::uint64_t count = 0;
  app.add_option("--count", count, "")->check(Count());
  const auto parse = [&app](const char* value) {
    const char* const argv[] = {"shop", "--count", value};
    return ParseCommandLine(app, 3, argv);
  };
  CHECK(parse("17").ok());
  CHECK(count == 17);
  for (const char* const wrong : {"-1", "+1", "1.5", "0x10", "99999999999999999999", "many"}) {
    INFO(wrong);
    CHECK(absl::IsInvalidArgument(parse(wrong).status()));
  }
}

TEST_CASE("without a command there is help, as when it is asked for") {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{}, {"events"}, {"--help"}, {"events", "--help"}, {"--version"}}) {
    CHECK_FALSE(*Shop().Parse(words));
  }
}

TEST_CASE("the program's name is its name, not its path") {
  Shop shop;
  CHECK_FALSE(*shop.Parse({"--help"}));
  CHECK(shop.app.help().find("Usage: shop ") != std::string::npos);
}

}  // namespace
}  // namespace souk::cli
