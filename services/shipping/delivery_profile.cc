#include "services/shipping/delivery_profile.h"

#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"

namespace souk::shipping {
namespace {

// What the seller can change.
std::string ContentOf(v1::DeliveryProfile profile) {
  profile.clear_version();
  profile.clear_create_time();
  profile.clear_update_time();
  return profile.SerializeAsString();
}

}  // namespace

StatusOr<DeliveryProfile::Events> DeliveryProfile::Decide(const State& state, const Define& command,
                                                          absl::Time now) {
  const bool is_theirs = state.has_profile() && state.profile().seller_id() == command.profile.seller_id();
  if (!command.is_new && !is_theirs) return NotFound("no such delivery profile");
  RETURN_IF_ERROR(InvalidFields(CheckProfile(command.profile)));
  if (state.has_profile() && ContentOf(state.profile()) == ContentOf(command.profile)) return Events();
  Events events(1);
  v1::DeliveryProfile& profile = *events[0].mutable_defined()->mutable_profile();
  profile = command.profile;
  profile.set_version(state.profile().version() + 1);
  *profile.mutable_create_time() = state.has_profile() ? state.profile().create_time() : ToProto(now);
  *profile.mutable_update_time() = ToProto(now);
  return events;
}

void DeliveryProfile::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kDefined:
      *state.mutable_profile() = event.defined().profile();
      break;
    case Event::KIND_NOT_SET:
      break;
  }
}

void DeliveryProfile::Index(const Id& id, const State& state, IndexRows& rows) {
  if (!state.has_profile()) return;
  const std::string time = SortableTime(FromProto(state.profile().create_time()));
  rows.Add("profiles_by_seller", state.profile().seller_id() + "/" + time + "/" + id.str());
}

}  // namespace souk::shipping
