#include "libs/messaging/delivery_attempts.h"

#include "absl/strings/str_format.h"
#include "libs/base/big_endian.h"

namespace souk {

std::string WordOf(const Status& status) {
  const std::string reason = Reason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

std::string DeliveryAttempts::BatchKey(std::uint32_t partition) const {
  return absl::StrFormat("delivering/%s/%d", source_, partition);
}

std::string DeliveryAttempts::Prefix(std::uint32_t partition) const {
  return absl::StrFormat("attempts/%s/%d/", source_, partition);
}

std::string DeliveryAttempts::Key(const EventPlace& place) const {
  std::string key = Prefix(place.partition);
  AppendBigEndian(key, place.position);
  return key;
}

Status DeliveryAttempts::Load(std::uint32_t partition, std::uint64_t checkpoint) {
  ASSIGN_OR_RETURN(const std::optional<std::string> batch,
                   store_.Get(ColumnFamily::kMeta, BatchKey(partition)));
  if (batch.has_value()) suspects_[partition] = ReadBigEndian<std::uint64_t>(*batch);
  const std::string prefix = Prefix(partition);
  return store_.Scan(ColumnFamily::kMeta, KeyRange::WithPrefix(prefix), Direction::kForward,
                     [&](std::string_view key, std::string_view value) {
                       const auto position = ReadBigEndian<std::uint64_t>(key.substr(prefix.size()));
                       engine::v1::DeliveryAttempts attempts;
                       if (position <= checkpoint || !attempts.ParseFromString(std::string(value)))
                         return true;
                       if (attempts.running()) {
                         attempts.set_failures(attempts.failures() + 1);
                         attempts.set_running(false);
                         attempts.set_cause("the process ended while it was handled");
                         attempts.set_reason("PROCESS_ENDED");
                       }
                       attempts_[{.partition = partition, .position = position}] = std::move(attempts);
                       return true;
                     });
}

bool DeliveryAttempts::IsSuspect(const EventPlace& place) const {
  const auto found = suspects_.find(place.partition);
  return found != suspects_.end() && place.position <= found->second;
}

const engine::v1::DeliveryAttempts& DeliveryAttempts::Of(const EventPlace& place) const {
  const auto found = attempts_.find(place);
  return found == attempts_.end() ? engine::v1::DeliveryAttempts::default_instance() : found->second;
}

// Buffered, here and below: it is there after the process has ended, and after a power
// failure nothing was to blame.
Task<Status> DeliveryAttempts::BeginBatch(EventPlace last) {
  std::string value;
  AppendBigEndian(value, last.position);
  Batch batch;
  batch.Put(ColumnFamily::kMeta, BatchKey(last.partition), value);
  return store_.Write(std::move(batch), Durability::kBuffered);
}

Task<Status> DeliveryAttempts::Begin(EventPlace place) {
  attempts_[place].set_running(true);
  return Save(place);
}

Task<Status> DeliveryAttempts::End(EventPlace place, Status outcome) {
  engine::v1::DeliveryAttempts& attempts = attempts_[place];
  attempts.set_running(false);
  if (!outcome.ok() && !IsTransient(outcome)) {
    attempts.set_failures(attempts.failures() + 1);
    attempts.set_cause(outcome.ToString());
    attempts.set_reason(WordOf(outcome));
  }
  return Save(place);
}

Task<Status> DeliveryAttempts::Save(EventPlace place) {
  Batch batch;
  batch.Put(ColumnFamily::kMeta, Key(place), attempts_[place].SerializeAsString());
  return store_.Write(std::move(batch), Durability::kBuffered);
}

void DeliveryAttempts::Forget(EventPlace last, Batch& batch) {
  const auto begin = attempts_.lower_bound({.partition = last.partition, .position = 0});
  const auto end = attempts_.upper_bound(last);
  for (auto it = begin; it != end; ++it) batch.Delete(ColumnFamily::kMeta, Key(it->first));
  attempts_.erase(begin, end);
}

}  // namespace souk
