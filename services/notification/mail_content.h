// Asks the other services for what a mail says: names, addresses, notes, parcels. They
// are asked when the mail is made, and never stored here.
#pragma once

#include <string>
#include <variant>

#include "libs/base/task.h"
#include "libs/module/module.h"
#include "services/notification/mail_text.h"
#include "services/notification/mime.h"
#include "souk/notification/v1/notification_events.pb.h"

namespace souk::notification {

struct Letter {
  Mailbox to;
  MailContent content;
};

// The letter, or why none is needed any more. Errors: transient ones of the services that
// were asked; anything else means that it cannot be made.
Task<StatusOr<std::variant<Letter, v1::SuppressReason>>> GatherLetter(Channels* channels,
                                                                      std::string store_name,
                                                                      v1::NotificationFacts facts);

}  // namespace souk::notification
