// soukctl events tail|stream, and journey.
#pragma once

#include <functional>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds them, and those for analysts. Parsing one of them sets `run`, which must outlive `app`.
void AddEventCommands(CLI::App& app, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
