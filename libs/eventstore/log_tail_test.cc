#include "libs/eventstore/log_tail.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace souk {
namespace {

// The entry at `position`, with the string's own costs of 100 bytes.
std::string EntryAt(std::uint64_t position) {
  std::string entry = std::to_string(position);
  entry.resize(100 - sizeof entry, '.');
  return entry;
}

std::vector<std::string> Entries(std::uint64_t first, std::uint64_t last) {
  std::vector<std::string> entries;
  for (std::uint64_t position = first; position <= last; ++position) entries.push_back(EntryAt(position));
  return entries;
}

// Holds exactly the entries from `first` to `last`.
void CheckHolds(const LogTail& tail, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t position = 0; position <= last + 3; ++position) {
    INFO(position);
    const std::string* const found = tail.Find(position);
    REQUIRE((found != nullptr) == (position >= first && position <= last));
    if (found != nullptr) CHECK(*found == EntryAt(position));
    CHECK(tail.Covers(position) == (position + 1 >= first));
  }
}

TEST_CASE("an empty tail knows nothing, not even that there is nothing more") {
  LogTail tail;
  tail.Append(0, {});
  for (std::uint64_t position = 0; position < 3; ++position) {
    CHECK(tail.Find(position) == nullptr);
    CHECK(!tail.Covers(position));
  }
}

TEST_CASE("a tail begins wherever the log goes on, and has no gap") {
  LogTail tail;
  tail.Append(9, Entries(7, 9));
  CheckHolds(tail, 7, 9);
  tail.Append(9, {});
  tail.Append(10, Entries(10, 10));
  tail.Append(12, Entries(11, 12));
  CheckHolds(tail, 7, 12);
}

TEST_CASE("beyond the bound the oldest entries go") {
  LogTail tail(1000);
  for (std::uint64_t position = 1; position <= 200; ++position) {
    tail.Append(position, Entries(position, position));
    CheckHolds(tail, position <= 10 ? 1 : position - 9, position);
  }
  tail.Append(250, Entries(201, 250));
  CheckHolds(tail, 241, 250);
}

TEST_CASE("the last entry stays, however large it is") {
  LogTail tail(1000);
  tail.Append(3, Entries(1, 3));
  tail.Append(4, {std::string(5000, 'x')});
  CHECK(tail.Find(3) == nullptr);
  REQUIRE(tail.Find(4) != nullptr);
  CHECK(tail.Find(4)->size() == 5000);
  tail.Append(6, Entries(5, 6));
  CheckHolds(tail, 5, 6);
}

}  // namespace
}  // namespace souk
