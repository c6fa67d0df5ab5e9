#include "libs/eventsourcing/pending_effects.h"

#include <algorithm>
#include <utility>

#include "libs/base/big_endian.h"
#include "libs/eventsourcing/stored_state.h"
#include "libs/eventstore/keys.h"

namespace souk {

Status PendingEffects::ReadRows(const Store& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string> position,
                   store.Get(ColumnFamily::kEffects, keys::EffectsPosition(partition_)));
  stored_up_to_ = position.has_value() ? ReadBigEndian<std::uint64_t>(*position) : 0;
  KeyRange range = KeyRange::WithPrefix(keys::Partition(partition_));
  range.end = keys::EffectsPosition(partition_);
  Status parsed;
  RETURN_IF_ERROR(store.Scan(ColumnFamily::kEffects, range, Direction::kForward,
                             [&](std::string_view key, std::string_view value) {
                               const auto record = std::make_shared<engine::v1::EffectRecord>();
                               if (!record->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                                 parsed = DataLoss("an effect of partition %d is unreadable", partition_);
                                 return false;
                               }
                               waiting_[std::string(key.substr(sizeof partition_))] = record;
                               return true;
                             }));
  return parsed;
}

PendingEffects::Record PendingEffects::Find(const std::string& name) const {
  const auto it = waiting_.find(name);
  return it == waiting_.end() ? nullptr : it->second;
}

std::vector<EffectChange> PendingEffects::All() const {
  std::vector<EffectChange> effects;
  for (const auto& [name, record] : waiting_) effects.push_back({name, record});
  return effects;
}

bool PendingEffects::Apply(const EffectChange& change) {
  const auto waiting = waiting_.find(change.name);
  if (change.record == nullptr && waiting == waiting_.end()) return false;
  // Whoever waits without being among what changed has a row.
  const auto [changed, first] = changed_.try_emplace(change.name, waiting != waiting_.end());
  if (change.record == nullptr) {
    if (!changed->second) changed_.erase(changed);
    waiting_.erase(waiting);
  } else if (waiting != waiting_.end()) {
    waiting->second = change.record;
  } else {
    waiting_.emplace(change.name, change.record);
  }
  return true;
}

void PendingEffects::WriteRows(std::uint64_t position, Batch& batch) {
  if (frozen_ || position / positions_per_write_ == stored_up_to_ / positions_per_write_) return;
  std::vector<std::string> names;
  names.reserve(changed_.size());
  for (const auto& [name, has_row] : changed_) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string key = keys::Effect(partition_, name);
    if (const auto it = waiting_.find(name); it != waiting_.end()) {
      batch.Put(ColumnFamily::kEffects, key, SerializeDeterministic(*it->second));
    } else {
      batch.Delete(ColumnFamily::kEffects, key);
    }
  }
  std::string value;
  AppendBigEndian(value, position);
  batch.Put(ColumnFamily::kEffects, keys::EffectsPosition(partition_), value);
  changed_.clear();
  stored_up_to_ = position;
}

}  // namespace souk
