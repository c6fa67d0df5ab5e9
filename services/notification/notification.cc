#include "services/notification/notification.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "libs/base/uuid.h"

namespace souk::notification {
namespace {

using State = Notification::State;
using Event = Notification::Event;
using Events = Notification::Events;

Events One(Event event) {
  Events events;
  events.push_back(std::move(event));
  return events;
}

Status Illegal(const State& state, std::string_view what) {
  if (state.state() == State::STATE_UNSPECIFIED) return NotFound("no such notification");
  return IllegalTransition("notification is %s; it cannot be %s", State::State_Name(state.state()).substr(6),
                           what);
}

Event DeadLettered(const State& state, std::string_view cause) {
  Event event;
  *event.mutable_dead_lettered()->mutable_facts() = state.facts();
  event.mutable_dead_lettered()->set_cause(std::string(cause));
  return event;
}

}  // namespace

StatusOr<Events> Notification::Decide(const State& state, const Request& command, absl::Time now) {
  if (state.state() != State::STATE_UNSPECIFIED) return Events();
  Event event;
  v1::NotificationRequested& requested = *event.mutable_requested();
  *requested.mutable_facts() = command.facts;
  *requested.mutable_request_time() = ToProto(now);
  *requested.mutable_send_time() = ToProto(std::max(now, command.send_time));
  return One(std::move(event));
}

StatusOr<Events> Notification::Decide(const State& state, const Suppress& command, absl::Time) {
  if (state.state() != State::STATE_REQUESTED && state.state() != State::STATE_FAILED) return Events();
  Event event;
  event.mutable_suppressed()->set_reason(command.reason);
  return One(std::move(event));
}

StatusOr<Events> Notification::Decide(const State& state, const StartSending& command, absl::Time now) {
  if (state.state() == State::STATE_SENDING) return Events();
  if (state.state() != State::STATE_REQUESTED && state.state() != State::STATE_FAILED) {
    return Illegal(state, "sent");
  }
  Events events(2);
  events[0].mutable_rendered()->set_content_hash(command.content_hash);
  events[1].mutable_sending_started()->set_attempt(state.attempts() + 1);
  *events[1].mutable_sending_started()->mutable_message_time() = ToProto(now);
  return events;
}

StatusOr<Events> Notification::Decide(const State& state, const RecordSent& command, absl::Time now) {
  if (state.state() == State::STATE_SENT) return Events();
  if (state.state() != State::STATE_SENDING) return Illegal(state, "recorded as sent");
  Events events(1);
  v1::NotificationSent& sent = *events[0].mutable_sent();
  *sent.mutable_facts() = state.facts();
  *sent.mutable_sent_time() = ToProto(now);
  sent.set_content_hash(command.content_hash);
  if (state.facts().category() == v1::CATEGORY_REVIEWS) {
    *events.emplace_back().mutable_review_invited()->mutable_facts() = state.facts();
  }
  return events;
}

StatusOr<Events> Notification::Decide(const State& state, const RecordUnknown& command, absl::Time) {
  if (state.state() == State::STATE_UNKNOWN) return Events();
  if (state.state() != State::STATE_SENDING) return Illegal(state, "recorded as unknown");
  Event event;
  event.mutable_outcome_unknown()->set_cause(command.cause);
  return One(std::move(event));
}

StatusOr<Events> Notification::Decide(const State& state, const RecordFailure& command, absl::Time now) {
  if (state.state() != State::STATE_SENDING) return Illegal(state, "recorded as failed");
  if (state.attempts() >= kSendAttemptsMax) return One(DeadLettered(state, command.cause));
  Event event;
  event.mutable_failed()->set_cause(command.cause);
  const auto failures = static_cast<std::size_t>(std::max(state.attempts(), 1));
  *event.mutable_failed()->mutable_retry_time() = ToProto(now + kSendPauses[failures - 1]);
  return One(std::move(event));
}

StatusOr<Events> Notification::Decide(const State& state, const GiveUp& command, absl::Time) {
  if (state.state() == State::STATE_DEAD_LETTERED) return Events();
  if (state.state() != State::STATE_REQUESTED && state.state() != State::STATE_FAILED &&
      state.state() != State::STATE_SENDING) {
    return Illegal(state, "given up");
  }
  return One(DeadLettered(state, command.cause));
}

StatusOr<Events> Notification::Decide(const State& state, const Retry&, absl::Time now) {
  if (state.state() != State::STATE_DEAD_LETTERED && state.state() != State::STATE_UNKNOWN) {
    return Illegal(state, "tried again");
  }
  Event event;
  *event.mutable_retried()->mutable_retry_time() = ToProto(now);
  return One(std::move(event));
}

void Notification::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kRequested:
      state.set_state(State::STATE_REQUESTED);
      *state.mutable_facts() = event.requested().facts();
      *state.mutable_request_time() = event.requested().request_time();
      *state.mutable_send_time() = event.requested().send_time();
      break;
    case Event::kSuppressed:
      state.set_state(State::STATE_SUPPRESSED);
      state.set_suppress_reason(event.suppressed().reason());
      break;
    case Event::kRendered:
      state.set_state(State::STATE_RENDERED);
      state.set_content_hash(event.rendered().content_hash());
      break;
    case Event::kSendingStarted:
      state.set_state(State::STATE_SENDING);
      state.set_attempts(event.sending_started().attempt());
      *state.mutable_message_time() = event.sending_started().message_time();
      state.clear_failure();
      break;
    case Event::kSent:
      state.set_state(State::STATE_SENT);
      *state.mutable_sent_time() = event.sent().sent_time();
      state.set_content_hash(event.sent().content_hash());
      break;
    case Event::kOutcomeUnknown:
      state.set_state(State::STATE_UNKNOWN);
      state.set_failure(event.outcome_unknown().cause());
      break;
    case Event::kFailed:
      state.set_state(State::STATE_FAILED);
      state.set_failure(event.failed().cause());
      *state.mutable_send_time() = event.failed().retry_time();
      break;
    case Event::kDeadLettered:
      state.set_state(State::STATE_DEAD_LETTERED);
      state.set_failure(event.dead_lettered().cause());
      break;
    case Event::kRetried:
      state.set_state(State::STATE_REQUESTED);
      state.set_attempts(0);
      *state.mutable_send_time() = event.retried().retry_time();
      break;
    case Event::kReviewInvited:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Notification::React(const Id&, const State& state, const Event& event, absl::Time,
                         Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kRequested:
    case Event::kFailed:
    case Event::kRetried:
      reactions.Start({.kind = kSendEffect, .key = "", .payload = "", .due = FromProto(state.send_time())});
      break;
    case Event::kSuppressed:
    case Event::kSent:
    case Event::kOutcomeUnknown:
    case Event::kDeadLettered:
      reactions.Cancel(kSendEffect);
      break;
    case Event::kRendered:
    case Event::kSendingStarted:
    case Event::kReviewInvited:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Notification::Index(const Id& id, const State& state, IndexRows& rows) {
  if (state.state() == State::STATE_UNSPECIFIED) return;
  const std::string key = SortableTime(FromProto(state.request_time())) + "/" + id.str();
  rows.Add("notifications", key);
  rows.Add("notifications_by_recipient", state.facts().recipient() + "/" + key);
  if (!state.facts().order_id().empty())
    rows.Add("notifications_by_order", state.facts().order_id() + "/" + key);
  if (state.state() == State::STATE_DEAD_LETTERED || state.state() == State::STATE_UNKNOWN) {
    rows.Add("notifications_needing_attention", key);
  }
}

Notification::Id NotificationIdFor(const v1::NotificationFacts& facts) {
  const bool once = facts.category() == v1::CATEGORY_REVIEWS;
  const std::string cause = once ? facts.order_id() : facts.cause_event_id();
  return Notification::Id::Of(
      DerivedUuid("notification", cause + "/" + facts.template_name(), facts.recipient()));
}

}  // namespace souk::notification
