#include "libs/eventsourcing/view_runner.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/eventstore/keys.h"

namespace souk {

using event::v1::EventRecord;

namespace {

constexpr std::uint64_t kEventsPerWrite = 256;
// So many positions that change no row are read again after a restart rather than noted.
constexpr std::uint64_t kUnsavedMax = 256;

// The rows of a view as changed by a batch that is not written yet.
class BatchRows final : public ViewRows {
 public:
  BatchRows(const Store& store, std::uint32_t partition, std::string name)
      : store_(store), partition_(partition), name_(std::move(name)) {}

  StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    if (const auto it = changed_.find(key); it != changed_.end()) return it->second;
    return store_.Get(ColumnFamily::kViews, keys::ViewRow(partition_, name_, key));
  }
  void Put(std::string_view key, std::string value) override {
    changed_[std::string(key)] = std::move(value);
  }
  void Delete(std::string_view key) override { changed_[std::string(key)] = std::nullopt; }

  bool changed() const { return !changed_.empty(); }
  void AddTo(Batch& batch) {
    for (auto& [key, value] : changed_) {
      std::string row = keys::ViewRow(partition_, name_, key);
      if (value.has_value()) {
        batch.Put(ColumnFamily::kViews, std::move(row), *std::move(value));
      } else {
        batch.Delete(ColumnFamily::kViews, std::move(row));
      }
    }
  }

 private:
  const Store& store_;
  const std::uint32_t partition_;
  const std::string name_;
  std::map<std::string, std::optional<std::string>, std::less<>> changed_;
};

}  // namespace

std::string ViewRunner::RowName(const View& view) {
  return absl::StrFormat("%s@%d", view.name(), view.version());
}

std::string ViewRunner::CheckpointKey() const {
  return absl::StrFormat("view/%s/%d", RowName(view_), log_.partition());
}

Status ViewRunner::Open() {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_.Get(ColumnFamily::kMeta, CheckpointKey()));
  checkpoint_ = saved_ = stored.has_value() ? ReadBigEndian<std::uint64_t>(*stored) : 0;
  return OkStatus();
}

Task<StatusOr<std::uint64_t>> ViewRunner::CatchUp() {
  std::uint64_t projected = 0;
  if (running_) co_return projected;
  running_ = true;
  for (;;) {
    BatchRows rows(store_, log_.partition(), RowName(view_));
    std::uint64_t position = checkpoint_;
    Status status;
    Status read = log_.ReadAfter(checkpoint_, [&](const EventRecord& record, std::string_view) {
      status = view_.Project(record, rows);
      if (status.ok()) position = record.position();
      return status.ok() && position - checkpoint_ < kEventsPerWrite;
    });
    if (read.ok()) read = std::move(status);
    if (read.ok() && position == checkpoint_) break;
    if (read.ok() && (rows.changed() || position - saved_ >= kUnsavedMax)) {
      Batch batch;
      rows.AddTo(batch);
      std::string value;
      AppendBigEndian(value, position);
      batch.Put(ColumnFamily::kMeta, CheckpointKey(), std::move(value));
      read = co_await store_.Write(std::move(batch), Durability::kBuffered);
      saved_ = position;
    }
    if (!read.ok()) {
      running_ = false;
      co_return read;
    }
    projected += position - checkpoint_;
    checkpoint_ = position;
  }
  running_ = false;
  co_return projected;
}

Task<Status> ViewRunner::DropOtherVersions() {
  const std::string prefix = keys::Partition(log_.partition()) + view_.name() + "@";
  const std::string mine = keys::Named(log_.partition(), RowName(view_), "");
  Batch batch;
  co_await Try(store_.Scan(ColumnFamily::kViews, KeyRange::WithPrefix(prefix), Direction::kForward,
                           [&](std::string_view key, std::string_view) {
                             if (!key.starts_with(mine)) batch.Delete(ColumnFamily::kViews, std::string(key));
                             return true;
                           }));
  if (batch.empty()) co_return OkStatus();
  co_return co_await store_.Write(std::move(batch), Durability::kBuffered);
}

Task<Status> ViewRunner::Reset() {
  checkpoint_ = saved_ = 0;
  Batch batch;
  batch.Delete(ColumnFamily::kMeta, CheckpointKey());
  co_return co_await store_.Write(std::move(batch), Durability::kBuffered);
}

}  // namespace souk
