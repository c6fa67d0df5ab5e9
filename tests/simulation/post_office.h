// The mail server and the mail boxes behind it: outside of Souk. It refuses, rejects, and
// takes a mail without saying so.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "services/notification/module.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class PostOffice {
 public:
  struct Delivered {
    std::string id;  // Of the notification.
    std::string template_name;
    std::string to_address;
    std::string message;
  };

  explicit PostOffice(Stage& stage) : stage_(stage) {}

  // The adaptor of one notification process: see services/notification/module.h.
  notification::OpenMailer Opener();

  // Every mail that came into a box, in order.
  const std::vector<Delivered>& mails() const { return mails_; }
  void Heal() { healed_ = true; }

 private:
  class Adaptor;

  Stage& stage_;
  std::vector<Delivered> mails_;
  std::string last_address_ = "nobody@example.com";
  bool healed_ = false;
};

}  // namespace souk::simulation
