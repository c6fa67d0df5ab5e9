#include "libs/eventsourcing/aggregate_type.h"

#include <google/protobuf/descriptor.h>

#include "libs/base/check.h"

namespace souk {

std::string AggregateType::EventTypeName(std::string_view aggregate, const google::protobuf::Message& event) {
  const google::protobuf::Descriptor& type = *event.GetDescriptor();
  SOUK_CHECK(type.real_oneof_decl_count() == 1, "an event message has one oneof, called kind");
  const google::protobuf::OneofDescriptor* const kind = type.oneof_decl(0);
  SOUK_CHECK(kind->name() == "kind", "an event message has one oneof, called kind");
  const google::protobuf::FieldDescriptor* const field =
      event.GetReflection()->GetOneofFieldDescriptor(event, kind);
  SOUK_CHECK(field != nullptr, "an event has a kind");
  std::string name(aggregate);
  name.push_back('.');
  name.append(field->name());
  return name;
}

}  // namespace souk
