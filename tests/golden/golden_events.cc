#include "tests/golden/golden_events.h"

#include <filesystem>
#include <fstream>

#include "libs/base/check.h"
#include "tools/soukctl/schema/event_schema.h"

namespace souk::golden {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

namespace {

const Descriptor& Find(const std::string& full_name) {
  const Descriptor* const found = DescriptorPool::generated_pool()->FindMessageTypeByName(full_name);
  SOUK_CHECK(found != nullptr, full_name.c_str());
  return *found;
}

void CollectFields(const Descriptor& message, const std::string& prefix, std::set<std::string>& fields) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string path = prefix + field.name();
    fields.insert(path);
    const bool recursive = field.message_type() == &message;
    if (field.message_type() != nullptr && !recursive) {
      CollectFields(*field.message_type(), path + ".", fields);
    }
  }
}

void CollectSet(const Message& message, const std::string& prefix, std::set<std::string>& fields) {
  std::vector<const FieldDescriptor*> set;
  const Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* const field : set) {
    const std::string path = prefix + field->name();
    fields.insert(path);
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) CollectSet(reflection.GetMessage(message, field), path + ".", fields);
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
      CollectSet(reflection.GetRepeatedMessage(message, field, i), path + ".", fields);
    }
  }
}

class Filler {
 public:
  explicit Filler(const std::set<std::string>& covered) : covered_(covered) {}

  void Fill(Message& message, const std::string& prefix) {
    const Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.real_containing_oneof() == nullptr) FillField(message, field, prefix);
    }
    for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
      FillField(message, Choose(*type.oneof_decl(i), prefix), prefix);
    }
  }

  void FillField(Message& message, const FieldDescriptor& field, const std::string& prefix) {
    if (field.message_type() == message.GetDescriptor()) return;  // Would never end.
    const int values = field.is_repeated() ? 2 : 1;
    for (int i = 0; i < values; ++i) FillValue(message, field, prefix + field.name() + ".");
  }

 private:
  const FieldDescriptor& Choose(const OneofDescriptor& oneof, const std::string& prefix) const {
    for (int i = 0; i < oneof.field_count(); ++i) {
      if (!covered_.contains(prefix + oneof.field(i)->name())) return *oneof.field(i);
    }
    return *oneof.field(0);
  }

  void FillValue(Message& message, const FieldDescriptor& field, const std::string& prefix) {
    const Reflection& reflection = *message.GetReflection();
    const bool repeated = field.is_repeated();
    const auto number = static_cast<std::int32_t>(field.number() + ++filled_ * 100);
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(repeated ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field),
                    prefix);
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = field.name() + "-" + std::to_string(number);
        repeated ? reflection.AddString(&message, &field, value)
                 : reflection.SetString(&message, &field, value);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        repeated ? reflection.AddInt32(&message, &field, number)
                 : reflection.SetInt32(&message, &field, number);
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        repeated ? reflection.AddInt64(&message, &field, number)
                 : reflection.SetInt64(&message, &field, number);
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        repeated ? reflection.AddUInt32(&message, &field, static_cast<std::uint32_t>(number))
                 : reflection.SetUInt32(&message, &field, static_cast<std::uint32_t>(number));
        return;
      case FieldDescriptor::CPPTYPE_UINT64:
        repeated ? reflection.AddUInt64(&message, &field, static_cast<std::uint64_t>(number))
                 : reflection.SetUInt64(&message, &field, static_cast<std::uint64_t>(number));
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        repeated ? reflection.AddBool(&message, &field, true) : reflection.SetBool(&message, &field, true);
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = 1 + number % (field.enum_type()->value_count() - 1);  // Not the unspecified one.
        repeated ? reflection.AddEnum(&message, &field, field.enum_type()->value(value))
                 : reflection.SetEnum(&message, &field, field.enum_type()->value(value));
        return;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        repeated ? reflection.AddDouble(&message, &field, number)
                 : reflection.SetDouble(&message, &field, number);
        return;
      case FieldDescriptor::CPPTYPE_FLOAT:
        SOUK_CHECK(false, "no event has a float");
    }
  }

  const std::set<std::string>& covered_;
  int filled_ = 0;
};

}  // namespace

std::vector<Kind> AllKinds() {
  const ctl::EventSchema& schema = ctl::EventSchema::OfThisRelease();
  std::vector<Kind> kinds;
  for (const Descriptor* const event : schema.public_events()) {
    kinds.push_back({.name = event->full_name(), .message = event->full_name()});
  }
  for (const Descriptor* const event : schema.stored_events()) {
    const OneofDescriptor& oneof = *Find(event->full_name()).FindOneofByName("kind");
    for (int i = 0; i < oneof.field_count(); ++i) {
      kinds.push_back({.name = event->full_name() + "." + oneof.field(i)->name(),
                       .message = event->full_name(),
                       .field = oneof.field(i)});
    }
  }
  return kinds;
}

std::map<std::string, std::vector<Sample>> ReadSamples(const std::string& folder) {
  std::map<std::string, std::vector<Sample>> samples;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt" || entry.path().filename() == "CMakeLists.txt") continue;
    std::ifstream file(entry.path());
    std::string name;
    Sample sample;
    while (std::getline(file, name)) {
      if (name.empty() || name.front() == '#') continue;
      std::getline(file, sample.bytes);
      std::getline(file, sample.text);
      samples[name].push_back(sample);
    }
  }
  return samples;
}

std::unique_ptr<Message> NewMessage(const std::string& full_name) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&Find(full_name))->New());
}

std::set<std::string> FieldsOf(const Kind& kind) {
  std::set<std::string> fields;
  if (kind.field == nullptr) {
    CollectFields(Find(kind.message), "", fields);
  } else {
    fields.insert(kind.field->name());
    CollectFields(*kind.field->message_type(), kind.field->name() + ".", fields);
  }
  return fields;
}

std::set<std::string> FieldsIn(const Message& message) {
  std::set<std::string> fields;
  CollectSet(message, "", fields);
  return fields;
}

std::unique_ptr<Message> Fill(const Kind& kind, const std::set<std::string>& covered) {
  std::unique_ptr<Message> message = NewMessage(kind.message);
  Filler filler(covered);
  kind.field == nullptr ? filler.Fill(*message, "") : filler.FillField(*message, *kind.field, "");
  return message;
}

}  // namespace souk::golden
