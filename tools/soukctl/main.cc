// soukctl: looks at a store, and drives it, through the same gRPC API that frontends use.
//
// Exit codes: 0 done, 1 the store refused or something broke, 2 wrong usage, 3 the store
// cannot be reached, 4 damage was found.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/cli/command_line.h"
#include "libs/cli/completion.h"
#include "tools/soukctl/events/event_commands.h"
#include "tools/soukctl/events/replay_command.h"
#include "tools/soukctl/olist/import_olist.h"
#include "tools/soukctl/operate/backup_commands.h"
#include "tools/soukctl/operate/dead_letter_commands.h"
#include "tools/soukctl/operate/restore_command.h"
#include "tools/soukctl/operate/store_commands.h"
#include "tools/soukctl/operate/topic_commands.h"
#include "tools/soukctl/session.h"
#include "tools/soukctl/story/demo.h"

namespace souk::ctl {
namespace {

int ExitCode(const Status& status) {
  if (status.ok()) return 0;
  if (absl::IsUnavailable(status)) return 3;
  return absl::IsDataLoss(status) ? 4 : 1;
}

// What the words of the command line mean.
struct CommandLine {
  SessionOptions session;
  ImportOptions import;
  DemoOptions demo;
  std::string shell;
  std::string retry_for = "0s";
  std::function<Status(Session&)> run;
};

void AddPrograms(CLI::App& app, CommandLine& line) {
  CLI::App* const demo = app.add_subcommand("demo", "Play the story of a small shop, step by step");
  demo->add_option("--shop", line.demo.shop,
                   "Folder with shop.json and pictures; that of the release by default")
      ->type_name(cli::kFolder);
  demo->add_option("--mails", line.demo.mail_dir, "Where the store writes its mails, to show them")
      ->type_name(cli::kFolder);
  demo->callback([&line] { line.run = [&line](Session& session) { return PlayDemo(session, line.demo); }; });
  CLI::App* const import =
      app.add_subcommand("import", "Drive the store with recorded orders")->require_subcommand(1);
  CLI::App* const olist = import->add_subcommand("olist", "The public dataset of the marketplace Olist");
  olist->add_option("folder", line.import.folder, "Folder with orders.csv.gz and the other files")
      ->type_name(cli::kFolder)
      ->required();
  olist->add_option("--report", line.import.report, "Where to write the report; otherwise it is printed")
      ->type_name(cli::kFile);
  olist->callback(
      [&line] { line.run = [&line](Session& session) { return ImportOlist(session, line.import); }; });
  CLI::App* const completion = app.add_subcommand("completion", "Print a completion script for your shell");
  completion->footer(
      "For this session:  source <(soukctl completion bash)  or zsh;  soukctl completion fish | source\n"
      "For all: add that line to ~/.bashrc, ~/.zshrc behind compinit, or ~/.config/fish/config.fish\n");
  completion->add_option("shell", line.shell, "Which")
      ->check(CLI::IsMember(cli::CompletionShells()))
      ->required();
  completion->callback([&line] {
    line.run = [&line](Session&) -> Status {
      ASSIGN_OR_RETURN(const std::string script, cli::CompletionScript("soukctl", line.shell));
      std::fputs(script.c_str(), stdout);
      return OkStatus();
    };
  });
}

// What options and arguments of these types may be.
cli::ValuesOfType WordsToComplete() {
  return {{"SERVICE", {"cart", "catalog", "notification", "order", "payment", "shipping"}},
          {"QUESTION", AllQuestions().value_or(std::vector<std::string>())}};
}

int Main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Looks at a store, and drives it, through its gRPC API.", "soukctl");
  app.set_version_flag("--version", "soukctl " SOUK_VERSION);
  app.add_option("--address", line.session.address,
                 "HOST:PORT of the store; service=HOST:PORT,... when each service is a process")
      ->envname("SOUK_ADDRESS")
      ->capture_default_str();
  app.add_flag("--json", line.session.json, "Output for programs");
  app.add_option("--retry-for", line.retry_for,
                 "How long to go on trying while the store cannot be reached, such as 60s")
      ->capture_default_str();
  app.require_subcommand(1);
  app.fallthrough();
  AddStoreCommands(app, line.run);
  AddEventCommands(app, line.run);
  AddTopicCommands(app, line.run);
  AddDeadLetterCommands(app, line.run);
  AddBackupCommands(app, line.run);
  AddRestoreCommand(app, line.run);
  AddPrograms(app, line);
  if (argc > 1 && argv[1] == cli::kCompleteWord) {
    const std::vector<std::string> words(argv + 2, argv + argc);
    std::fputs(cli::Complete(app, words, WordsToComplete()).c_str(), stdout);
    return cli::ExitAfterOutput(0);
  }
  if (const std::optional<int> code = cli::ParseOrExit(app, argc, argv); code.has_value()) return *code;
  if (!absl::ParseDuration(line.retry_for, &line.session.retry_for)) {
    std::fprintf(stderr, "error: --retry-for: \"%s\" is no duration; say 60s or 5m\n",
                 line.retry_for.c_str());
    return 2;
  }
  StatusOr<Addresses> addresses = ParseAddresses(line.session.address);
  if (!addresses.ok()) {
    std::fprintf(stderr, "error: %s\n", std::string(addresses.status().message()).c_str());
    return 2;
  }
  Session session(line.session, *std::move(addresses));
  const Status status = line.run(session);
  if (!status.ok()) std::fprintf(stderr, "error: %s\n", Explain(status, session.address()).c_str());
  return cli::ExitAfterOutput(ExitCode(status));
}

}  // namespace
}  // namespace souk::ctl

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // Its troubles come back as statuses.
  return souk::ctl::Main(argc, argv);
}
