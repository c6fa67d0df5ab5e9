// A store that is gone with the process: for tests of what stands on a store.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/mutex.h"
#include "libs/storage/store.h"

namespace souk {

class MemoryStore final : public Store {
 public:
  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override;
  // Works on a copy of the range, so that the function may write.
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view key, std::string_view value)> row) const override;
  Task<Status> Write(Batch batch, Durability durability) override;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  mutable Mutex mutex_;
  std::array<Rows, std::size(kColumnFamilies)> families_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace souk
