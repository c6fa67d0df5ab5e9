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
#include "tools/soukctl/analyst_commands.h"
#include "tools/soukctl/backup_commands.h"
#include "tools/soukctl/commands.h"
#include "tools/soukctl/dead_letter_commands.h"
#include "tools/soukctl/demo.h"
#include "tools/soukctl/import_olist.h"
#include "tools/soukctl/replay_command.h"
#include "tools/soukctl/restore_command.h"
#include "tools/soukctl/session.h"
#include "tools/soukctl/topic_commands.h"

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
  EventsOptions events;
  ImportOptions import;
  DemoOptions demo;
  BackupOptions backup;
  std::string order_id, data_dir, target, service, aggregate, id, shell;
  std::string retry_for = "0s";
  std::function<Status(Session&)> run;
};

void AddEvents(CLI::App& app, CommandLine& line) {
  CLI::App* const events = app.add_subcommand("events", "Read event logs")->require_subcommand(1);
  CLI::App* const tail = events->add_subcommand("tail", "List events in order, one line each");
  tail->add_option("--service", line.events.service, "Only this service's log, such as order")
      ->type_name("SERVICE");
  tail->add_option("--type", line.events.type, "Only events of this type");
  tail->add_option("--aggregate", line.events.aggregate, "Only of this kind of thing, such as order");
  tail->add_option("--id", line.events.aggregate_id, "Only of the thing of this id");
  tail->add_option("--after", line.events.after, "Only after this position");
  tail->add_flag("--stored", line.events.stored, "As stored, instead of as public events");
  tail->add_flag("--follow", line.events.follow, "Go on as events happen; needs --service");
  tail->callback(
      [&line] { line.run = [&line](Session& session) { return ListEvents(session, line.events); }; });
  CLI::App* const stream = events->add_subcommand("stream", "Show the whole history of one thing");
  stream->add_option("service", line.service, "Such as order")->type_name("SERVICE")->required();
  stream->add_option("aggregate", line.aggregate, "Such as order")->required();
  stream->add_option("id", line.id, "Which one")->required();
  stream->callback([&line] {
    line.run = [&line](Session& session) {
      return ShowStream(session, line.service, line.aggregate, line.id);
    };
  });
  AddAnalystCommands(app, *events, line.run);
}

void AddStoreCommands(CLI::App& app, CommandLine& line) {
  app.add_subcommand("status", "Show logs, feeds and pending effects of every service")->callback([&line] {
    line.run = ShowStatus;
  });
  CLI::App* const journey = app.add_subcommand("journey", "Tell the story of an order");
  journey->add_option("order", line.order_id, "Its id")->required();
  journey->callback(
      [&line] { line.run = [&line](Session& session) { return ShowJourney(session, line.order_id); }; });
  CLI::App* const verify = app.add_subcommand("verify", "Walk the hash chains of all logs");
  verify
      ->add_option("--data", line.data_dir,
                   "A data folder that no process holds, instead of the running store")
      ->type_name(cli::kFolder);
  verify->callback([&line] {
    line.run = [&line](Session& session) {
      return line.data_dir.empty() ? Verify(session) : VerifyFolder(line.data_dir, session.json());
    };
  });
  app.add_subcommand("hash", "Print a digest of all that is derived from the logs")->callback([&line] {
    line.run = ShowStateHash;
  });
  CLI::App* const rebuild = app.add_subcommand("rebuild", "Make everything anew from the logs, and compare");
  rebuild->add_option("--data", line.data_dir, "The data folder; no process may hold it")
      ->type_name(cli::kFolder)
      ->required();
  rebuild->callback([&line] { line.run = [&line](Session&) { return RebuildFolder(line.data_dir); }; });
  CLI::App* const time = app.add_subcommand("time", "Show or move the store's clock")->require_subcommand(1);
  time->add_subcommand("show", "Show the time and the next timer")->callback([&line] {
    line.run = ShowTime;
  });
  CLI::App* const advance =
      time->add_subcommand("advance", "Move a manual clock forward, firing timers on the way");
  advance
      ->add_option("to", line.target,
                   "+3d, +2h, 2017-02-01, 2017-02-01T12:00:00Z, or idle: to the last timer")
      ->required();
  advance->callback(
      [&line] { line.run = [&line](Session& session) { return AdvanceTime(session, line.target); }; });
}

void AddBackup(CLI::App& app, CommandLine& line) {
  CLI::App* const backup =
      app.add_subcommand("backup", "Back up a running store, and restore")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* const command = backup->add_subcommand(name, help);
    command->add_option("folder", line.backup.folder, "The folder of the backups")
        ->type_name(cli::kFolder)
        ->required();
    return command;
  };
  const auto choose = [&](CLI::App* command) {
    command->add_option("--backup", line.backup.backup, "Its number; the last by default");
  };
  CLI::App* const create = add("create", "Take a backup while the store serves; the store writes the folder");
  create->add_option("--keep", line.backup.keep, "Delete the oldest but this many; keeps all by default");
  create->callback(
      [&line] { line.run = [&line](Session& session) { return CreateBackup(session, line.backup); }; });
  add("list", "List the backups of a folder")->callback([&line] {
    line.run = [&line](Session& session) { return ListBackups(line.backup, session.json()); };
  });
  CLI::App* const verify = add("verify", "Read all of a backup and compare it with its checksums");
  choose(verify);
  verify->callback([&line] {
    line.run = [&line](Session& session) { return VerifyBackup(line.backup, session.json()); };
  });
  CLI::App* const restore = add("restore", "Make a data folder from a backup; no store needs to run");
  choose(restore);
  restore->add_option("--data", line.backup.data_dir, "The data folder to make; empty, or missing")
      ->type_name(cli::kFolder)
      ->required();
  restore->add_option("--master-key", line.backup.master_key, "The master.key file to put into it")
      ->type_name(cli::kFile);
  restore->callback([&line] {
    line.run = [&line](Session& session) { return RestoreBackup(line.backup, session.json()); };
  });
}

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
  AddStoreCommands(app, line);
  AddEvents(app, line);
  AddTopicCommands(app, line.run);
  AddDeadLetterCommands(app, line.run);
  AddBackup(app, line);
  AddRestoreCommand(app, line.run);
  AddPrograms(app, line);
  if (argc > 1 && argv[1] == cli::kCompleteWord) {
    const std::vector<std::string> words(argv + 2, argv + argc);
    std::fputs(cli::Complete(app, words, WordsToComplete()).c_str(), stdout);
    return 0;
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
  return ExitCode(status);
}

}  // namespace
}  // namespace souk::ctl

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // Its troubles come back as statuses.
  return souk::ctl::Main(argc, argv);
}
