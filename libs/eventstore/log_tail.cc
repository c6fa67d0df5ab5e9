#include "libs/eventstore/log_tail.h"

#include <utility>

#include "libs/base/check.h"

namespace souk {

void LogTail::Append(std::uint64_t head_position, std::vector<std::string> entries) {
  if (entries.empty()) return;
  const std::uint64_t first = head_position - entries.size() + 1;
  if (entries_.empty()) begin_ = first;
  SOUK_CHECK(first == head() + 1, "entries of a log have no gap");
  for (std::string& entry : entries) {
    bytes_ += Cost(entry);
    entries_.push_back(std::move(entry));
  }
  for (; bytes_ > bytes_max_ && entries_.size() > 1; ++begin_) {
    bytes_ -= Cost(entries_.front());
    entries_.pop_front();
  }
}

}  // namespace souk
