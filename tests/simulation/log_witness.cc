#include "tests/simulation/log_witness.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace souk::simulation {

using event::v1::EventRecord;

void LogWitness::Appended(const Batch& batch) {
  std::vector<EventRecord>& records = unsynced_.emplace_back();
  for (const Batch::Entry& entry : batch) {
    if (entry.family != ColumnFamily::kLog || !entry.value.has_value()) continue;
    EventRecord record;
    if (!record.ParseFromArray(entry.value->data(), static_cast<int>(entry.value->size()))) continue;
    if (!record.request_id().empty()) unsafe_requests_.insert(record.request_id());
    records.push_back(std::move(record));
  }
  if (const auto call = std::exchange(on_next_write_, nullptr)) call();
}

void LogWitness::Durable(const Batch&) {
  for (const EventRecord& record : unsynced_.front()) {
    if (const auto it = unsafe_requests_.find(record.request_id()); it != unsafe_requests_.end()) {
      unsafe_requests_.erase(it);
      safe_requests_.insert(record.request_id());
    }
    std::uint64_t& head = durable_heads_[record.partition()];
    head = std::max(head, record.position());
    Tell(record);
  }
  unsynced_.pop_front();
}

void LogWitness::Lost(const Batch&) {
  for (const EventRecord& record : unsynced_.back()) {
    const auto it = unsafe_requests_.find(record.request_id());
    if (it != unsafe_requests_.end()) unsafe_requests_.erase(it);
    stage_.history.Note(
        service_, absl::StrFormat("LOST %d #%d %s", record.partition(), record.position(), record.type()));
    stage_.history.Count("fault", "unsynced event lost");
  }
  unsynced_.pop_back();
}

void LogWitness::Acknowledged(const std::string& request_id) {
  if (unsafe_requests_.contains(request_id)) {
    stage_.history.Fail("L-1 acknowledged is durable",
                        service_ + " answered request " + request_id + " before its events were synced");
  }
  if (safe_requests_.contains(request_id)) acknowledged_.insert(request_id);
}

void LogWitness::Shown(std::uint32_t partition, std::uint64_t position, std::string_view to) {
  if (position <= durable_head(partition)) return;
  stage_.history.Fail("L-2 nothing is visible before it is durable",
                      absl::StrFormat("%s showed event %d of partition %d to %s; only %d are synced",
                                      service_, position, partition, to, durable_head(partition)));
}

std::uint64_t LogWitness::durable_head(std::uint32_t partition) const {
  const auto it = durable_heads_.find(partition);
  return it == durable_heads_.end() ? 0 : it->second;
}

std::uint64_t LogWitness::published_head(std::uint32_t partition) const {
  const auto it = published_.find(partition);
  return it == published_.end() || it->second.empty() ? 0 : it->second.rbegin()->first;
}

void LogWitness::Tell(const EventRecord& record) {
  ++events_;
  entries_[record.partition()][record.position()] = {record.type(), record.event_id()};
  if (mapping_ && !record.aggregate().empty()) {
    if (const auto shown = mapping_(record)) {
      published_[record.partition()][record.position()] = {shown->type, record.event_id()};
    }
  }
  stage_.history.Note(
      service_, absl::StrFormat("%d #%d %s %s by %s%s%s", record.partition(), record.position(),
                                record.type(), record.aggregate_id(), record.actor(),
                                record.causation_id().empty() ? "" : " because of ", record.causation_id()));
  std::string& last = last_types_[record.aggregate() + "/" + record.aggregate_id()];
  stage_.history.Count("transition", (last.empty() ? "-" : last) + " > " + record.type());
  last = record.type();
}

}  // namespace souk::simulation
