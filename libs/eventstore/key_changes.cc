#include "libs/eventstore/key_changes.h"

#include "libs/base/big_endian.h"

namespace souk {
namespace {

constexpr std::string_view kPrefix = "key_change/";

std::string KeyOf(std::uint64_t number) {
  std::string key(kPrefix);
  AppendBigEndian(key, number);
  return key;
}

}  // namespace

KeyChangeNotes::KeyChangeNotes(const Store& store)
    : readable_(store.Scan(ColumnFamily::kMeta, KeyRange::WithPrefix(kPrefix), Direction::kBackward,
                           [this](std::string_view key, std::string_view) {
                             last_ = ReadBigEndian<std::uint64_t>(key.substr(kPrefix.size()));
                             return false;
                           })) {}

Status KeyChangeNotes::Add(std::string_view subject, Batch& batch) {
  RETURN_IF_ERROR(readable_);
  batch.Put(ColumnFamily::kMeta, KeyOf(++last_), subject);
  return OkStatus();
}

StatusOr<std::vector<KeyChange>> ReadKeyChanges(const Store& store, std::uint64_t after, std::size_t max) {
  KeyRange range = KeyRange::WithPrefix(kPrefix);
  range.start = KeyOf(after + 1);
  std::vector<KeyChange> changes;
  RETURN_IF_ERROR(store.Scan(
      ColumnFamily::kMeta, range, Direction::kForward, [&](std::string_view key, std::string_view subject) {
        changes.push_back({.number = ReadBigEndian<std::uint64_t>(key.substr(kPrefix.size())),
                           .subject = std::string(subject)});
        return changes.size() < max;
      }));
  return changes;
}

void ForgetKeyChange(std::uint64_t number, Batch& batch) { batch.Delete(ColumnFamily::kMeta, KeyOf(number)); }

}  // namespace souk
