// What events look like: their messages as this release has them.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::ctl {

// Thread-safe.
class EventSchema {
 public:
  // The one of this release, which soukctl carries.
  static const EventSchema& OfThisRelease();

  // `schemas`: serialised FileDescriptorSets with all that they import. INVALID_ARGUMENT when
  // they are not.
  static StatusOr<std::unique_ptr<EventSchema>> Read(const std::vector<std::string_view>& schemas);

  // All public events, in order of their names. A message that is only a part of others,
  // such as a line of an order, is none.
  const std::vector<const google::protobuf::Descriptor*>& public_events() const { return public_events_; }
  // The messages with the oneof `kind` that events are stored as, in order of their names.
  const std::vector<const google::protobuf::Descriptor*>& stored_events() const { return stored_events_; }
  // Null when there is no such event. `type` is a message's full name, or its last word.
  const google::protobuf::Descriptor* FindPublic(std::string_view type) const;
  // As FindPublic, but NOT_FOUND with the nearest event's name.
  StatusOr<const google::protobuf::Descriptor*> FindPublicOrSuggest(std::string_view type) const;
  // Types of stored events, such as "order_group.placed".
  std::vector<std::string> StoredTypes() const;
  // The type as entries of logs have it, of a public event under any of its names, or of a
  // stored one. NOT_FOUND with the nearest event's name, or that it is one of the other kind.
  StatusOr<std::string> TypeOrSuggest(std::string_view type, bool stored) const;
  // What an aggregate's events are stored as, such as souk.order.v1.OrderEvent; without an
  // aggregate, what an entry of the engine of this type is. Null when there is none.
  const google::protobuf::Descriptor* FindStored(std::string_view service, std::string_view aggregate,
                                                 std::string_view type) const;

 private:
  EventSchema() = default;
  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::Descriptor*> public_events_;
  std::vector<const google::protobuf::Descriptor*> stored_events_;
};

// The name of an event's table or file: "order_placed" for souk.order.events.v1.OrderPlaced.
std::string TableName(const google::protobuf::Descriptor& event);
// The service of a public event: "order".
std::string ServiceOf(const google::protobuf::Descriptor& event);
// What its author says about a message or a field, on one line.
std::string CommentOf(const google::protobuf::Descriptor& message);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);

}  // namespace souk::ctl
