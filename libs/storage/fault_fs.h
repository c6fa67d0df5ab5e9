// A disk for RocksStore that loses power, fails or is full at a chosen moment, to see what
// survives.
//
//   FaultDisk disk(seed);
//   disk.CrashAt(17);                                  // The 17th operation fails, and all later ones.
//   ... RocksStore::Open(disk.path() + "/store", {.env = disk.env()}); write until an error; close ...
//   disk.Crash(FaultDisk::Keep::kBeginning);           // What a power failure may leave; power is back.
//   ... open again, check that everything acknowledged is there ...
//
// RunAtEveryCrashPoint below does this for each operation of a run. What is counted as an
// operation: an append, a sync, a truncation, the creation, renaming or removal of a file, a
// sync of a folder, and to open and write the room of a log.
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "libs/storage/temporary_folder.h"

namespace souk {

class FaultState;

// Thread-safe. The choices depend on the seed alone, the order of operations also on
// RocksDB's background threads: runs that flush or compact may differ by a few.
class FaultDisk {
 public:
  // What a power failure leaves of bytes that were appended and not synced, and of files
  // created, renamed or removed in a folder that was not synced since. What was synced is
  // always left; changes of folders are kept in order, as journaling file systems do.
  enum class Keep {
    kNothing,
    kBeginning,   // The first bytes, any number: records end in the middle.
    kPages,       // Any of the 4 KiB pages; the others are zero. Of folders, the first changes.
    kEverything,  // As after `kill -9`.
  };
  static constexpr Keep kKeeps[] = {Keep::kNothing, Keep::kBeginning, Keep::kPages, Keep::kEverything};

  explicit FaultDisk(std::uint64_t seed);
  ~FaultDisk();

  // For RocksStore::Options. Its syncs are accounts only, so that tests are fast.
  rocksdb::Env* env() { return env_.get(); }
  // A folder that is gone with the object. Only files in it are looked after.
  const std::string& path() const { return folder_.path(); }

  enum class Fault {
    kPowerOff,  // The operation fails, and everything after it.
    kError,     // The operation fails, once.
    kFull,      // There is no space from here on: what needs none goes on.
  };
  // What happens at the operation of this number, counted from 1 when the disk was made or
  // crashed last. Zero: nothing does.
  void FailAt(std::uint64_t point, Fault fault);
  void CrashAt(std::uint64_t point) { FailAt(point, Fault::kPowerOff); }
  // Operations so far.
  std::uint64_t points() const;
  // True when power is off: everything fails.
  bool crashed() const;
  // True once the fault has happened.
  bool struck() const;

  // From now on syncs fail, or work again, while everything else goes on.
  void FailSyncs(bool fail);

  // Leaves of the files what `keep` says, turns the power on again and takes all faults
  // away. Nothing may have files of this disk open.
  void Crash(Keep keep);

 private:
  const TemporaryFolder folder_;
  const std::shared_ptr<FaultState> state_;  // Shared with the files that are open.
  const std::unique_ptr<rocksdb::Env> env_;
};

struct CrashRunOptions {
  std::uint64_t seed = 1;
  std::uint64_t step = 1;  // Only every n-th point.
  FaultDisk::Fault fault = FaultDisk::Fault::kPowerOff;
};

// Calls `run` with a new disk that fails at the first point, then `check` with what a power
// failure leaves of it; then for the second point, and so on until a run ends before its
// fault. The four ways to keep take turns. Returns how many faults there were.
//
// `run` opens stores on the disk, notes what was acknowledged, and closes them; errors are
// to be expected. `check` opens them again and compares.
std::uint64_t RunAtEveryCrashPoint(CrashRunOptions options, absl::FunctionRef<void(FaultDisk& disk)> run,
                                   absl::FunctionRef<void(FaultDisk& disk, FaultDisk::Keep keep)> check);

}  // namespace souk
