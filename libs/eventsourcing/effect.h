// An effect is something that must happen in the world outside because of an event: call
// another service, charge a card, send a mail; or, later, look whether something is
// overdue (a timer). Its intent is stored with the event; a handler then runs until it
// has worked, after crashes too. So a handler runs at least once, and passes on ids
// derived from the effect, which make the repetition harmless.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/principal.h"
#include "libs/base/task.h"

namespace souk {

// A started effect, as its handler sees it.
struct Effect {
  std::string effect_id;  // UUIDv5 of the causing event, kind and key: the same in every attempt.
  std::string aggregate;
  std::string aggregate_id;
  std::string kind;
  std::string key;
  std::string payload;
  absl::Time due;
  std::string cause_event_id;
  std::string correlation_id;
  int attempt = 1;  // Since the process started.

  // For what the handler does: request ids derived from this effect and `step`.
  CommandMetadata Metadata(std::string_view step = "") const;
};

// OK: the effect is done (an event whose React cancels it may have said so already).
// A transient error (IsTransient): it is tried again, with growing pauses, for ever.
// Any other error: it is set aside for an operator, and counted; that is a defect or a
// missing rule. A rejection that the business expects is not an error here: the handler
// turns it into a command that records it.
using EffectHandler = std::function<Task<Status>(Effect effect)>;

// Pauses before attempts 2, 3, ...; the last one repeats.
inline constexpr absl::Duration kRetryPauses[] = {absl::Milliseconds(200), absl::Seconds(1), absl::Seconds(5),
                                                  absl::Seconds(30), absl::Minutes(5)};

}  // namespace souk
