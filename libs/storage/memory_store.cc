#include "libs/storage/memory_store.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace souk {

StatusOr<std::optional<std::string>> MemoryStore::Get(ColumnFamily family, std::string_view key) const {
  MutexLock lock(mutex_);
  const Rows& rows = families_[static_cast<std::size_t>(family)];
  const auto it = rows.find(key);
  if (it == rows.end()) return std::optional<std::string>();
  return std::optional<std::string>(it->second);
}

Status MemoryStore::Scan(ColumnFamily family, const KeyRange& range, Direction direction,
                         absl::FunctionRef<bool(std::string_view, std::string_view)> row) const {
  std::vector<std::pair<std::string, std::string>> found;
  {
    MutexLock lock(mutex_);
    const Rows& rows = families_[static_cast<std::size_t>(family)];
    for (auto it = rows.lower_bound(range.start); it != rows.end(); ++it) {
      if (!range.end.empty() && it->first >= range.end) break;
      found.emplace_back(*it);
    }
  }
  if (direction == Direction::kBackward) std::reverse(found.begin(), found.end());
  for (const auto& [key, value] : found) {
    if (!row(key, value)) break;
  }
  return OkStatus();
}

Task<Status> MemoryStore::Write(Batch batch, Durability) {
  MutexLock lock(mutex_);
  for (const Batch::Entry& entry : batch) {
    Rows& rows = families_[static_cast<std::size_t>(entry.family)];
    if (entry.value.has_value()) {
      rows.insert_or_assign(std::string(entry.key), std::string(*entry.value));
    } else {
      rows.erase(std::string(entry.key));
    }
  }
  co_return OkStatus();
}

}  // namespace souk
