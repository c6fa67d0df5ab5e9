#pragma once

#include <functional>
#include <memory>

#include "libs/module/module.h"
#include "services/notification/mailer.h"

namespace souk::notification {

// Where mails go.
using OpenMailer = std::function<StatusOr<std::unique_ptr<Mailer>>(const ModuleContext&)>;

// The notification service, ready to be run. By default mails go where the settings say:
// to a mail server, or into a folder.
ModuleFactory NotificationModule(OpenMailer open_mailer = nullptr);

}  // namespace souk::notification
