// The order service, ready to be run by its own main or by soukd.
#pragma once

#include "libs/module/module.h"

namespace souk::order {

ModuleFactory OrderModule();

}  // namespace souk::order
