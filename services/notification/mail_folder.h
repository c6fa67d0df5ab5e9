// A mailer for stores without a mail server: each mail becomes a file that any mail
// program opens, <folder>/<date>-<template>-<id>.eml. A file appears whole or not at all.
#pragma once

#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"
#include "services/notification/mailer.h"

namespace souk::notification {

class MailFolder final : public Mailer {
 public:
  // Makes the folder when there is none. Writes on `blocking`, continues on `home`; both
  // must outlive the object.
  static StatusOr<MailFolder> Open(std::string folder, Scheduler& blocking, Scheduler& home);

  Task<SendResult> Send(Mail mail) override;
  bool repeatable() const override { return true; }

  // The name of the file of `mail`, without the folder.
  static std::string FileName(const Mail& mail);

 private:
  MailFolder(std::string folder, Scheduler& blocking, Scheduler& home)
      : folder_(std::move(folder)), blocking_(blocking), home_(home) {}

  SendResult Write(const Mail& mail) const;

  const std::string folder_;
  Scheduler& blocking_;
  Scheduler& home_;
};

}  // namespace souk::notification
