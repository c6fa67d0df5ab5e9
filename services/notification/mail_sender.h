// Sends notifications: the handler of the effect `send`. Gathers what the mail says,
// makes it, records that it is about to be sent, hands it over, records the outcome.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/eventsourcing/effect.h"
#include "libs/eventsourcing/engine.h"
#include "libs/module/module.h"
#include "services/notification/mail_text.h"
#include "services/notification/mailer.h"
#include "services/notification/mime.h"
#include "services/notification/notification.h"

namespace souk::notification {

class MailSender {
 public:
  struct Options {
    std::string store_name;
    Mailbox from;
  };

  // All references must outlive the object.
  MailSender(Engine& engine, Channels& channels, Mailer& mailer, Options options)
      : engine_(engine), channels_(channels), mailer_(mailer), options_(std::move(options)) {}

  Task<Status> Send(Effect effect);

 private:
  Task<Status> HandOver(Effect effect, Notification::Id id, Mailbox to, MailText text,
                        v1::NotificationFacts facts);
  // Nothing is sent, for what `command` says. Of an attempt that was cut short nobody knows
  // what became: that is then what is recorded.
  template <typename Command>
  Task<Status> Forgo(Effect effect, Notification::Id id, bool cut_short, Command command, std::string step);
  // Executes `command`. A notification that has meanwhile gone another way is no error.
  template <typename Command>
  Task<Status> Record(Effect effect, Notification::Id id, Command command, std::string step);

  Engine& engine_;
  Channels& channels_;
  Mailer& mailer_;
  const Options options_;
};

}  // namespace souk::notification
