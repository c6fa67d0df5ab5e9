// A mailer that talks to a mail server (RFC 5321), with STARTTLS where the server has it.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"
#include "services/notification/mailer.h"

namespace souk::notification {

struct SmtpOptions {
  std::string url;       // "smtp://mail.example:587", or "smtps://" for TLS from the start.
  std::string user;      // Empty: no authentication.
  std::string password;  // Not sent without TLS, except to this machine.
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(30);  // Of the whole conversation.
};

// INVALID_ARGUMENT unless it is a URL of the form above.
Status CheckSmtpUrl(std::string_view url);

class SmtpMailer final : public Mailer {
 public:
  // Talks on `blocking`, continues on `home`; both must outlive the object.
  SmtpMailer(SmtpOptions options, Scheduler& blocking, Scheduler& home)
      : options_(std::move(options)), blocking_(blocking), home_(home) {}

  Task<SendResult> Send(Mail mail) override;
  bool repeatable() const override { return false; }

 private:
  SendResult Talk(const Mail& mail) const;

  const SmtpOptions options_;
  Scheduler& blocking_;
  Scheduler& home_;
};

}  // namespace souk::notification
