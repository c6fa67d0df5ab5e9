// A disk of a simulated world: it outlives the processes that use it, and forgets what was
// not synced when they crash.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/store.h"

namespace souk {

// Faults that no correct system survives. Tests turn them on to see that the simulation
// notices.
struct DiskFaults {
  bool acknowledge_before_sync = false;
  bool forget_requests = false;  // Rows of the column family `requests` are not stored.
};

class SimDisk {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;
  using Families = std::array<Rows, std::size(kColumnFamilies)>;

  explicit SimDisk(DiskFaults faults = {}) : faults_(faults) {}

  void Append(const Batch& batch);
  void Sync();  // Makes everything appended so far durable.

  // Loses what was not synced, but for the first few batches, by chance.
  void Crash(SimScheduler& world);

  const DiskFaults& faults() const { return faults_; }
  const Rows& rows(ColumnFamily family) const { return visible_[static_cast<std::size_t>(family)]; }
  int lost_batches() const { return lost_batches_; }

 private:
  const DiskFaults faults_;
  Families durable_;
  Families visible_;  // Durable and unsynced.
  std::deque<Batch> unsynced_;
  int lost_batches_ = 0;
};

// The store of one process on such a disk. Syncs take a random time; few fail.
class SimStore final : public Store {
 public:
  SimStore(SimScheduler& world, SimProcess& process, SimDisk& disk, double sync_error_probability = 0)
      : world_(world), process_(process), disk_(disk), sync_error_probability_(sync_error_probability) {}

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override;
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override;
  Task<Status> Write(Batch batch, Durability durability) override;

 private:
  SimScheduler& world_;
  SimProcess& process_;
  SimDisk& disk_;
  const double sync_error_probability_;
  bool failed_ = false;  // As RocksStore after its first error.
};

}  // namespace souk
