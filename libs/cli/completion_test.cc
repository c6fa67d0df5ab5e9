#include "libs/cli/completion.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace souk::cli {
namespace {

// What may follow, when the words are these; the last one is unfinished.
std::string After(const std::vector<std::string>& words) {
  CLI::App app{"Sells.", "shop"};
  std::string text;
  std::vector<std::string> names;
  bool json = false;
  app.add_option("--address", text, "Where it is");
  app.add_flag("--json", json, "For programs");
  app.add_subcommand("status", "Show what goes on");
  CLI::App* const events = app.add_subcommand("events", "Read events");
  CLI::App* const tail = events->add_subcommand("tail", "List events");
  tail->add_option("--format", text, "How")->check(CLI::IsMember({"csv", "json"}));
  tail->add_option("--out", text, "Where to")->type_name(kFile);
  tail->add_option("--hidden", text)->group("");
  tail->add_option("service", text)->type_name("SERVICE");
  CLI::App* const verify = app.add_subcommand("verify", "Walk");
  verify->add_option("folder", names, "Which")->type_name(kFolder);
  return Complete(app, words, {{"SERVICE", {"cart", "catalog", "order"}}});
}

TEST_CASE("commands are told with their help") {
  CHECK(After({""}) == "status\tShow what goes on\nevents\tRead events\nverify\tWalk\n:nothing\n");
  CHECK(After({"st"}) == "status\tShow what goes on\n:nothing\n");
  CHECK(After({"events", ""}) == "tail\tList events\n:nothing\n");
  CHECK(After({"stall"}) == ":nothing\n");
  CHECK(After({"stall", ""}) == ":nothing\n");
}

TEST_CASE("options are a command's own and those of the commands around it, but not the hidden ones") {
  CHECK(After({"events", "tail", "--"}) ==
        "--help\tPrint this help message and exit\n--format\tHow\n--out\tWhere to\n--address\tWhere it "
        "is\n--json\tFor programs\n:nothing\n");
  CHECK(After({"--js"}) == "--json\tFor programs\n:nothing\n");
}

TEST_CASE("an option's value is one of its choices, or a path, or anything") {
  CHECK(After({"events", "tail", "--format", ""}) == "csv\t\njson\t\n:nothing\n");
  CHECK(After({"events", "tail", "--format=j"}) == "--format=json\t\n:nothing\n");
  CHECK(After({"events", "tail", "--out", "x"}) == ":files\n");
  CHECK(After({"events", "tail", "--out="}) == ":files\n");
  CHECK(After({"--address", ""}) == ":nothing\n");
}

TEST_CASE("an argument's value is known by its type, wherever options stand") {
  CHECK(After({"events", "tail", "ca"}) == "cart\t\ncatalog\t\n:nothing\n");
  CHECK(After({"--json", "events", "--address", "here:1", "tail", "--format=csv", "o"}) ==
        "order\t\n:nothing\n");
  CHECK(After({"events", "tail", "order", ""}) == ":nothing\n");
  CHECK(After({"verify", ""}) == ":folders\n");
  CHECK(After({"verify", "a", "b"}) == ":folders\n");
}

TEST_CASE("each shell has a script, and another shell is told which have") {
  for (const std::string& shell : CompletionShells()) {
    const std::string script = CompletionScript("shop", shell).value();
    CHECK(script.find("__complete") != std::string::npos);
    CHECK(script.find("PROGRAM") == std::string::npos);
  }
  CHECK(CompletionScript("shop", "bsh").status().message() ==
        "there is no completion for \"bsh\"; did you mean bash?");
}

}  // namespace
}  // namespace souk::cli
