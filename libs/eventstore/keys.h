// The layout of a service's store: which key a row has in its column family. Numbers are
// big-endian, so that keys sort as numbers do; names end with a zero byte, which no id
// contains. docs/ARCHITECTURE.md has the table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/big_endian.h"

namespace souk::keys {

// All rows of one partition in any column family but meta and keys.
inline std::string Partition(std::uint32_t partition) {
  std::string key;
  AppendBigEndian(key, partition);
  return key;
}

inline std::string Named(std::uint32_t partition, std::string_view name, std::string_view rest) {
  std::string key = Partition(partition);
  key.append(name);
  key.push_back('\0');
  key.append(rest);
  return key;
}

// log: the record at a position.
inline std::string Log(std::uint32_t partition, std::uint64_t position) {
  std::string key = Partition(partition);
  AppendBigEndian(key, position);
  return key;
}

// streams: the position of an aggregate's event. A whole stream has this prefix.
inline std::string Stream(std::uint32_t partition, std::string_view aggregate, std::string_view id) {
  std::string key = Named(partition, aggregate, id);
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
  std::string key = Partition(partition);
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
  for (const std::string_view part : {aggregate, id, kind, key}) {
    name.append(part);
    name.push_back('\0');
  }
  return name;
}
inline std::string Effect(std::uint32_t partition, std::string_view effect_name) {
  std::string key = Partition(partition);
  key.append(effect_name);
  return key;
}

}  // namespace souk::keys
