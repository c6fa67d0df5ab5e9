#include "tools/soukctl/schema/value_form.h"

namespace souk::ctl {

using google::protobuf::FieldDescriptor;

Form FormOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return Form::kString;
    case FieldDescriptor::TYPE_BYTES:
      return Form::kBytes;
    case FieldDescriptor::TYPE_BOOL:
      return Form::kBool;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED32:
    case FieldDescriptor::TYPE_SFIXED64:
      return Form::kSigned;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_FIXED64:
      return Form::kUnsigned;
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      return Form::kZigZag;
    case FieldDescriptor::TYPE_DOUBLE:
      return Form::kDouble;
    case FieldDescriptor::TYPE_FLOAT:
      return Form::kFloat;
    case FieldDescriptor::TYPE_ENUM:
      return Form::kEnum;
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP: {
      const std::string& name = field.message_type()->full_name();
      if (name == "google.protobuf.Timestamp") return Form::kTime;
      if (name == "google.protobuf.Duration") return Form::kDuration;
      return name == "google.type.Date" ? Form::kDate : Form::kPart;
    }
  }
  return Form::kPart;
}

std::string DuckType(const FieldDescriptor& field, Form form) {
  switch (form) {
    case Form::kString:
    case Form::kBytes:
    case Form::kEnum:
      return "VARCHAR";
    case Form::kBool:
      return "BOOLEAN";
    case Form::kSigned:
    case Form::kZigZag:
      return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? "INTEGER" : "BIGINT";
    case Form::kUnsigned:
      return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ? "UINTEGER" : "UBIGINT";
    case Form::kDouble:
    case Form::kFloat:
    case Form::kDuration:
      return "DOUBLE";
    case Form::kTime:
      return "TIMESTAMPTZ";
    case Form::kDate:
      return "DATE";
    case Form::kPart:
      return "";
  }
  return "";
}

}  // namespace souk::ctl
