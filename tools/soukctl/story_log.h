// Prints a story step by step, each with the public events that it caused.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

class StoryLog {
 public:
  StoryLog(Session& session, std::string mail_dir) : session_(session), mail_dir_(std::move(mail_dir)) {}

  // Begins where the logs stand now.
  Status Begin();
  void Chapter(std::string_view title);
  void Say(const std::string& text);
  // Waits until everything that follows from the last words is done, and prints the events
  // and mails since the last call.
  Status PrintEvents();

 private:
  void PrintMails();

  Session& session_;
  const std::string mail_dir_;
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> positions_;
  std::set<std::string> mails_;
  int chapter_ = 0;
};

}  // namespace souk::ctl
