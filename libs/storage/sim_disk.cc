#include "libs/storage/sim_disk.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace souk {
namespace {

void Apply(const Batch& batch, SimDisk::Families& families) {
  for (const Batch::Entry& entry : batch.entries()) {
    SimDisk::Rows& rows = families[static_cast<std::size_t>(entry.family)];
    if (entry.value.has_value()) {
      rows[entry.key] = *entry.value;
    } else {
      rows.erase(entry.key);
    }
  }
}

}  // namespace

void SimDisk::Append(const Batch& batch) {
  Batch kept;
  for (const Batch::Entry& entry : batch.entries()) {
    if (!faults_.forget_requests || entry.family != ColumnFamily::kRequests) kept.entries().push_back(entry);
  }
  Apply(kept, visible_);
  unsynced_.push_back(std::move(kept));
}

void SimDisk::Sync() {
  for (const Batch& batch : unsynced_) Apply(batch, durable_);
  unsynced_.clear();
}

void SimDisk::Crash(SimScheduler& world) {
  for (; !unsynced_.empty() && world.Chance(0.5); unsynced_.pop_front()) Apply(unsynced_.front(), durable_);
  lost_batches_ += static_cast<int>(unsynced_.size());
  unsynced_.clear();
  visible_ = durable_;
}

StatusOr<std::optional<std::string>> SimStore::Get(ColumnFamily family, std::string_view key) const {
  const SimDisk::Rows& rows = disk_.rows(family);
  const auto it = rows.find(key);
  if (it == rows.end()) return std::optional<std::string>();
  return std::optional<std::string>(it->second);
}

Status SimStore::Scan(ColumnFamily family, const KeyRange& range, Direction direction,
                      absl::FunctionRef<bool(std::string_view, std::string_view)> row) const {
  const SimDisk::Rows& rows = disk_.rows(family);
  std::vector<std::pair<std::string, std::string>> found;
  for (auto it = rows.lower_bound(range.start); it != rows.end(); ++it) {
    if (!range.end.empty() && it->first >= range.end) break;
    found.emplace_back(*it);
  }
  if (direction == Direction::kBackward) std::reverse(found.begin(), found.end());
  for (const auto& [key, value] : found) {
    if (!row(key, value)) break;
  }
  return OkStatus();
}

Task<Status> SimStore::Write(Batch batch, Durability durability) {
  if (failed_) co_return Unavailable("the store stopped after a write that failed");
  disk_.Append(batch);
  if (durability == Durability::kBuffered) co_return OkStatus();
  const absl::Duration sync_time = absl::Microseconds(50 + world_.Random(2000));
  if (disk_.faults().acknowledge_before_sync) {
    process_.PostAt(process_.Now() + sync_time, [&disk = disk_] { disk.Sync(); });
    co_return OkStatus();
  }
  co_await Sleep(process_, sync_time);
  if (world_.Chance(sync_error_probability_)) {
    failed_ = true;
    co_return Internal("simulated disk error");
  }
  disk_.Sync();
  co_return OkStatus();
}

}  // namespace souk
