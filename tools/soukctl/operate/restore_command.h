// soukctl restore: a lost data folder, made again from a backup or from Kafka.
#pragma once

#include <functional>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

void AddRestoreCommand(CLI::App& app, std::function<Status(Session&)>& run);

}  // namespace souk::ctl
