// Notes of keys that were made or destroyed, in the store, for who keeps a copy of them
// elsewhere. A note is written with what it tells of, and forgotten when the copy has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/storage/store.h"

namespace souk {

struct KeyChange {
  std::uint64_t number = 0;  // Grows.
  std::string subject;
};

// Adds notes. Not thread-safe.
class KeyChangeNotes {
 public:
  // Goes on after the notes that are in `store`.
  explicit KeyChangeNotes(const Store& store);
  Status Add(std::string_view subject, Batch& batch);

 private:
  std::uint64_t last_ = 0;
  Status readable_;
};

// Notes after that number, oldest first.
StatusOr<std::vector<KeyChange>> ReadKeyChanges(const Store& store, std::uint64_t after, std::size_t max);
void ForgetKeyChange(std::uint64_t number, Batch& batch);

}  // namespace souk
