// Runs modules as a process: opens their stores, serves them on one port, connects them
// to each other and to services elsewhere, and stops them in order.
#pragma once

#include <string_view>
#include <vector>

#include "libs/module/module.h"

namespace souk {

// The main of soukd and of every service. Exit codes: 0 stopped as asked, 1 something
// broke, 2 wrong usage or settings.
int RunHost(std::string_view program, int argc, char** argv, std::vector<ModuleFactory> modules);

}  // namespace souk
