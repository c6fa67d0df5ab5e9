#include "tools/soukctl/schema/event_schema.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "libs/base/suggestion.h"
#include "tools/soukctl/schema/embedded_schema.h"

namespace souk::ctl {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

namespace {

bool IsPublic(const FileDescriptor& file) { return file.package().find(".events.v") != std::string::npos; }

// The messages of `file` that are no part of another one.
void AddPublic(const FileDescriptor& file, std::vector<const Descriptor*>& events) {
  std::set<const Descriptor*> parts;
  for (int i = 0; i < file.message_type_count(); ++i) {
    const Descriptor& message = *file.message_type(i);
    for (int f = 0; f < message.field_count(); ++f) parts.insert(message.field(f)->message_type());
  }
  for (int i = 0; i < file.message_type_count(); ++i) {
    if (!parts.contains(file.message_type(i))) events.push_back(file.message_type(i));
  }
}

void AddStored(const FileDescriptor& file, std::vector<const Descriptor*>& events) {
  for (int i = 0; i < file.message_type_count(); ++i) {
    const Descriptor& message = *file.message_type(i);
    const bool is_event =
        absl::EndsWith(message.name(), "Event") && message.FindOneofByName("kind") != nullptr;
    if (is_event) events.push_back(&message);
  }
}

// order_group: OrderGroup
std::string InCamelCase(std::string_view snake_case) {
  std::string name;
  bool upper = true;
  for (const char c : snake_case) {
    if (c != '_') name.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    upper = c == '_';
  }
  return name;
}

std::string OneLine(std::string comment) {
  std::replace(comment.begin(), comment.end(), '\n', ' ');
  absl::RemoveExtraAsciiWhitespace(&comment);
  return comment;
}

template <typename D>
std::string Comment(const D& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return "";
  return OneLine(location.leading_comments);
}

}  // namespace

const EventSchema& EventSchema::OfThisRelease() {
  static const EventSchema& schema =
      *Read({EmbeddedEventsSchema(), EmbeddedStoredEventsSchema()}).value().release();
  return schema;
}

StatusOr<std::unique_ptr<EventSchema>> EventSchema::Read(const std::vector<std::string_view>& schemas) {
  std::unique_ptr<EventSchema> schema(new EventSchema());
  for (const std::string_view bytes : schemas) {
    FileDescriptorSet files;
    if (!files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return InvalidArgument("the schema is no FileDescriptorSet");
    }
    for (const FileDescriptorProto& proto : files.file()) {  // What is imported comes first.
      if (schema->pool_.FindFileByName(proto.name()) != nullptr) continue;
      const FileDescriptor* const file = schema->pool_.BuildFile(proto);
      if (file == nullptr) {
        return InvalidArgument("the schema lacks what %s imports; write it with --include_imports",
                               proto.name());
      }
      IsPublic(*file) ? AddPublic(*file, schema->public_events_) : AddStored(*file, schema->stored_events_);
    }
  }
  for (auto* const events : {&schema->public_events_, &schema->stored_events_}) {
    std::sort(events->begin(), events->end(),
              [](const Descriptor* a, const Descriptor* b) { return a->full_name() < b->full_name(); });
  }
  return schema;
}

const Descriptor* EventSchema::FindPublic(std::string_view type) const {
  for (const Descriptor* const event : public_events_) {
    if (event->full_name() == type || event->name() == type || TableName(*event) == type) return event;
  }
  return nullptr;
}

StatusOr<const Descriptor*> EventSchema::FindPublicOrSuggest(std::string_view type) const {
  const Descriptor* const found = FindPublic(type);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const Descriptor* const event : public_events_) names.push_back(event->name());
  return NotFound("there is no public event \"%s\"%s soukctl events schema lists all of them", type,
                  Suggestion(type.substr(type.rfind('.') + 1), names));
}

std::vector<std::string> EventSchema::StoredTypes() const {
  std::vector<std::string> types;
  for (const Descriptor* const event : stored_events_) {
    const std::string aggregate(absl::StripSuffix(TableName(*event), "_event"));
    const google::protobuf::OneofDescriptor& kinds = *event->FindOneofByName("kind");
    for (int i = 0; i < kinds.field_count(); ++i) types.push_back(aggregate + "." + kinds.field(i)->name());
  }
  types.push_back("engine.effect_ended");
  return types;
}

StatusOr<std::string> EventSchema::TypeOrSuggest(std::string_view type, bool stored) const {
  const std::vector<std::string> stored_types = StoredTypes();
  const bool is_stored = std::find(stored_types.begin(), stored_types.end(), type) != stored_types.end();
  if (stored && is_stored) return std::string(type);
  if (stored) {
    if (FindPublic(type) != nullptr) return NotFound("%s is a public event; leave out --stored", type);
    return NotFound("there is no stored event \"%s\"%s", type, Suggestion(type, stored_types));
  }
  if (is_stored) return NotFound("%s is a stored event; add --stored", type);
  ASSIGN_OR_RETURN(const Descriptor* const event, FindPublicOrSuggest(type));
  return event->full_name();
}

const Descriptor* EventSchema::FindStored(std::string_view service, std::string_view aggregate,
                                          std::string_view type) const {
  if (aggregate.empty()) {  // engine.effect_ended
    return pool_.FindMessageTypeByName("souk.engine.v1." + InCamelCase(type.substr(type.find('.') + 1)));
  }
  return pool_.FindMessageTypeByName("souk." + std::string(service) + ".v1." + InCamelCase(aggregate) +
                                     "Event");
}

std::string TableName(const Descriptor& event) {
  std::string name;
  for (const char c : event.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !name.empty()) name.push_back('_');
    name.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string ServiceOf(const Descriptor& event) {
  const std::string& package = event.file()->package();  // souk.order.events.v1
  const std::size_t start = package.find('.') + 1;
  return package.substr(start, package.find('.', start) - start);
}

std::string CommentOf(const Descriptor& message) { return Comment(message); }
std::string CommentOf(const FieldDescriptor& field) { return Comment(field); }

}  // namespace souk::ctl
