#include "tools/soukctl/events/schema_command.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/soukctl/schema/embedded_schema.h"
#include "tools/soukctl/schema/event_schema.h"
#include "tools/soukctl/table.h"

namespace souk::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->full_name();
  if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
  return field.is_repeated() ? "repeated " + type : type;
}

Status WriteSchema(const std::string& path) {
  const std::string_view schema = EmbeddedEventsSchema();
  if (path == "-") {
    std::cout.write(schema.data(), static_cast<std::streamsize>(schema.size())).flush();
    return std::cout ? OkStatus() : Internal("cannot write to stdout");
  }
  std::ofstream file(path, std::ios::binary);
  file.write(schema.data(), static_cast<std::streamsize>(schema.size()));
  file.close();
  return file ? OkStatus() : Internal("cannot write %s", path);
}

void ListEvents(bool json) {
  nlohmann::ordered_json list = nlohmann::json::array();
  Table table({"EVENT", "TABLE", "WHAT"});
  for (const Descriptor* const event : EventSchema::OfThisRelease().public_events()) {
    table.Add({event->full_name(), TableName(*event), CommentOf(*event)});
    list.push_back({{"type", event->full_name()},
                    {"service", ServiceOf(*event)},
                    {"table", TableName(*event)},
                    {"comment", CommentOf(*event)}});
  }
  json ? static_cast<void>(std::puts(list.dump(2).c_str())) : table.Print();
}

void ListFields(const Descriptor& event, bool json) {
  nlohmann::ordered_json list = nlohmann::json::array();
  Table table({"FIELD", "NUMBER", "TYPE", "WHAT"});
  for (int i = 0; i < event.field_count(); ++i) {
    const FieldDescriptor& field = *event.field(i);
    table.Add({field.name(), std::to_string(field.number()), TypeOf(field), CommentOf(field)});
    list.push_back({{"name", field.name()},
                    {"number", field.number()},
                    {"type", TypeOf(field)},
                    {"comment", CommentOf(field)}});
  }
  if (json) {
    std::puts(list.dump(2).c_str());
    return;
  }
  std::printf("%s: %s\n", event.full_name().c_str(), CommentOf(event).c_str());
  table.Print();
}

}  // namespace

Status ShowSchema(const SchemaOptions& options) {
  if (!options.out.empty()) return WriteSchema(options.out);
  if (options.type.empty()) {
    ListEvents(options.json);
    return OkStatus();
  }
  ASSIGN_OR_RETURN(const Descriptor* const event,
                   EventSchema::OfThisRelease().FindPublicOrSuggest(options.type));
  ListFields(*event, options.json);
  return OkStatus();
}

}  // namespace souk::ctl
