// The commands for analysts: events schema, events export, replay, show.
#pragma once

#include <functional>

#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds them to `app` and to its subcommand `events`. Parsing one of them sets `run`, which
// must outlive `app`.
void AddAnalystCommands(CLI::App& app, CLI::App& events, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
