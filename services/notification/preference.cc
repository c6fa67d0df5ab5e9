#include "services/notification/preference.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/proto_time.h"

namespace souk::notification {

StatusOr<Preference::Events> Preference::Decide(const State& state, const Choose& command, absl::Time now) {
  if (command.category == v1::CATEGORY_UNSPECIFIED || !v1::Category_IsValid(command.category)) {
    return InvalidField("category", "name one");
  }
  if (command.category == v1::CATEGORY_TRANSACTIONAL) {
    if (command.enabled) return Events();
    return Rejected("CATEGORY_REQUIRED", {}, "mails that belong to an order are always sent");
  }
  if (Wants(state, command.category) == command.enabled) return Events();
  Events events(1);
  v1::PreferenceChanged& changed = *events[0].mutable_changed();
  changed.set_recipient(command.recipient);
  changed.set_category(command.category);
  changed.set_enabled(command.enabled);
  *changed.mutable_change_time() = ToProto(now);
  return events;
}

void Preference::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kChanged: {
      const v1::PreferenceChanged& changed = event.changed();
      std::set<int> opted_out(state.opted_out().begin(), state.opted_out().end());
      if (changed.enabled()) {
        opted_out.erase(changed.category());
      } else {
        opted_out.insert(changed.category());
      }
      state.set_recipient(changed.recipient());
      state.mutable_opted_out()->Assign(opted_out.begin(), opted_out.end());
      *state.mutable_change_time() = changed.change_time();
      break;
    }
    case Event::KIND_NOT_SET:
      break;
  }
}

bool Wants(const v1::PreferenceState& state, v1::Category category) {
  if (category == v1::CATEGORY_TRANSACTIONAL) return true;
  return std::find(state.opted_out().begin(), state.opted_out().end(), category) == state.opted_out().end();
}

Preference::Id PreferenceIdFor(std::string_view recipient) {
  std::string id(recipient);
  std::replace(id.begin(), id.end(), '/', ':');
  return Preference::Id::Of(std::move(id));
}

}  // namespace souk::notification
