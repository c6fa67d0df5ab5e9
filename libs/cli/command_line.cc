#include "libs/cli/command_line.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/suggestion.h"

namespace souk::cli {
namespace {

// The last command that was understood.
const CLI::App& Innermost(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return *command;
}

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// The options that may follow a command: its own, and those of the commands around it.
std::vector<std::string> OptionNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* const option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

// What is wrong with a word that nobody took.
Status UnknownWord(const CLI::App& command, const std::string& word) {
  const std::string name = FullName(command);
  const std::string help = absl::StrCat(" (", name, " --help lists them)");
  if (word.starts_with("-")) {
    const std::string option = word.substr(0, word.find('='));
    return InvalidArgument("%s has no option %s%s%s", name, option, Suggestion(option, OptionNames(command)),
                           help);
  }
  std::vector<std::string> commands;
  for (const CLI::App* const subcommand : CommandsOf(command)) commands.push_back(subcommand->get_name());
  if (commands.empty()) {
    return InvalidArgument("%s takes no further \"%s\"; see %s --help", name, word, name);
  }
  return InvalidArgument("%s has no command \"%s\"%s%s", name, word, Suggestion(word, commands), help);
}

}  // namespace

std::string FullName(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return parent == nullptr ? command.get_name() : FullName(*parent) + " " + command.get_name();
}

StatusOr<bool> ParseCommandLine(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::Success& done) {
    app.exit(done);
    return false;
  } catch (const CLI::ParseError& error) {
    const CLI::App& command = Innermost(app);
    const std::vector<std::string> rest = app.remaining(/*recurse=*/true);
    if (!rest.empty()) return UnknownWord(command, rest.front());
    const bool lacks_command = command.get_require_subcommand_min() > 0;
    if (lacks_command && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      std::fputs(app.help().c_str(), stdout);
      return false;
    }
    return InvalidArgument("%s; see %s --help", error.what(), FullName(command));
  }
}

const CLI::Validator& Count() {
  static const CLI::Validator count(
      [](const std::string& text) {
        constexpr std::size_t kDigitsMax = 18;
        const bool digits =
            std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
        return digits && text.size() <= kDigitsMax ? "" : "\"" + text + "\" is no whole number from 0 on";
      },
      "");
  return count;
}

int ExitAfterOutput(int code) {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good()) return code;
  std::fprintf(stderr, "error: cannot write the output: %s\n", std::strerror(errno == 0 ? EIO : errno));
  return code == 0 ? 1 : code;
}

std::optional<int> ParseOrExit(CLI::App& app, int argc, const char* const* argv) {
  const StatusOr<bool> parsed = ParseCommandLine(app, argc, argv);
  if (parsed.ok()) return *parsed ? std::nullopt : std::optional(ExitAfterOutput(0));
  std::fprintf(stderr, "error: %s\n", std::string(parsed.status().message()).c_str());
  return 2;
}

}  // namespace souk::cli
