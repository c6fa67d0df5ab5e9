#include "libs/eventsourcing/rebuild.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/hash.h"
#include "libs/eventsourcing/ledger.h"
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
  std::string value = "2;";  // Changes with the layout of the rows.
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

Task<Status> Rebuild(Store& store, std::uint32_t partition, const AggregateTypes& types,
                     std::uint64_t positions_per_effect_write) {
  co_await Try(DeleteDerived(store, partition));
  const EventLog log(store, partition);
  Ledger ledger(partition, "", types, store, Ledger::Readers::kHere);
  ledger.Recover({}, PendingEffects(partition, positions_per_effect_write));
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

StatusOr<PendingEffects> RecoverEffects(const Store& store, std::uint32_t partition,
                                        const AggregateTypes& types,
                                        std::uint64_t positions_per_effect_write) {
  PendingEffects effects(partition, positions_per_effect_write);
  RETURN_IF_ERROR(effects.ReadRows(store));
  effects.Freeze(true);
  const std::uint64_t stored_up_to = effects.stored_up_to();
  Ledger ledger(partition, "", types, store, Ledger::Readers::kHere);
  ledger.Recover({}, std::move(effects));
  Batch rows;  // Which the store has.
  Status first_error;
  RETURN_IF_ERROR(
      EventLog(store, partition).ReadAfter(stored_up_to, [&](const EventRecord& record, std::string_view) {
        first_error.Update(ledger.Replay(record, rows));
        if (record.following() == 0) {
          rows = Batch();
          ledger.ReplayWritten();
        }
        return true;
      }));
  effects = ledger.TakeEffects();
  effects.Freeze(!first_error.ok());
  if (!first_error.ok()) {
    telemetry::Log(telemetry::Level::kError, "effects of some events wait for a newer build",
                   {{"partition", std::to_string(partition)}, {"error", first_error.ToString()}});
  }
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
