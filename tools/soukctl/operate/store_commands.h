// soukctl status|verify|hash|rebuild|erase|time: the store as a whole.
#pragma once

#include <functional>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds them. Parsing one of them sets `run`, which must outlive `app`.
void AddStoreCommands(CLI::App& app, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
