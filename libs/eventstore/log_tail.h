// The last entries of a log, as stored: who follows it finds them here instead of in the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace souk {

class LogTail {
 public:
  // More than readers who follow are behind under full load: their reads do not show in its profile.
  static constexpr std::size_t kBytesMax = 512 * 1024;

  // Keeps at most so much, but always the last entry.
  explicit LogTail(std::size_t bytes_max = kBytesMax) : bytes_max_(bytes_max) {}

  // Adds the entries that end at position `head`, and drops the oldest beyond the bound.
  void Append(std::uint64_t head, std::vector<std::string> entries);

  // The entry at `position`, valid until the next Append; null when it is not here.
  const std::string* Find(std::uint64_t position) const {
    return position < begin_ || position > head() ? nullptr : &entries_[position - begin_];
  }
  // True when everything after `position` is here.
  bool Covers(std::uint64_t position) const { return !entries_.empty() && position + 1 >= begin_; }

 private:
  std::uint64_t head() const { return begin_ + entries_.size() - 1; }
  static std::size_t Cost(const std::string& entry) { return sizeof entry + entry.capacity(); }

  const std::size_t bytes_max_;
  std::uint64_t begin_ = 1;  // The position of the first.
  std::deque<std::string> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace souk
