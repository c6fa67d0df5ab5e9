// One transaction on the writer of a partition: several commands that become durable
// together or not at all.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate.h"
#include "libs/eventsourcing/aggregate_type.h"
#include "libs/eventsourcing/shared.h"

namespace souk {

class Unit {
 public:
  // What `now` is for every decision of this unit, and the record time of its events.
  virtual absl::Time now() const = 0;

  // The state with all that this unit and earlier ones did, durable or not yet. Valid
  // until the next call of Load or Execute.
  template <Aggregate A>
  StatusOr<const typename A::State*> Load(const typename A::Id& id) {
    ASSIGN_OR_RETURN(const google::protobuf::MessageLite* const state, LoadState(A::kName, id.str()));
    return static_cast<const typename A::State*>(state);
  }

  // The same, for as long as somebody wants to have it.
  template <Aggregate A>
  StatusOr<Shared<typename A::State>> Share(const typename A::Id& id) {
    ASSIGN_OR_RETURN(std::shared_ptr<const google::protobuf::Message> state, ShareState(A::kName, id.str()));
    return Shared(std::static_pointer_cast<const typename A::State>(std::move(state)));
  }

  // Decides `command` and stages its events. An error stages nothing of this command;
  // whoever made the unit must then give all of it up by returning the error.
  template <Aggregate A, typename Command>
  Status Execute(const typename A::Id& id, const Command& command) {
    ASSIGN_OR_RETURN(const typename A::State* const state, Load<A>(id));
    ASSIGN_OR_RETURN(const std::vector<typename A::Event> events, A::Decide(*state, command, now()));
    for (const typename A::Event& event : events) RETURN_IF_ERROR(Stage(A::kName, id.str(), event));
    return OkStatus();
  }

 protected:
  ~Unit() = default;

 private:
  virtual StatusOr<const google::protobuf::MessageLite*> LoadState(std::string_view aggregate,
                                                                   std::string_view id) = 0;
  virtual StatusOr<std::shared_ptr<const google::protobuf::Message>> ShareState(std::string_view aggregate,
                                                                                std::string_view id) = 0;
  virtual Status Stage(std::string_view aggregate, std::string_view id,
                       const google::protobuf::Message& event) = 0;
};

}  // namespace souk
