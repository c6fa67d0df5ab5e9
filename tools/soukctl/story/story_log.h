// Prints a story step by step, each with the public events that it caused.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

class StoryLog {
 public:
  // Both must outlive it.
  StoryLog(StoreClient& store, std::ostream& out, std::string mail_dir)
      : store_(store), out_(out), mail_dir_(std::move(mail_dir)) {}

  // Begins where the logs stand now.
  Status Begin();
  void Chapter(std::string_view title);
  void Say(const std::string& text);
  // Waits until everything that follows from the last words is done, and prints the events
  // and mails since the last call.
  Status PrintEvents();

 private:
  void PrintMails();

  void PrintList(const std::string& service, const std::vector<std::pair<std::string, std::string>>& events);

  StoreClient& store_;
  std::ostream& out_;
  const std::string mail_dir_;
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> positions_;
  std::set<std::string> mails_;
  int chapter_ = 0;
};

}  // namespace souk::ctl
