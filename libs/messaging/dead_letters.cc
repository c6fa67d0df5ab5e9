#include "libs/messaging/dead_letters.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "libs/base/big_endian.h"
#include "libs/base/proto_time.h"

namespace souk {

using engine::v1::SetAsideEvent;
using event::v1::EventRecord;

namespace {

EventPlace PlaceOf(const EventRecord& event) {
  return {.partition = event.partition(), .position = event.position()};
}

}  // namespace

std::string DeadLetters::AggregateOf(const EventRecord& event) {
  return event.aggregate() + "/" + event.aggregate_id();
}

std::string DeadLetters::Prefix(std::uint32_t partition) const {
  return absl::StrFormat("dead_letter/%s/%d/", source_, partition);
}

std::string DeadLetters::Key(const EventPlace& place) const {
  std::string key = Prefix(place.partition);
  AppendBigEndian(key, place.position);
  return key;
}

Status DeadLetters::Load(std::uint32_t partition) {
  Status status;
  RETURN_IF_ERROR(store_.Scan(ColumnFamily::kMeta, KeyRange::WithPrefix(Prefix(partition)),
                              Direction::kForward, [&](std::string_view, std::string_view value) {
                                SetAsideEvent letter;
                                if (letter.ParseFromString(std::string(value))) {
                                  Note(letter);
                                } else {
                                  status =
                                      DataLoss("a dead letter of %s/%d cannot be read", source_, partition);
                                }
                                return status.ok();
                              }));
  return status;
}

std::uint64_t DeadLetters::CountOf(const std::string& aggregate) const {
  const auto found = waiting_.find(aggregate);
  return found == waiting_.end() ? 0 : found->second;
}

std::optional<EventPlace> DeadLetters::FirstOf(const std::string& aggregate) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& each) { return each.second.aggregate == aggregate; });
  return found == entries_.end() ? std::nullopt : std::optional(found->first);
}

std::vector<std::string> DeadLetters::SetAsideFor(std::string_view reason) const {
  std::set<std::string> seen;
  std::vector<std::string> aggregates;
  for (const auto& [place, entry] : entries_) {
    if (seen.insert(entry.aggregate).second && entry.reason == reason) aggregates.push_back(entry.aggregate);
  }
  return aggregates;
}

std::map<std::string, std::uint64_t> DeadLetters::CountByReason() const { return reasons_; }

std::optional<absl::Time> DeadLetters::oldest() const {
  std::optional<absl::Time> oldest;
  for (const auto& [place, entry] : entries_) {
    if (!oldest.has_value() || entry.set_aside_time < *oldest) oldest = entry.set_aside_time;
  }
  return oldest;
}

void DeadLetters::Note(const SetAsideEvent& letter) {
  Entry entry{.aggregate = AggregateOf(letter.event()),
              .reason = letter.reason(),
              .set_aside_time = FromProto(letter.set_aside_time())};
  const auto [it, is_new] = entries_.try_emplace(PlaceOf(letter.event()));
  if (is_new) {
    ++waiting_[entry.aggregate];
  } else {
    --reasons_[it->second.reason];
  }
  ++reasons_[entry.reason];
  it->second = std::move(entry);
}

void DeadLetters::Add(const SetAsideEvent& letter, Batch& batch) {
  batch.Put(ColumnFamily::kMeta, Key(PlaceOf(letter.event())), letter.SerializeAsString());
  Note(letter);
}

StatusOr<std::optional<SetAsideEvent>> DeadLetters::Read(const EventPlace& place) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_.Get(ColumnFamily::kMeta, Key(place)));
  if (!stored.has_value()) return std::optional<SetAsideEvent>();
  SetAsideEvent letter;
  if (!letter.ParseFromString(*stored)) {
    return DataLoss("the dead letter at position %d of %s/%d cannot be read", place.position, source_,
                    place.partition);
  }
  return std::optional(std::move(letter));
}

Task<Status> DeadLetters::Replace(SetAsideEvent letter) {
  Batch batch;
  Add(letter, batch);
  return store_.Write(std::move(batch), Durability::kSynced);
}

Task<Status> DeadLetters::Remove(EventPlace place) {
  Batch batch;
  batch.Delete(ColumnFamily::kMeta, Key(place));
  co_await Try(store_.Write(std::move(batch), Durability::kSynced));
  const auto found = entries_.find(place);
  if (found == entries_.end()) co_return OkStatus();
  --reasons_[found->second.reason];
  if (--waiting_[found->second.aggregate] == 0) waiting_.erase(found->second.aggregate);
  entries_.erase(found);
  co_return OkStatus();
}

}  // namespace souk
