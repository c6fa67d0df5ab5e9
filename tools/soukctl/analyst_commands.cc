#include "tools/soukctl/analyst_commands.h"

#include <memory>

#include "tools/soukctl/event_source.h"
#include "tools/soukctl/export_command.h"
#include "tools/soukctl/schema_command.h"

namespace souk::ctl {
namespace {

using Run = std::function<Status(Session&)>;

void AddSchema(CLI::App& events, Run& run) {
  CLI::App* const schema = events.add_subcommand("schema", "List public events, or write their schema");
  auto options = std::make_shared<SchemaOptions>();
  schema->add_option("type", options->type, "An event, such as OrderPlaced: list its fields");
  schema->add_option("--out", options->out, "Write the FileDescriptorSet to this file, - for stdout");
  schema->callback([options, &run] {
    run = [options](Session& session) {
      options->json = session.json();
      return ShowSchema(*options);
    };
  });
}

// Where events come from: options that several commands have.
struct SourceOptions {
  std::string data_dir;
};

void AddSource(CLI::App& command, SourceOptions& options) {
  command.add_option("--data", options.data_dir,
                     "From a data folder that no process holds, instead of the running store");
}

StatusOr<std::unique_ptr<EventSource>> OpenSource(const SourceOptions& options, Session& session) {
  if (!options.data_dir.empty()) return EventsOfFolder(options.data_dir);
  return ServedEvents(session);
}

void AddExport(CLI::App& events, Run& run) {
  CLI::App* const command =
      events.add_subcommand("export", "Write events to files: JSON Lines, CSV or Parquet");
  struct Options : SourceOptions, ExportOptions {};
  auto options = std::make_shared<Options>();
  AddSource(*command, *options);
  command->add_option("--format", options->format, "jsonl, csv or parquet")->capture_default_str();
  command->add_option("--out", options->out, "File of JSON Lines, - for stdout; folder of the others")
      ->capture_default_str();
  command->add_option("--type", options->types,
                      "Only events of this type, such as OrderPlaced; several are fine");
  command->add_option("--service", options->services, "Only this service's log; several are fine");
  command->add_option("--since", options->since, "Only what was recorded at this time or later");
  command->add_option("--until", options->until, "Only what was recorded before this time");
  command->add_option("--as-of", options->as_of, "The log as it was at this time or position, included");
  command->add_option("--after", options->after, "Only after this position; needs --service");
  command->add_option("--to", options->to, "Only up to this position, included; needs --service");
  command->add_flag("--stored", options->stored, "Events as stored, instead of public ones");
  command->add_flag("--resume", options->resume, "Go on with an export that is there, cut short or complete");
  command->add_flag("--force", options->force, "Begin anew where an export is");
  command->add_option("--schema", options->schema, "The FileDescriptorSet of a newer release");
  command->callback([options, &run] {
    run = [options](Session& session) -> Status {
      ASSIGN_OR_RETURN(const auto source, OpenSource(*options, session));
      return ExportEvents(*source, *options);
    };
  });
}

}  // namespace

void AddAnalystCommands(CLI::App&, CLI::App& events, Run& run) {
  AddSchema(events, run);
  AddExport(events, run);
}

}  // namespace souk::ctl
