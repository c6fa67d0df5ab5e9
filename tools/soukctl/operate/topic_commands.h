// soukctl topics create|plan.
#pragma once

#include <functional>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds the command `topics`; sets `run` to what was asked for.
void AddTopicCommands(CLI::App& app, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
