#include "tools/soukctl/analyst_commands.h"

#include <memory>

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

}  // namespace

void AddAnalystCommands(CLI::App&, CLI::App& events, Run& run) { AddSchema(events, run); }

}  // namespace souk::ctl
