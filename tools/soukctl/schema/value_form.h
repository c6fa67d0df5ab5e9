// How the value of a field is read from the wire, and what it is in a table.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <string>

namespace souk::ctl {

enum class Form : std::uint8_t {
  kString,
  kBytes,
  kBool,
  kSigned,
  kUnsigned,
  kZigZag,
  kDouble,
  kFloat,
  kEnum,
  kTime,
  kDate,
  kDuration,
  kPart,  // A message with columns of its own.
};

Form FormOf(const google::protobuf::FieldDescriptor& field);

// Of DuckDB, such as "BIGINT". Empty for a part, whose type depends on its columns.
std::string DuckType(const google::protobuf::FieldDescriptor& field, Form form);

}  // namespace souk::ctl
