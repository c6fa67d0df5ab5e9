#include "libs/messaging/public_tail.h"

#include <optional>

#include "libs/base/check.h"
#include "libs/messaging/public_event.h"

namespace souk {
namespace {

std::size_t Cost(const PublicTail::Entry& entry) { return sizeof entry + entry.bytes.capacity(); }

}  // namespace

Status PublicTail::ReadAfter(std::uint64_t position, EntryFunction function) {
  if (position + 1 < begin_) {  // Who is that far behind has it for himself.
    return log_.ReadEventsAfter(position, [&](const StoredEvent& event, std::string_view stored) {
      Entry entry;
      Map(event, stored, entry);
      return function(entry);
    });
  }
  if (position + 1 > end()) {  // Nobody has read what is between.
    entries_.clear();
    bytes_ = 0;
    begin_ = position + 1;
  }
  for (std::uint64_t at = position + 1; at < end(); ++at) {
    if (!function(entries_[at - begin_])) return OkStatus();
  }
  return log_.ReadEventsAfter(end() - 1, [&](const StoredEvent& event, std::string_view stored) {
    Entry& entry = entries_.emplace_back();
    Map(event, stored, entry);
    bytes_ += Cost(entry);
    DropOld();
    return function(entry);
  });
}

StatusOr<std::string> PublicTail::HashAt(std::uint64_t position) {
  if (position != hashed_position_) {
    ASSIGN_OR_RETURN(hash_, log_.HashAt(position));
    hashed_position_ = position;
  }
  return hash_;
}

void PublicTail::Map(const StoredEvent& event, std::string_view stored, Entry& entry) const {
  entry.position = event.position;
  const std::optional<event::v1::EventRecord> record = ToPublic(engine_, event, stored);
  if (!record.has_value()) return;
  entry.bytes = record->SerializeAsString();
  SOUK_CHECK(entry.event.Parse(entry.bytes), "a message is as it was serialised");
}

void PublicTail::DropOld() {
  for (; bytes_ > bytes_max_ && entries_.size() > 1; ++begin_) {
    bytes_ -= Cost(entries_.front());
    entries_.pop_front();
  }
}

}  // namespace souk
