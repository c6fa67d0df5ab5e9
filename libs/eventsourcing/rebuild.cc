#include "libs/eventsourcing/rebuild.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/hash.h"
#include "libs/eventstore/event_log.h"
#include "libs/eventstore/keys.h"
#include "libs/telemetry/log.h"

namespace souk {

using event::v1::EventRecord;

namespace {

constexpr std::size_t kRowsPerWrite = 4096;

// Sorts behind all names, which are text.
std::string MarkerKey(std::uint32_t partition) { return keys::Partition(partition) + "\xff"; }

// Names and schema versions of all aggregates: other schemas make other rows.
std::string MarkerValue(const AggregateTypes& types) {
  std::string value;
  for (const auto& [name, type] : types.all())
    value += absl::StrFormat("%s=%d;", name, type->state_version());
  return value;
}

}  // namespace

StatusOr<bool> IsBuilt(const Store& store, std::uint32_t partition, const AggregateTypes& types) {
  for (const ColumnFamily family : kDerivedFamilies) {
    ASSIGN_OR_RETURN(const std::optional<std::string> marker, store.Get(family, MarkerKey(partition)));
    if (marker != MarkerValue(types)) return false;
  }
  return true;
}

Task<Status> DeleteDerived(Store& store, std::uint32_t partition) {
  for (const ColumnFamily family : kDerivedFamilies) {
    KeyRange range = KeyRange::WithPrefix(keys::Partition(partition));
    for (bool more = true; more;) {
      Batch batch;
      std::string last;
      co_await Try(
          store.Scan(family, range, Direction::kForward, [&](std::string_view key, std::string_view) {
            batch.Delete(family, key);
            last = key;
            return batch.size() < kRowsPerWrite;
          }));
      range.start = std::move(last);  // Not from the beginning: what was deleted there still costs time.
      more = batch.size() == kRowsPerWrite;
      if (!batch.empty()) co_await Try(store.Write(std::move(batch), Durability::kBuffered));
    }
  }
  co_return OkStatus();
}

Task<Status> Rebuild(Store& store, std::uint32_t partition, const AggregateTypes& types) {
  co_await Try(DeleteDerived(store, partition));
  const EventLog log(store, partition);
  Ledger ledger(partition, "", types, store, Ledger::Readers::kHere);
  std::uint64_t position = 0;
  for (bool more = true; more;) {
    Batch batch;
    Status replayed;
    more = false;
    co_await Try(log.ReadAfter(position, [&](const EventRecord& record, std::string_view) {
      replayed = ledger.Replay(record, batch);
      if (!replayed.ok()) return false;
      position = record.position();
      more = record.following() == 0 && batch.size() >= kRowsPerWrite;
      return !more;
    }));
    co_await Try(replayed);
    if (!batch.empty()) co_await Try(store.Write(std::move(batch), Durability::kBuffered));
    ledger.ReplayWritten();
  }
  Batch markers;
  for (const ColumnFamily family : kDerivedFamilies) {
    markers.Put(family, MarkerKey(partition), MarkerValue(types));
  }
  co_await Try(store.Write(std::move(markers), Durability::kSynced));
  if (position > 0) {
    telemetry::Log(telemetry::Level::kInfo, "rebuilt from the log",
                   {{"partition", std::to_string(partition)}, {"events", std::to_string(position)}});
  }
  co_return OkStatus();
}

StatusOr<std::vector<EffectChange>> ReadEffects(const Store& store, std::uint32_t partition) {
  std::vector<EffectChange> effects;
  Status parsed;
  RETURN_IF_ERROR(store.Scan(ColumnFamily::kEffects, KeyRange::WithPrefix(keys::Partition(partition)),
                             Direction::kForward, [&](std::string_view key, std::string_view value) {
                               if (key == MarkerKey(partition)) return true;
                               const auto record = std::make_shared<engine::v1::EffectRecord>();
                               if (!record->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                                 parsed = DataLoss("an effect of partition %d is unreadable", partition);
                                 return false;
                               }
                               effects.push_back({std::string(key.substr(sizeof partition)), record});
                               return true;
                             }));
  RETURN_IF_ERROR(parsed);
  return effects;
}

StatusOr<std::string> StateHash(const Store& store) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  const auto add = [&](std::string_view bytes) {
    std::string size;
    AppendBigEndian(size, static_cast<std::uint64_t>(bytes.size()));
    EVP_DigestUpdate(digest.get(), size.data(), size.size());
    EVP_DigestUpdate(digest.get(), bytes.data(), bytes.size());
  };
  for (const ColumnFamily family : kDerivedFamilies) {
    add(NameOf(family));
    RETURN_IF_ERROR(store.Scan(family, KeyRange(), Direction::kForward,
                               [&](std::string_view key, std::string_view value) {
                                 add(key);
                                 add(value);
                                 return true;
                               }));
  }
  std::string hash(32, '\0');
  EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
  return ToHex(hash);
}

}  // namespace souk
