// soukctl dead-letters list|show|retry|skip.
#pragma once

#include <functional>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds the command `dead-letters`; sets `run` to what was asked for.
void AddDeadLetterCommands(CLI::App& app, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
