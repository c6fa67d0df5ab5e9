// The events of a unit under way. Their records are used again and again, with the memory of
// their texts: a record has ten of them, and a busy partition makes thousands each second.
#pragma once

#include <cstddef>
#include <vector>

#include "libs/eventsourcing/state_cache.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

class StagedEvents {
 public:
  struct Event {
    event::v1::EventRecord record;
    CachedState* entry = nullptr;  // Null for the engine's own.
  };

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Event& operator[](std::size_t index) { return events_[index]; }

  // Adds an event whose record is empty; valid until the next one is added.
  Event& Add() {
    if (size_ == events_.size()) events_.emplace_back();
    return events_[size_++];
  }
  void Clear() {
    if (size_ > kKeptMax) events_.resize(size_ = kKeptMax);
    for (std::size_t i = 0; i < size_; ++i) {
      events_[i].record.Clear();
      events_[i].entry = nullptr;
    }
    size_ = 0;
  }

 private:
  static constexpr std::size_t kKeptMax = 16;  // Units of more events are rare.

  std::vector<Event> events_;  // Those behind the first `size_` are empty.
  std::size_t size_ = 0;
};

}  // namespace souk
