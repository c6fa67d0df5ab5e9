// The layout of a service's store: which key a row has in its column family. Numbers are
// big-endian, so that keys sort as numbers do; names end with a zero byte, which no id
// contains. docs/ARCHITECTURE.md has the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/big_endian.h"

namespace souk::keys {

// All rows of one partition in any column family but meta and keys. `more_bytes` are to follow:
// a key that grows piece by piece would be moved again and again.
inline std::string Partition(std::uint32_t partition, std::size_t more_bytes = 0) {
  std::string key;
  key.reserve(sizeof partition + more_bytes);
  AppendBigEndian(key, partition);
  return key;
}

inline std::string Named(std::uint32_t partition, std::string_view name, std::string_view rest,
                         std::size_t more_bytes = 0) {
  std::string key = Partition(partition, name.size() + 1 + rest.size() + more_bytes);
  key.append(name);
  key.push_back('\0');
  key.append(rest);
  return key;
}

// log: the record at a position.
inline std::string Log(std::uint32_t partition, std::uint64_t position) {
  std::string key = Partition(partition, sizeof position);
  AppendBigEndian(key, position);
  return key;
}

// streams: the position of an aggregate's event. A whole stream has this prefix.
inline std::string Stream(std::uint32_t partition, std::string_view aggregate, std::string_view id) {
  std::string key = Named(partition, aggregate, id, 1 + sizeof(std::uint64_t));
  key.push_back('\0');
  return key;
}
inline std::string StreamEvent(std::uint32_t partition, std::string_view aggregate, std::string_view id,
                               std::uint64_t revision) {
  std::string key = Stream(partition, aggregate, id);
  AppendBigEndian(key, revision);
  return key;
}

// snapshots: an aggregate's state at some revision.
inline std::string Snapshot(std::uint32_t partition, std::string_view aggregate, std::string_view id) {
  return Named(partition, aggregate, id);
}

// requests: a request that took effect.
inline std::string Request(std::uint32_t partition, std::string_view request_id) {
  std::string key = Partition(partition, request_id.size());
  key.append(request_id);
  return key;
}

// views: a row of an index or of a view.
inline std::string ViewRow(std::uint32_t partition, std::string_view view, std::string_view row) {
  return Named(partition, view, row);
}

// Names an effect within a partition. Also the part after the partition in the column
// family effects.
inline std::string EffectName(std::string_view aggregate, std::string_view id, std::string_view kind,
                              std::string_view key) {
  std::string name;
  name.reserve(aggregate.size() + id.size() + kind.size() + key.size() + 4);
  for (const std::string_view part : {aggregate, id, kind, key}) {
    name.append(part);
    name.push_back('\0');
  }
  return name;
}
inline std::string Effect(std::uint32_t partition, std::string_view effect_name) {
  std::string key = Partition(partition, effect_name.size());
  key.append(effect_name);
  return key;
}

// Up to which position of the log the effects' rows are right. Sorts behind all names, which are
// text.
inline std::string EffectsPosition(std::uint32_t partition) { return Partition(partition) + "\xfe"; }

}  // namespace souk::keys
