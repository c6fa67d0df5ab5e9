#include "tools/soukctl/events/analyst_commands.h"

#include <memory>

#include "libs/cli/completion.h"
#include "tools/soukctl/events/replay_command.h"
#include "tools/soukctl/events/schema_command.h"
#include "tools/soukctl/events/show_command.h"
#include "tools/soukctl/export/event_source.h"
#include "tools/soukctl/export/export_command.h"

namespace souk::ctl {
namespace {

using Run = std::function<Status(Session&)>;

void AddSchema(CLI::App& events, Run& run) {
  CLI::App* const schema = events.add_subcommand("schema", "List public events, or write their schema");
  auto options = std::make_shared<SchemaOptions>();
  schema->add_option("type", options->type, "An event, such as OrderPlaced: list its fields");
  schema->add_option("--out", options->out, "Write the FileDescriptorSet to this file, - for stdout")
      ->type_name(cli::kFile);
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
  std::string kafka;                        // Brokers: HOST:PORT,...
  std::vector<std::string> kafka_settings;  // NAME=VALUE
};

void AddSource(CLI::App& command, SourceOptions& options) {
  command
      .add_option("--data", options.data_dir,
                  "From a data folder that no process holds, instead of the running store")
      ->type_name(cli::kFolder);
  CLI::Option* const kafka = command.add_option("--kafka", options.kafka,
                                                "From the topics of these brokers, HOST:PORT,..., instead");
  kafka->excludes("--data");
  command
      .add_option("--kafka-set", options.kafka_settings,
                  "A setting of librdkafka, such as security.protocol=SASL_SSL; several are fine")
      ->needs(kafka);
}

StatusOr<std::unique_ptr<EventSource>> OpenSource(const SourceOptions& options, Session& session) {
  if (!options.data_dir.empty()) return EventsOfFolder(options.data_dir);
  if (!options.kafka.empty()) {
    ASSIGN_OR_RETURN(kafka::ClientSettings settings,
                     kafka::ParseClientSettings("--kafka-set", options.kafka_settings));
    settings.emplace_back("bootstrap.servers", options.kafka);
    return EventsOfKafka(settings);
  }
  return ServedEvents(session);
}

void AddExport(CLI::App& events, Run& run) {
  CLI::App* const command =
      events.add_subcommand("export", "Write events to files: JSON Lines, CSV or Parquet");
  struct Options : SourceOptions, ExportOptions {};
  auto options = std::make_shared<Options>();
  AddSource(*command, *options);
  command->add_option("--format", options->format, "How to write them")
      ->check(CLI::IsMember({"jsonl", "csv", "parquet"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "File of JSON Lines, - for stdout; folder of the others")
      ->type_name(cli::kFile)
      ->capture_default_str();
  command->add_option("--type", options->types,
                      "Only events of this type, such as OrderPlaced; several are fine");
  command->add_option("--service", options->services, "Only this service's log; several are fine")
      ->type_name("SERVICE");
  command->add_option("--since", options->since, "Only what was recorded at this time or later");
  command->add_option("--until", options->until, "Only what was recorded before this time");
  command->add_option("--as-of", options->as_of, "The log as it was at this time or position, included");
  command->add_option("--after", options->after, "Only after this position; needs --service")
      ->check(cli::Count());
  command->add_option("--to", options->to, "Only up to this position, included; needs --service")
      ->check(cli::Count());
  command->add_flag("--stored", options->stored, "Events as stored, instead of public ones");
  command->add_flag("--resume", options->resume, "Go on with an export that is there, cut short or complete");
  command->add_flag("--force", options->force, "Begin anew where an export is");
  command->add_option("--schema", options->schema, "The FileDescriptorSet of a newer release")
      ->type_name(cli::kFile);
  command->callback([options, &run] {
    run = [options](Session& session) -> Status {
      ASSIGN_OR_RETURN(const auto source, OpenSource(*options, session));
      return ExportEvents(*source, *options);
    };
  });
}

void AddReplay(CLI::App& app, Run& run) {
  CLI::App* const command = app.add_subcommand("replay", "Answer questions from the events, in SQL");
  struct Options : SourceOptions, ReplayOptions {};
  auto options = std::make_shared<Options>();
  command->add_option("question", options->questions, "Names of questions, such as funnel")
      ->type_name("QUESTION");
  command->add_flag("--list", options->list, "Tell which questions there are");
  command->add_flag("--all", options->all, "Ask all of them");
  command->add_option("--sql", options->sql_files, "A file of SQL: views, and what to print of them")
      ->type_name(cli::kFile);
  command->add_option("--query", options->queries,
                      "SQL: each kind of event is a table, such as order_placed");
  command->add_option("--events", options->events, "Ask this export to Parquet, instead of making one")
      ->type_name(cli::kFolder);
  command->add_option("--as-of", options->as_of, "The log as it was at this time, included");
  command->add_option("--database", options->database, "Keep the tables and views in this DuckDB file")
      ->type_name(cli::kFile);
  command->add_option("--format", options->format, "How to print answers")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  AddSource(*command, *options);
  command->callback([options, &run] {
    run = [options](Session& session) {
      return Replay([&] { return OpenSource(*options, session); }, *options);
    };
  });
}

void AddShow(CLI::App& app, Run& run) {
  CLI::App* const command = app.add_subcommand("show", "Show an order, now or as it was");
  struct Options : SourceOptions, ShowOptions {};
  auto options = std::make_shared<Options>();
  command->add_option("order", options->id, "Its id, or the id of what --aggregate says")->required();
  command->add_option("--as-of", options->as_of, "As it was at this time or position of the log, included");
  command->add_option("--service", options->service, "Whose aggregate")
      ->type_name("SERVICE")
      ->capture_default_str();
  command->add_option("--aggregate", options->aggregate,
                      "Such as order_group; as the service unless told otherwise");
  AddSource(*command, *options);
  command->callback([options, &run] {
    run = [options](Session& session) -> Status {
      options->json = session.json();
      ASSIGN_OR_RETURN(const auto source, OpenSource(*options, session));
      return Show(*source, *options);
    };
  });
}

}  // namespace

void AddAnalystCommands(CLI::App& app, CLI::App& events, Run& run) {
  AddSchema(events, run);
  AddExport(events, run);
  AddReplay(app, run);
  AddShow(app, run);
}

}  // namespace souk::ctl
