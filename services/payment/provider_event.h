// The inbox of webhooks: each is stored as it came and acknowledged, and applied to its
// operation afterwards. So one that comes before we know the operation is not lost, and
// one that comes twice has one effect.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "services/payment/provider.h"
#include "souk/payment/v1/provider_event_events.pb.h"

namespace souk::payment {

struct Receive {
  std::string reference;
  v1::ProviderOutcome outcome = v1::PROVIDER_OUTCOME_UNSPECIFIED;
  std::string failure_code;
};
// It was applied to its operation.
struct MarkApplied {};
// Its operation was not found; `attempts` is how often it had not been found before.
struct MarkUnmatched {
  std::int32_t attempts = 0;
};

struct ProviderEvent {
  static constexpr const char* kName = "provider_event";
  using Id = StrongId<ProviderEvent>;  // The provider's own id.
  using State = v1::ProviderEventState;
  using Event = v1::ProviderEventEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Receive& receive, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const MarkApplied& applied, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const MarkUnmatched& unmatched, absl::Time now);
  static void Evolve(State& state, const Event& event);
  // Effect "apply", again later while the operation is not known.
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);
};

// What a stored webhook says.
ProviderResult ResultOf(const v1::ProviderEventState& state);

}  // namespace souk::payment
