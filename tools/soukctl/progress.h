// One line that tells how far a long task is: on a terminal with a bar, and redrawn;
// otherwise printed at every tenth.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace souk::ctl {

class Progress {
 public:
  // `unit` is what is counted, such as "steps".
  Progress(std::string task, std::string unit, std::int64_t total);
  ~Progress();

  // `note` says where the task is, such as a date.
  void Update(std::int64_t done, const std::string& note = "");

 private:
  void Draw(std::int64_t done, const std::string& note);

  const std::string task_;
  const std::string unit_;
  const std::int64_t total_;
  const bool terminal_;
  const absl::Time start_;
  absl::Time drawn_ = absl::InfinitePast();
  int tenth_ = 0;
};

}  // namespace souk::ctl
