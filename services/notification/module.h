#pragma once

#include "libs/module/module.h"

namespace souk::notification {

// The notification service, ready to be run.
ModuleFactory NotificationModule();

}  // namespace souk::notification
