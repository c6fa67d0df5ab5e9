// The notification aggregate: one mail to one recipient because of one event, from the
// moment it is asked for until it is sent, suppressed or given up.
//
// Its id is derived from the cause, so that one cause never leads to two mails: asking
// again changes nothing, also when all events are read again from the beginning. That it
// is about to be sent is recorded before it is sent.
//
//   REQUESTED -> SENDING -> SENT
//       |           |-> UNKNOWN (perhaps the mail server has it; an operator decides)
//       |           |-> FAILED -> SENDING ... -> DEAD_LETTERED -> (operator) REQUESTED
//       |-> SUPPRESSED
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/notification/v1/notification_events.pb.h"

namespace souk::notification {

// -- Commands --

// Asks for it. Again: nothing.
struct Request {
  v1::NotificationFacts facts;
  absl::Time send_time = absl::InfinitePast();  // Not before; at once when it has passed.
};

// It is not needed any more. Nothing happens when it is too late, or was never asked for.
struct Suppress {
  v1::SuppressReason reason = v1::SUPPRESS_REASON_UNSPECIFIED;
};

// The message was made and is about to be handed over. Again while it is being sent:
// nothing, so that the attempt goes on with the same date.
struct StartSending {
  std::string content_hash;  // SHA-256, hexadecimal.
};

// How an attempt ended.
struct RecordSent {
  std::string content_hash;
};
struct RecordUnknown {
  std::string cause;  // Without personal data, as everywhere here.
};
struct RecordFailure {
  std::string cause;  // It is worth trying again.
};

// It cannot be made, or the mail server will never take it.
struct GiveUp {
  std::string cause;
};

// An operator wants another try.
struct Retry {};

// Pauses after failures 1, 2, ...; after one more failure the message is given up.
// Source: the middle of the schedule of Standard Webhooks; 15 hours in all.
inline constexpr absl::Duration kSendPauses[] = {absl::Minutes(1), absl::Minutes(5), absl::Minutes(30),
                                                 absl::Hours(2),   absl::Hours(5),   absl::Hours(8)};
inline constexpr int kSendAttemptsMax = std::size(kSendPauses) + 1;

// Sends the message; the handler is in mail_sender.h.
inline constexpr char kSendEffect[] = "send";

struct Notification {
  static constexpr const char* kName = "notification";
  using Id = StrongId<Notification>;
  using State = v1::NotificationState;
  using Event = v1::NotificationEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Request& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Suppress& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const StartSending& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordSent& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordUnknown& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordFailure& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const GiveUp& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Retry& command, absl::Time now);

  static void Evolve(State& state, const Event& event);
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);

  // notifications:                 <request time>/<id>
  // notifications_by_recipient:    <recipient>/<request time>/<id>
  // notifications_by_order:        <order id>/<request time>/<id>
  // notifications_needing_attention: <request time>/<id>, given up or of unknown outcome
  static void Index(const Id& id, const State& state, IndexRows& rows);
};

// The one notification to this recipient, by this template, because of this event. An
// invitation to review is the only one about its order, whatever the event.
Notification::Id NotificationIdFor(const v1::NotificationFacts& facts);

}  // namespace souk::notification
