// Folded states of aggregates, kept in memory by the writer of a partition.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/eventsourcing/aggregate.h"
#include "libs/eventsourcing/aggregate_type.h"

namespace souk {

struct CachedState {
  const AggregateType* type = nullptr;
  std::string id;
  std::unique_ptr<google::protobuf::Message> state;
  std::uint64_t revision = 0;
  std::vector<IndexRow> rows;  // The index rows of the last finished unit.
  bool touched = false;        // Changed by the unit under way.
};

// Two generations: what was not used while one filled up is dropped. Entries stay where
// they are until DropOld. Not thread-safe.
class StateCache {
 public:
  explicit StateCache(std::size_t generation_size_max) : generation_size_max_(generation_size_max) {}

  // Null when it is not cached.
  CachedState* Find(const std::string& key) {
    if (const auto it = young_.find(key); it != young_.end()) return it->second.get();
    const auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    CachedState* const entry = it->second.get();
    young_.emplace(key, std::move(it->second));
    old_.erase(it);
    return entry;
  }

  CachedState* Insert(const std::string& key, std::unique_ptr<CachedState> entry) {
    return young_.insert_or_assign(key, std::move(entry)).first->second.get();
  }

  void Erase(const std::string& key) {
    young_.erase(key);
    old_.erase(key);
  }

  // Makes room. Call only when every entry can be folded again from the store.
  void DropOld() {
    if (young_.size() < generation_size_max_) return;
    old_ = std::exchange(young_, {});
  }

 private:
  using Generation = absl::flat_hash_map<std::string, std::unique_ptr<CachedState>>;
  const std::size_t generation_size_max_;
  Generation young_;
  Generation old_;
};

}  // namespace souk
