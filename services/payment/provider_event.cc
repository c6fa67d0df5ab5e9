#include "services/payment/provider_event.h"

#include <iterator>

#include "services/payment/payment_intent.h"

namespace souk::payment {
namespace {

using Event = v1::ProviderEventEvent;
using Events = std::vector<Event>;

}  // namespace

StatusOr<Events> ProviderEvent::Decide(const State& state, const Receive& receive, absl::Time) {
  if (state.state() != State::STATE_UNSPECIFIED) return Events{};
  Event event;
  event.mutable_received()->set_reference(receive.reference);
  event.mutable_received()->set_outcome(receive.outcome);
  event.mutable_received()->set_failure_code(receive.failure_code);
  return Events{event};
}

StatusOr<Events> ProviderEvent::Decide(const State& state, const MarkApplied&, absl::Time) {
  if (state.state() != State::STATE_RECEIVED) return Events{};
  Event event;
  event.mutable_applied();
  return Events{event};
}

StatusOr<Events> ProviderEvent::Decide(const State& state, const MarkUnmatched& unmatched, absl::Time) {
  if (state.state() != State::STATE_RECEIVED || unmatched.attempts != state.attempts()) return Events{};
  Event event;
  if (state.attempts() < static_cast<std::int32_t>(std::size(kResolvePauses))) {
    event.mutable_deferred()->set_attempts(state.attempts() + 1);
  } else {
    event.mutable_set_aside();
  }
  return Events{event};
}

void ProviderEvent::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kReceived:
      state.set_state(State::STATE_RECEIVED);
      state.set_reference(event.received().reference());
      state.set_outcome(event.received().outcome());
      state.set_failure_code(event.received().failure_code());
      return;
    case Event::kDeferred:
      state.set_attempts(event.deferred().attempts());
      return;
    case Event::kApplied:
      state.set_state(State::STATE_APPLIED);
      return;
    case Event::kSetAside:
      state.set_state(State::STATE_SET_ASIDE);
      return;
    case Event::KIND_NOT_SET:
      return;
  }
}

void ProviderEvent::React(const Id&, const State&, const Event& event, absl::Time now, Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kReceived:
      return reactions.Start({.kind = "apply"});
    case Event::kDeferred:
      return reactions.Start({.kind = "apply", .due = ResolveTime(event.deferred().attempts(), now)});
    case Event::kApplied:
    case Event::kSetAside:
      return reactions.Cancel("apply");
    case Event::KIND_NOT_SET:
      return;
  }
}

ProviderResult ResultOf(const v1::ProviderEventState& state) {
  ProviderResult result{.code = state.failure_code()};
  if (state.outcome() == v1::PROVIDER_OUTCOME_SUCCEEDED) result.kind = ProviderResult::Kind::kSucceeded;
  if (state.outcome() == v1::PROVIDER_OUTCOME_FAILED) result.kind = ProviderResult::Kind::kFailed;
  if (state.outcome() == v1::PROVIDER_OUTCOME_PENDING) result.kind = ProviderResult::Kind::kPending;
  return result;
}

}  // namespace souk::payment
