// What a recipient wants to get. Everything, until he or she says otherwise; mails that
// belong to an order come always.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/notification/v1/preference_events.pb.h"

namespace souk::notification {

// Chooses. The same choice again: nothing.
struct Choose {
  std::string recipient;  // "buyer/4711"
  v1::Category category = v1::CATEGORY_UNSPECIFIED;
  bool enabled = true;
};

struct Preference {
  static constexpr const char* kName = "preference";
  using Id = StrongId<Preference>;
  using State = v1::PreferenceState;
  using Event = v1::PreferenceEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Choose& command, absl::Time now);
  static void Evolve(State& state, const Event& event);
};

// Whether notifications of `category` go to someone with these preferences.
bool Wants(const v1::PreferenceState& state, v1::Category category);

// Ids have no '/': "buyer/4711" becomes "buyer:4711".
Preference::Id PreferenceIdFor(std::string_view recipient);

}  // namespace souk::notification
