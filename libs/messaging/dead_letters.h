// The events of one feed that a service could not deal with, in its store, together with the
// later ones of the same aggregates, which wait behind them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/storage/store.h"
#include "souk/engine/v1/delivery.pb.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// Where an event stands in the log that it comes from.
struct EventPlace {
  std::uint32_t partition = 0;
  std::uint64_t position = 0;
  friend auto operator<=>(const EventPlace&, const EventPlace&) = default;
};

class DeadLetters {
 public:
  // What is known of each without reading it.
  struct Entry {
    std::string aggregate;  // "order/4711"
    std::string reason;
    absl::Time set_aside_time;
  };

  // `store` must outlive it.
  DeadLetters(std::string source, Store& store) : source_(std::move(source)), store_(store) {}

  // Finds those of a partition.
  Status Load(std::uint32_t partition);

  // "order/4711"
  static std::string AggregateOf(const event::v1::EventRecord& event);
  // Whether an event of this aggregate waits, so that later ones have to wait as well.
  bool Holds(const std::string& aggregate) const { return waiting_.contains(aggregate); }

  const std::map<EventPlace, Entry>& entries() const { return entries_; }
  std::uint64_t CountOf(const std::string& aggregate) const;
  std::optional<EventPlace> FirstOf(const std::string& aggregate) const;
  // The aggregates whose first one was set aside for this reason.
  std::vector<std::string> SetAsideFor(std::string_view reason) const;
  // How many there are, by reason. Those that there were once are there with 0,
  // and so is EARLIER_EVENT, that of events which only wait.
  std::map<std::string, std::uint64_t> CountByReason() const;
  std::optional<absl::Time> oldest() const;

  // Holds the event from now on. It is stored when `batch` is written.
  void Add(const engine::v1::SetAsideEvent& letter, Batch& batch);
  // Nothing while the batch that it was added to is not written.
  StatusOr<std::optional<engine::v1::SetAsideEvent>> Read(const EventPlace& place) const;
  // Stores what a further attempt has said.
  Task<Status> Replace(engine::v1::SetAsideEvent letter);
  Task<Status> Remove(EventPlace place);

 private:
  std::string Prefix(std::uint32_t partition) const;
  std::string Key(const EventPlace& place) const;
  void Note(const engine::v1::SetAsideEvent& letter);

  const std::string source_;
  Store& store_;
  std::map<EventPlace, Entry> entries_;
  std::map<std::string, std::uint64_t> waiting_;  // How many, by aggregate.
  std::map<std::string, std::uint64_t> reasons_ = {{"EARLIER_EVENT", 0}};
};

}  // namespace souk
