#include "libs/testing/counter.h"

namespace souk::testing {

using Events = Counter::Events;

StatusOr<Events> Counter::Decide(const State& counter, const Open& command, absl::Time) {
  if (!counter.owner().empty()) return IllegalTransition("counter is open already");
  if (command.owner.empty()) return InvalidField("owner", "is required");
  Event event;
  event.mutable_opened()->set_owner(command.owner);
  return Events{event};
}

StatusOr<Events> Counter::Decide(const State& counter, const Add& command, absl::Time) {
  if (counter.owner().empty()) return NotFound("no such counter");
  if (counter.closed()) return IllegalTransition("counter is closed");
  if (command.amount == 0) return Events{};
  Event event;
  event.mutable_added()->set_amount(command.amount);
  return Events{event};
}

StatusOr<Events> Counter::Decide(const State& counter, const Report& command, absl::Time) {
  if (counter.reported() >= command.value) return Events{};
  Event event;
  event.mutable_reported()->set_value(command.value);
  return Events{event};
}

StatusOr<Events> Counter::Decide(const State& counter, const Close& command, absl::Time) {
  if (counter.owner().empty()) return NotFound("no such counter");
  if (counter.closed()) return Events{};
  Event event;
  event.mutable_closed()->set_reason(command.reason);
  return Events{event};
}

void Counter::Evolve(State& counter, const Event& event) {
  switch (event.kind_case()) {
    case Event::kOpened:
      counter.set_owner(event.opened().owner());
      break;
    case Event::kAdded:
      counter.set_value(counter.value() + event.added().amount());
      counter.set_additions(counter.additions() + 1);
      break;
    case Event::kReported:
      counter.set_reported(event.reported().value());
      break;
    case Event::kClosed:
      counter.set_closed(true);
      break;
    case Event::KIND_NOT_SET:
      break;  // The engine refuses these.
  }
}

void Counter::Index(const Id& id, const State& counter, IndexRows& rows) {
  if (counter.owner().empty()) return;
  rows.Add("counters_by_owner", counter.owner() + "/" + id.str(), counter.SerializeAsString());
}

void Counter::React(const Id&, const State& counter, const Event& event, absl::Time now,
                    Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kOpened:
      reactions.Start({.kind = "idle", .due = now + absl::Hours(24)});
      break;
    case Event::kAdded:
      reactions.Start({.kind = "idle", .due = now + absl::Hours(24)});
      if (counter.value() / 100 > (counter.value() - event.added().amount()) / 100) {
        reactions.Start({.kind = "report", .payload = std::to_string(counter.value())});
      }
      break;
    case Event::kReported:
      reactions.Cancel("report");
      break;
    case Event::kClosed:
      reactions.Cancel("idle");
      reactions.Cancel("report");
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

}  // namespace souk::testing
