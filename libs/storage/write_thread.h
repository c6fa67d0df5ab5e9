// A store whose writes are made by a thread of its own, so that whoever serves is not held
// up by the disk. What waits is written together: one sync serves many writes.
//
// When nobody else needs the home thread, handing a write over costs more than it saves: it
// is then made at once, where the caller is.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/mutex.h"
#include "libs/runtime/scheduler.h"
#include "libs/runtime/strand.h"
#include "libs/storage/store.h"

namespace souk {

class WriteThread final : public Store {
 public:
  // Write is called on `home`, and continues there. `home_is_quiet` tells that nothing else
  // waits for it at the moment; without it every write is handed over. The references must
  // outlive this.
  WriteThread(Store& store, Scheduler& home, std::function<bool()> home_is_quiet = nullptr);
  ~WriteThread() override;  // After all that was begun is written.

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override {
    return store_.Get(family, key);
  }
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override {
    return store_.Scan(family, range, direction, row);
  }
  Status Health() const override { return store_.Health(); }
  // The caller may give up waiting; the write is made all the same.
  Task<Status> Write(Batch batch, Durability durability) override;

 private:
  struct Request;
  struct Wait;
  using Requests = std::vector<std::shared_ptr<Request>>;

  bool ShouldWriteHere(Durability durability) const;
  // On the thread: writes everything that waits.
  void WriteWaiting();
  // On home: answers.
  void Finish(const Requests& requests, absl::Duration took);

  Store& store_;
  Scheduler& home_;
  const std::function<bool()> home_is_quiet_;

  // On home.
  std::size_t under_way_ = 0;
  absl::Duration last_sync_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  Mutex mutex_;
  Requests waiting_ ABSL_GUARDED_BY(mutex_);

  Strand thread_;  // Last: it ends first.
};

}  // namespace souk
