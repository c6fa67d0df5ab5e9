// A disk of a simulated world: it outlives the processes that use it, and forgets what was
// not synced when they crash.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/store.h"

namespace souk {

// Faults that no correct system survives. Tests turn them on to see that the simulation
// notices.
struct DiskFaults {
  bool acknowledge_before_sync = false;
  bool forget_requests = false;  // Rows of the column family `requests` are not stored.
  bool torn_batch = false;       // A crash may leave half a batch.
  bool lying_sync = false;       // The last batch is not safe when Sync says so.
};

// How well a disk does at present. All of this a correct system survives.
struct DiskCondition {
  double write_error_probability = 0;  // Nothing is written.
  double sync_error_probability = 0;   // Who knows what is.
  bool full = false;                   // Every write fails.
  absl::Duration sync_time_max = absl::Milliseconds(2);
};

// Sees what becomes of each batch.
class DiskObserver {
 public:
  virtual ~DiskObserver() = default;
  virtual void Appended(const Batch& /*batch*/) {}
  virtual void Durable(const Batch& /*batch*/) {}
  virtual void Lost(const Batch& /*batch*/) {}
  // A store on the disk has had an error and does nothing more.
  virtual void Failed() {}
};

class SimDisk {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  explicit SimDisk(DiskFaults faults = {}) : faults_(faults) {}

  // Takes a batch in; returns its number. Nobody sees it yet.
  std::uint64_t Append(Batch batch);
  // Makes the batches up to this number visible.
  void Show(std::uint64_t last);
  // Makes them visible and durable.
  void Sync(std::uint64_t last);

  // A power failure: loses what was not synced, but for the first few batches, by chance.
  void Crash(SimScheduler& world);
  // The end of a process: what it wrote is in the hands of the operating system.
  void Kill() { Sync(appended_); }

  void SetObserver(DiskObserver* observer) { observer_ = observer; }
  DiskObserver* observer() { return observer_; }
  DiskCondition& condition() { return condition_; }

  const DiskFaults& faults() const { return faults_; }
  const Rows& rows(ColumnFamily family) const { return families_[static_cast<std::size_t>(family)]; }
  Rows& rows(ColumnFamily family) { return families_[static_cast<std::size_t>(family)]; }
  int lost_batches() const { return lost_batches_; }

  // What a scan that is under way must not see: rows as they were when it began.
  struct Scan {
    Scan(const SimDisk& d, ColumnFamily f) : disk(d), family(f) { disk.scans_.push_back(this); }
    Scan(const Scan&) = delete;
    ~Scan() { std::erase(disk.scans_, this); }
    const SimDisk& disk;
    const ColumnFamily family;
    std::map<std::string, std::optional<std::string>, std::less<>> before;
  };

 private:
  // A row as it was; nothing when there was none.
  struct Before {
    ColumnFamily family;
    std::string key;
    std::optional<std::string> value;
  };
  // A batch that a crash may take.
  struct Unsynced {
    Batch batch;
    bool shown = false;
    std::vector<Before> before;  // What was there before it was shown.
  };

  void Apply(Unsynced& unsynced);

  DiskFaults faults_;
  DiskCondition condition_;
  DiskObserver* observer_ = nullptr;
  std::array<Rows, std::size(kColumnFamilies)> families_;  // What is visible.
  std::deque<Unsynced> unsynced_;
  std::uint64_t appended_ = 0;  // The number of the last one in `unsynced_`.
  mutable std::vector<Scan*> scans_;
  int lost_batches_ = 0;
};

// The store of one process on such a disk. After its first error it does nothing more, as
// RocksStore.
class SimStore final : public Store {
 public:
  SimStore(SimScheduler& world, SimProcess& process, SimDisk& disk)
      : world_(world), process_(process), disk_(disk) {}

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override;
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override;
  Task<Status> Write(Batch batch, Durability durability) override;
  Status Health() const override { return failed_ ? Unavailable("the store stopped") : OkStatus(); }

 private:
  SimScheduler& world_;
  SimProcess& process_;
  SimDisk& disk_;
  Status ScanRest(const SimDisk::Scan& scan, const KeyRange& range, Direction direction,
                  const std::string& seen,
                  absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const;
  Status Fail(std::string_view why);

  absl::Time busy_until_ = absl::InfinitePast();  // Writes take effect one after the other.
  bool failed_ = false;
};

}  // namespace souk
