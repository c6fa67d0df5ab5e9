// Where mails go. Implementations: smtp_mailer.h (a mail server), mail_folder.h (files).
// One contract, one test suite: mailer_test.cc.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "libs/base/task.h"

namespace souk::notification {

// A mail that is ready to go.
struct Mail {
  std::string id;             // Of the notification.
  std::string template_name;  // "order_dispatched"
  absl::Time date;            // The same in every attempt that repeats another after a crash.
  std::string from_address;
  std::string to_address;
  std::string message;  // From Compose, see mime.h.
};

struct SendResult {
  enum class Outcome {
    kSent,      // Whoever is responsible for it now has it.
    kRejected,  // It will never be accepted.
    kFailed,    // It was not accepted now.
    kUnknown,   // It was handed over, and the answer did not come.
  };
  Outcome outcome = Outcome::kFailed;
  std::string detail;  // Why, without personal data; empty when it was sent.
};

class Mailer {
 public:
  virtual ~Mailer() = default;

  // Hands `mail` over. Continues on the service's scheduler.
  virtual Task<SendResult> Send(Mail mail) = 0;

  // True when sending a mail of the same id and date again replaces the first one, so
  // that an attempt that a crash cut short may be repeated.
  virtual bool repeatable() const = 0;
};

}  // namespace souk::notification
