#include "libs/messaging/store_row.h"

#include <charconv>
#include <optional>
#include <utility>

namespace souk {
namespace {

constexpr std::string_view kKeys = "keys/";
constexpr std::string_view kMeta = "meta/";
constexpr std::string_view kEpoch = "epoch";

constexpr std::string_view kMetaRows[] = {"format", "partitions", "service", "master_key"};
// Feeds first: an event that is set aside between the two scans is then a dead letter that is
// delivered once more, and not one that is missing.
constexpr std::string_view kMetaPrefixes[] = {"feed/", "dead_letter/"};

kafka::Record Made(std::string name, std::string value, const RowPlace& place) {
  return {.key = std::move(name),
          .value = std::move(value),
          .headers = {{"souk_sequence", std::to_string(place.sequence)}, {"souk_epoch", place.epoch}}};
}

std::string Named(std::string_view kind, std::string_view rest) {
  std::string name(kind);
  name.append(rest);
  return name;
}

}  // namespace

std::string KeyRowName(std::string_view subject) { return Named(kKeys, subject); }

StatusOr<StoreRows> ReadMetaRows(const Store& store) {
  StoreRows rows;
  for (const std::string_view row : kMetaRows) {
    ASSIGN_OR_RETURN(std::optional<std::string> value, store.Get(ColumnFamily::kMeta, row));
    if (value.has_value()) rows[Named(kMeta, row)] = *std::move(value);
  }
  for (const std::string_view prefix : kMetaPrefixes) {
    RETURN_IF_ERROR(store.Scan(ColumnFamily::kMeta, KeyRange::WithPrefix(prefix), Direction::kForward,
                               [&](std::string_view key, std::string_view value) {
                                 rows[Named(kMeta, key)] = value;
                                 return true;
                               }));
  }
  return rows;
}

kafka::Record ToRowRecord(std::string name, std::string value, const RowPlace& place) {
  return Made(std::move(name), std::move(value), place);
}

kafka::Record ToEpochRecord(const RowPlace& place) { return Made(std::string(kEpoch), place.epoch, place); }

StatusOr<RowPlace> ReadRowPlace(const kafka::Record& record) {
  RowPlace place;
  const std::string_view number = kafka::FindHeader(record, "souk_sequence").value_or("");
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), place.sequence);
  place.epoch = kafka::FindHeader(record, "souk_epoch").value_or("");
  if (error != std::errc() || end != number.data() + number.size() || place.epoch.empty()) {
    return DataLoss("a record on the topic is no row of a store: its headers are missing or unreadable");
  }
  return place;
}

Status RowCollector::Add(const kafka::Record& record) {
  ASSIGN_OR_RETURN(RowPlace place, ReadRowPlace(record));
  if (record.key == kEpoch) {
    epoch_ = std::move(place.epoch);
  } else if (record.value.empty()) {
    rows_.erase(record.key);
  } else {
    rows_[record.key] = {.value = record.value, .epoch = std::move(place.epoch)};
  }
  return OkStatus();
}

bool RowCollector::Counts(std::string_view name, const Row& row) const {
  return name.starts_with(kKeys) || row.epoch == epoch_;
}

void RowCollector::Put(Batch& batch) const {
  for (const auto& [name, row] : rows_) {
    if (!Counts(name, row)) continue;
    const bool is_key = name.starts_with(kKeys);
    const std::string_view key = std::string_view(name).substr((is_key ? kKeys : kMeta).size());
    batch.Put(is_key ? ColumnFamily::kKeys : ColumnFamily::kMeta, key, row.value);
  }
}

std::string RowCollector::MetaValue(std::string_view row) const {
  const auto found = rows_.find(Named(kMeta, row));
  return found != rows_.end() && Counts(found->first, found->second) ? found->second.value : "";
}

}  // namespace souk
