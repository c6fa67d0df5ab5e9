// What the engine needs of a database: an ordered map of bytes per column family, and
// batches that take effect together or not at all. Implementations: rocks_store.h (the
// real one), memory_store.h (tests); store_contract_test.cc holds both to this text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "libs/base/status.h"
#include "libs/base/task.h"

namespace souk {

// What is kept apart; see docs/ARCHITECTURE.md for keys and values. Stored by name:
// renaming one is a change of format.
enum class ColumnFamily : std::uint8_t {
  kLog,        // Event records: the truth.
  kStreams,    // Which positions an aggregate's events have.
  kSnapshots,  // Folded states: a cache.
  kViews,      // Read-model rows.
  kRequests,   // Requests that took effect.
  kEffects,    // Effects and timers that wait.
  kMeta,       // Format version, checkpoints, incarnation.
  kKeys,       // Keys of personal data.
};
inline constexpr ColumnFamily kColumnFamilies[] = {
    ColumnFamily::kLog,      ColumnFamily::kStreams, ColumnFamily::kSnapshots, ColumnFamily::kViews,
    ColumnFamily::kRequests, ColumnFamily::kEffects, ColumnFamily::kMeta,      ColumnFamily::kKeys};

// "log", "streams", ...
const char* NameOf(ColumnFamily family);

// Puts and deletes, applied in order: a later one of the same key wins. Kept as one string
// of bytes, for most batches have many small rows.
class Batch {
 public:
  struct Entry {
    ColumnFamily family;
    std::string_view key;
    std::optional<std::string_view> value;  // Nothing: delete.
  };

  void Put(ColumnFamily family, std::string_view key, std::string_view value) {
    AddHeader(family, /*put=*/true, key.size(), value.size());
    bytes_.append(key);
    bytes_.append(value);
  }
  void Delete(ColumnFamily family, std::string_view key) {
    AddHeader(family, /*put=*/false, key.size(), 0);
    bytes_.append(key);
  }
  // All of `other`, behind what is here.
  void Append(const Batch& other) {
    bytes_.append(other.bytes_);
    size_ += other.size_;
  }

  // Those that `wanted` is true for.
  Batch Only(absl::FunctionRef<bool(const Entry&)> wanted) const;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }  // Puts and deletes.
  std::size_t byte_size() const { return bytes_.size(); }
  // Makes room for as much as a batch of this `byte_size` has.
  void Reserve(std::size_t byte_size) { bytes_.reserve(byte_size); }

  // `for (const Batch::Entry& entry : batch)`. Entries are views into the batch.
  class Iterator {
   public:
    explicit Iterator(std::string_view rest) : rest_(rest) {}
    Entry operator*() const;
    Iterator& operator++();
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_.size() == b.rest_.size(); }

   private:
    std::string_view rest_;
  };
  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator(std::string_view()); }

 private:
  void AddHeader(ColumnFamily family, bool put, std::size_t key_size, std::size_t value_size);

  std::string bytes_;
  std::size_t size_ = 0;
};

// Keys from `start` on and before `end`. An empty `end` is no bound.
struct KeyRange {
  std::string start;
  std::string end;

  // All keys that begin with `prefix`.
  static KeyRange WithPrefix(std::string_view prefix);
};

enum class Direction { kForward, kBackward };

enum class Durability {
  kSynced,    // Done when it survives a power failure.
  kBuffered,  // Done when readers see it; a crash may take it and what follows, never what precedes.
};

// One thread writes, and may begin a write before the one before it is done: they take
// effect in the order in which they were begun. Any number of readers, on any thread, who
// see completed writes.
class Store {
 public:
  virtual ~Store() = default;

  // Nothing when there is no such key. DATA_LOSS when the file is damaged.
  virtual StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const = 0;

  // Calls `row` for the keys of `range` in order, or in reverse, until it returns false.
  // Sees one moment: writes that complete meanwhile are not seen.
  virtual Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
                      absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const = 0;

  // After an error nobody knows what was stored: the process must end and recover.
  virtual Task<Status> Write(Batch batch, Durability durability) = 0;

  // OK while writes are possible; after an error, what it was. Also tells of errors that no
  // write has met yet, such as those of background work. Thread-safe.
  virtual Status Health() const { return OkStatus(); }
};

}  // namespace souk
