// The effects of a partition that wait, and what the store knows of them.
//
// Most effects end a moment after they began. A row for each, and a second to take it away,
// would be a fifth of all rows. So rows are only written now and then: of what still waits
// then, and with them the position up to which they are right. What came behind it follows
// from the log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/base/status.h"
#include "libs/storage/store.h"
#include "souk/engine/v1/engine.pb.h"

namespace souk {

// What a group did to the effects of the partition.
struct EffectChange {
  std::string name;                                        // keys::EffectName.
  std::shared_ptr<const engine::v1::EffectRecord> record;  // Null: it ended.
};

class PendingEffects {
 public:
  using Record = std::shared_ptr<const engine::v1::EffectRecord>;

  // Rows are written once in so many positions, and a start folds as many events at most.
  static constexpr std::uint64_t kPositionsPerWrite = 4096;

  explicit PendingEffects(std::uint32_t partition, std::uint64_t positions_per_write = kPositionsPerWrite)
      : partition_(partition), positions_per_write_(positions_per_write) {}

  // Reads the rows, which are right up to position stored_up_to().
  Status ReadRows(const Store& store);
  std::uint64_t stored_up_to() const { return stored_up_to_; }

  // Null when it does not wait.
  Record Find(const std::string& name) const;
  std::vector<EffectChange> All() const;

  // False when there is nothing to change: what ends does not wait.
  bool Apply(const EffectChange& change);

  // To be called after each unit of the log: adds rows to `batch` when it is time for them. A
  // function of the log alone, so that a rebuild makes the same rows.
  void WriteRows(std::uint64_t position, Batch& batch);
  // While they are frozen no rows are written: what came behind stored_up_to() is not known
  // in full, and has to be found again.
  void Freeze(bool frozen) { frozen_ = frozen; }

 private:
  std::uint32_t partition_;
  std::uint64_t positions_per_write_;
  absl::flat_hash_map<std::string, Record> waiting_;
  // What the store does not know yet; true when it has a row of that name.
  absl::flat_hash_map<std::string, bool> changed_;
  std::uint64_t stored_up_to_ = 0;
  bool frozen_ = false;
};

}  // namespace souk
