// Where a partition commits a group of commands. The seam for logs that live elsewhere: a
// command is acknowledged when Commit says so, whoever keeps the bytes.
#pragma once

#include <utility>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/storage/store.h"

namespace souk {

class CommitLog {
 public:
  virtual ~CommitLog() = default;
  // OK when `batch` survives a power failure. After an error nobody knows, and the
  // partition must stop: it is never tried again.
  virtual Task<Status> Commit(Batch batch) = 0;
};

// Durability `local`: the service's own store, synced.
class LocalCommitLog final : public CommitLog {
 public:
  explicit LocalCommitLog(Store& store) : store_(store) {}
  Task<Status> Commit(Batch batch) override { return store_.Write(std::move(batch), Durability::kSynced); }

 private:
  Store& store_;
};

}  // namespace souk
