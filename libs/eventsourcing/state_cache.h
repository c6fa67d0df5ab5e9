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

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "libs/eventsourcing/aggregate.h"
#include "libs/eventsourcing/aggregate_type.h"

namespace souk {

// Tells when an aggregate is due for a snapshot: when there are enough events since the
// last one, and these have come to half its size. So a cart of two lines is folded from a
// few events, and a stock with ten thousand reservations does not write them all again and
// again. A function of the events alone, so that a rebuild makes the same snapshots.
class SnapshotAge {
 public:
  // Counts one more event. True when it is time for a snapshot: make one, and call Renew.
  bool Add(std::size_t event_bytes) {
    ++events_;
    bytes_ += event_bytes;
    return events_ >= kEventsMin && 2 * bytes_ >= snapshot_bytes_;
  }
  void Renew(std::size_t snapshot_bytes) {
    *this = SnapshotAge();
    snapshot_bytes_ = snapshot_bytes;
  }
  // Of the snapshot and the events since: about what the state has, once written out.
  std::size_t bytes() const { return snapshot_bytes_ + bytes_; }

 private:
  static constexpr std::uint64_t kEventsMin = 16;
  std::uint64_t events_ = 0;
  std::size_t bytes_ = 0;  // Of the events.
  std::size_t snapshot_bytes_ = 0;
};

struct CachedState {
  struct Event {
    std::uint64_t revision;
    std::string payload;
  };

  const AggregateType* type = nullptr;
  std::string id;
  // With all that was staged. Whoever has asked for a state shares it: see Own in ledger.cc.
  std::shared_ptr<google::protobuf::Message> state;
  std::uint64_t revision = 0;
  SnapshotAge snapshot_age;
  std::vector<IndexRow> rows;      // The index rows of the last finished unit.
  bool touched = false;            // Changed by the unit under way.
  std::vector<Event> uncommitted;  // Of finished units, and not known to be durable yet.
  Status damage;                   // Why the state cannot be used, should that be so.

  std::size_t counted_bytes = 0;  // Of the cache.

  // The state without what is uncommitted, once somebody has asked for it.
  std::shared_ptr<google::protobuf::Message> committed;
  std::uint64_t committed_revision = 0;
};

// Two generations: what was not used while one filled up is dropped, though not all at once,
// since to destroy ten thousand messages takes tens of milliseconds. Entries stay where they are
// until DropOld, and until they are durable. Not thread-safe.
class StateCache {
 public:
  // A generation is full when its states, written out, come to this, with kEntryBytes for each.
  // In memory they take about three times as much.
  explicit StateCache(std::size_t generation_bytes_max)
      : generation_bytes_max_(static_cast<std::int64_t>(generation_bytes_max)) {}

  StateCache(const StateCache&) = delete;

  // Null when it is not cached.
  CachedState* Find(std::string_view aggregate, std::string_view id) {
    const Key key{aggregate, id};
    if (const auto it = young_.find(key); it != young_.end()) return it->get();
    const auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    CachedState* const entry = young_.insert(old_.extract(it)).position->get();
    young_bytes_ += static_cast<std::int64_t>(entry->counted_bytes);
    return entry;
  }

  // Of an aggregate that is not cached.
  CachedState* Insert(std::unique_ptr<CachedState> entry) {
    CachedState* const inserted = young_.insert(std::move(entry)).first->get();
    Count(*inserted);
    DestroySome();
    return inserted;
  }

  // To be called when the state has changed, and may be larger now.
  void Count(CachedState& entry) {
    const std::size_t bytes = kEntryBytes + entry.snapshot_age.bytes();
    young_bytes_ += static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(entry.counted_bytes);
    entry.counted_bytes = bytes;
  }

  // Makes room, should there be too much: drops what can be folded again from the store.
  void DropOld() {
    if (young_bytes_ < generation_bytes_max_) return;
    Generation kept;
    for (auto it = old_.begin(); it != old_.end();) {
      const auto entry = it++;
      if (!(*entry)->uncommitted.empty()) kept.insert(old_.extract(entry));
    }
    young_bytes_ = 0;
    for (const auto& entry : kept) young_bytes_ += static_cast<std::int64_t>(entry->counted_bytes);
    dropped_ = std::exchange(old_, std::exchange(young_, std::move(kept)));
    next_dropped_ = dropped_.begin();
  }

 private:
  struct Key {
    std::string_view aggregate;
    std::string_view id;
    friend bool operator==(const Key&, const Key&) = default;
  };
  static Key KeyOf(const Key& key) { return key; }
  static Key KeyOf(const std::unique_ptr<CachedState>& entry) { return {entry->type->name(), entry->id}; }
  struct Hash {
    using is_transparent = void;
    template <typename T>
    std::size_t operator()(const T& entry) const {
      const Key key = KeyOf(entry);
      return absl::HashOf(key.aggregate, key.id);
    }
  };
  struct Same {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return KeyOf(a) == KeyOf(b);
    }
  };
  using Generation = absl::flat_hash_set<std::unique_ptr<CachedState>, Hash, Same>;

  // Two for each one that comes, so that all are gone before the next generation is full.
  void DestroySome() {
    for (int i = 0; i < 2 && next_dropped_ != dropped_.end(); ++i) dropped_.erase(next_dropped_++);
  }

  static constexpr std::size_t kEntryBytes = 512;  // Of the entry itself, its id and index rows.
  const std::int64_t generation_bytes_max_;
  Generation young_;
  std::int64_t young_bytes_ = 0;  // Roughly: an entry may have changed while it was old.
  Generation old_;
  Generation dropped_;  // To be destroyed, from next_dropped_ on.
  Generation::iterator next_dropped_ = dropped_.end();
};

}  // namespace souk
