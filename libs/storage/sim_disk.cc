#include "libs/storage/sim_disk.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace souk {
namespace {

// Makes `value` the row `key` of `rows`, or none; returns what was there.
std::optional<std::string> Replace(SimDisk::Rows& rows, std::string_view key,
                                   std::optional<std::string> value) {
  const auto it = rows.find(key);
  std::optional<std::string> before;
  if (it != rows.end()) before = std::move(it->second);
  if (!value.has_value()) {
    if (it != rows.end()) rows.erase(it);
  } else if (it != rows.end()) {
    it->second = *std::move(value);
  } else {
    rows.emplace(key, *std::move(value));
  }
  return before;
}

}  // namespace

std::uint64_t SimDisk::Append(Batch batch) {
  if (faults_.forget_requests) {
    batch = batch.Only([](const Batch::Entry& entry) { return entry.family != ColumnFamily::kRequests; });
  }
  unsynced_.push_back({.batch = std::move(batch), .before = {}});
  if (observer_ != nullptr) observer_->Appended(unsynced_.back().batch);
  return ++appended_;
}

void SimDisk::Apply(Unsynced& unsynced) {
  if (std::exchange(unsynced.shown, true)) return;
  for (const Batch::Entry& entry : unsynced.batch) {
    std::optional<std::string> value;
    if (entry.value.has_value()) value = std::string(*entry.value);
    std::optional<std::string> before = Replace(rows(entry.family), entry.key, std::move(value));
    for (Scan* const scan : scans_) {
      if (scan->family == entry.family) scan->before.try_emplace(std::string(entry.key), before);
    }
    unsynced.before.push_back({entry.family, std::string(entry.key), std::move(before)});
  }
}

void SimDisk::Show(std::uint64_t last) {
  const std::uint64_t synced = appended_ - unsynced_.size();
  for (std::size_t i = 0; i < unsynced_.size() && synced + i < last; ++i) Apply(unsynced_[i]);
}

void SimDisk::Sync(std::uint64_t last) {
  Show(last);
  const std::size_t unsafe = faults_.lying_sync ? 1 : 0;
  while (unsynced_.size() > unsafe && appended_ - unsynced_.size() < last) {
    if (observer_ != nullptr) observer_->Durable(unsynced_.front().batch);
    unsynced_.pop_front();
  }
}

void SimDisk::Crash(SimScheduler& world) {
  std::size_t lost = unsynced_.size();
  while (lost > 0 && world.Chance(0.5)) --lost;
  lost_batches_ += static_cast<int>(lost);
  for (; lost > 0; --lost, --appended_) {
    Unsynced& last = unsynced_.back();
    if (faults_.torn_batch && lost == 1) Apply(last);
    const std::size_t torn = faults_.torn_batch && lost == 1 ? last.before.size() / 2 : 0;
    for (std::size_t i = last.before.size(); i > torn; --i) {
      Before& before = last.before[i - 1];
      Replace(rows(before.family), before.key, std::move(before.value));
    }
    if (observer_ != nullptr) observer_->Lost(last.batch);
    unsynced_.pop_back();
  }
  Sync(appended_);
}

StatusOr<std::optional<std::string>> SimStore::Get(ColumnFamily family, std::string_view key) const {
  const SimDisk::Rows& rows = std::as_const(disk_).rows(family);
  const auto it = rows.find(key);
  if (it == rows.end()) return std::optional<std::string>();
  return std::optional<std::string>(it->second);
}

Status SimStore::Scan(ColumnFamily family, const KeyRange& range, Direction direction,
                      absl::FunctionRef<bool(std::string_view, std::string_view)> row) const {
  const SimDisk::Rows& rows = std::as_const(disk_).rows(family);
  if (!range.end.empty() && range.end <= range.start) return OkStatus();
  const SimDisk::Scan scan(disk_, family);
  const bool forward = direction == Direction::kForward;
  auto first = rows.lower_bound(range.start);
  auto last = range.end.empty() ? rows.end() : rows.lower_bound(range.end);
  while (first != last) {
    const auto it = forward ? first++ : --last;
    const std::string key = it->first;
    if (!row(key, it->second)) return OkStatus();
    if (!scan.before.empty()) return ScanRest(scan, range, direction, key, row);
  }
  return OkStatus();
}

// Someone writes while we read: goes on with a copy of the rest as it was at first.
Status SimStore::ScanRest(const SimDisk::Scan& scan, const KeyRange& range, Direction direction,
                          const std::string& seen,
                          absl::FunctionRef<bool(std::string_view, std::string_view)> row) const {
  const SimDisk::Rows& rows = std::as_const(disk_).rows(scan.family);
  SimDisk::Rows rest(rows.lower_bound(range.start),
                     range.end.empty() ? rows.end() : rows.lower_bound(range.end));
  for (const auto& [key, value] : scan.before) {
    rest.erase(key);
    const bool inside = key >= range.start && (range.end.empty() || key < range.end);
    if (value.has_value() && inside) rest.emplace(key, *value);
  }
  if (direction == Direction::kForward) {
    for (auto it = rest.upper_bound(seen); it != rest.end(); ++it) {
      if (!row(it->first, it->second)) break;
    }
  } else {
    for (auto it = rest.lower_bound(seen); it != rest.begin();) {
      --it;
      if (!row(it->first, it->second)) break;
    }
  }
  return OkStatus();
}

Status SimStore::Fail(std::string_view why) {
  failed_ = true;
  if (disk_.observer() != nullptr) disk_.observer()->Failed();
  return Internal("%s", why);
}

Task<Status> SimStore::Write(Batch batch, Durability durability) {
  if (failed_) co_return Unavailable("the store stopped after a write that failed");
  const DiskCondition& condition = disk_.condition();
  if (condition.full ||
      (condition.write_error_probability > 0 && world_.Chance(condition.write_error_probability))) {
    co_return Fail(condition.full ? "the simulated disk is full" : "the simulated disk cannot write");
  }
  const std::uint64_t number = disk_.Append(std::move(batch));
  const bool synced = durability == Durability::kSynced;
  const auto micros_max = static_cast<std::uint64_t>(absl::ToInt64Microseconds(condition.sync_time_max));
  if (synced && disk_.faults().acknowledge_before_sync) {
    disk_.Show(number);
    const absl::Duration sync_time = absl::Microseconds(50 + world_.Random(micros_max));
    process_.PostAt(process_.Now() + sync_time, [&disk = disk_, number] { disk.Sync(number); });
    co_return OkStatus();
  }
  busy_until_ = std::max(busy_until_, process_.Now());
  if (synced) busy_until_ += absl::Microseconds(50 + world_.Random(micros_max));
  if (busy_until_ > process_.Now()) co_await Sleep(process_, busy_until_ - process_.Now());
  if (failed_) co_return Unavailable("the store stopped after a write that failed");
  if (!synced) {
    disk_.Show(number);
    co_return OkStatus();
  }
  if (condition.sync_error_probability > 0 && world_.Chance(condition.sync_error_probability)) {
    co_return Fail("the simulated disk cannot sync");
  }
  disk_.Sync(number);
  co_return OkStatus();
}

}  // namespace souk
