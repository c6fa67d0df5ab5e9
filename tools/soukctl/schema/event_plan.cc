#include "tools/soukctl/schema/event_plan.h"

#include <bit>
#include <charconv>

#include "absl/strings/escaping.h"
#include "libs/base/check.h"
#include "libs/base/wire_reader.h"
#include "tools/soukctl/schema/value_form.h"

namespace souk::ctl {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

namespace {

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void AppendDate(std::string_view bytes, std::string& out) {
  std::uint64_t parts[4] = {0, 0, 0, 0};
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() < 4) parts[reader.number()] = reader.value();
  }
  if (parts[1] == 0) {
    out.append("null");
    return;
  }
  out.push_back('"');
  const char separators[] = "\0--";
  for (int i = 1; i <= 3; ++i) {
    if (i > 1) out.push_back(separators[i - 1]);
    if (parts[i] < 10) out.push_back('0');
    AppendNumber(parts[i], out);
  }
  out.push_back('"');
}

// The two fields of a Timestamp or a Duration.
void ReadSeconds(std::string_view bytes, std::int64_t& seconds, std::int32_t& nanos) {
  seconds = 0;
  nanos = 0;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) seconds = static_cast<std::int64_t>(reader.value());
    if (reader.number() == 2) nanos = static_cast<std::int32_t>(reader.value());
  }
}

}  // namespace

struct EventPlan::Field {
  std::string key;  // "order_id": with quotes and colon.
  std::string name;
  Form form;
  bool repeated;
  bool present;  // Whether a missing one is null instead of the default.
  const FieldDescriptor* descriptor;
  std::unique_ptr<EventPlan> part;       // Of kPart; null for what would never end.
  std::vector<std::string> enumerators;  // By number, with quotes; empty where there is none.
};

struct EventPlan::Value {
  std::int16_t field;
  bool is_bytes;
  std::uint64_t number;
  std::string_view bytes;
};

// Values of the messages that are being written, the innermost last.
struct EventPlan::Scratch {
  std::vector<Value> values;
};

EventPlan::EventPlan(const Descriptor& message) : name_(message.full_name()) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    Field& added = fields_.emplace_back();
    added.name = field.name();
    added.key = "\"" + field.name() + "\":";
    added.form = FormOf(field);
    added.repeated = field.is_repeated();
    added.present = field.has_presence();
    added.descriptor = &field;
    if (added.form == Form::kPart && field.message_type() != &message) {
      added.part = std::make_unique<EventPlan>(*field.message_type());
    }
    if (added.form == Form::kEnum) {
      const EnumDescriptor& type = *field.enum_type();
      for (int v = 0; v < type.value_count(); ++v) {
        const auto number = static_cast<std::size_t>(type.value(v)->number());
        SOUK_CHECK(number < 1024, "an enumerator has a strange number");
        if (added.enumerators.size() <= number) added.enumerators.resize(number + 1);
        added.enumerators[number] = "\"" + type.value(v)->name() + "\"";
      }
    }
    const auto number = static_cast<std::size_t>(field.number());
    if (by_number_.size() <= number) by_number_.resize(number + 1, -1);
    by_number_[number] = static_cast<std::int16_t>(i);
  }
}

EventPlan::~EventPlan() = default;

bool EventPlan::Parse(std::string_view bytes, Scratch& scratch) const {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() >= by_number_.size()) continue;
    const std::int16_t field = by_number_[reader.number()];
    if (field < 0) continue;  // Of a later release.
    scratch.values.push_back({field, reader.is_bytes(), reader.value(), reader.bytes()});
  }
  return reader.ok();
}

bool EventPlan::AppendFields(std::string_view bytes, Scratch& scratch, std::string& out) const {
  const std::size_t begin = scratch.values.size();
  if (!Parse(bytes, scratch)) return false;
  const std::size_t end = scratch.values.size();
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (i > 0) out.push_back(',');
    out.append(field.key);
    if (field.repeated) {
      if (!AppendList(field, i, begin, scratch, out)) return false;
      continue;
    }
    std::size_t found = end;  // The last one counts.
    for (std::size_t v = begin; v < end; ++v) {
      if (scratch.values[v].field == static_cast<std::int16_t>(i)) found = v;
    }
    if (found == end) {
      AppendMissing(field, out);
    } else if (const Value value = scratch.values[found]; !AppendValue(field, value, scratch, out)) {
      return false;
    }
  }
  scratch.values.resize(begin);
  return true;
}

bool EventPlan::AppendList(const Field& field, std::size_t index, std::size_t begin, Scratch& scratch,
                           std::string& out) const {
  const std::size_t end = scratch.values.size();
  out.push_back('[');
  const std::size_t start = out.size();
  for (std::size_t v = begin; v < end; ++v) {
    const Value value = scratch.values[v];
    if (value.field != static_cast<std::int16_t>(index)) continue;
    const bool packed = value.is_bytes && field.form != Form::kString && field.form != Form::kBytes &&
                        field.descriptor->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    if (out.size() > start) out.push_back(',');
    if (packed ? !AppendPacked(field, value.bytes, scratch, out) : !AppendValue(field, value, scratch, out)) {
      return false;
    }
  }
  out.push_back(']');
  return true;
}

bool EventPlan::AppendPacked(const Field& field, std::string_view packed, Scratch& scratch,
                             std::string& out) const {
  const std::size_t start = out.size();
  while (!packed.empty()) {
    Value value{.field = 0, .is_bytes = false, .number = 0, .bytes = {}};
    if (!WireReader::ReadPacked(field.descriptor->type(), packed, value.number)) return false;
    if (out.size() > start) out.push_back(',');
    if (!AppendValue(field, value, scratch, out)) return false;
  }
  return true;
}

void EventPlan::AppendMissing(const Field& field, std::string& out) const {
  if (field.present) {
    out.append("null");
  } else if (field.form == Form::kString || field.form == Form::kBytes) {
    out.append("\"\"");
  } else if (field.form == Form::kBool) {
    out.append("false");
  } else if (field.form == Form::kEnum) {
    out.append(field.enumerators[0]);
  } else {
    out.push_back('0');
  }
}

bool EventPlan::AppendValue(const Field& field, const Value& value, Scratch& scratch,
                            std::string& out) const {
  switch (field.form) {
    case Form::kString:
      AppendJsonString(value.bytes, out);
      return true;
    case Form::kBytes:
      out.push_back('"');
      out.append(absl::Base64Escape({value.bytes.data(), value.bytes.size()}));
      out.push_back('"');
      return true;
    case Form::kBool:
      out.append(value.number != 0 ? "true" : "false");
      return true;
    case Form::kSigned: {
      const bool narrow = field.descriptor->type() == FieldDescriptor::TYPE_SFIXED32;
      AppendNumber(narrow ? static_cast<std::int32_t>(value.number) : static_cast<std::int64_t>(value.number),
                   out);
      return true;
    }
    case Form::kUnsigned:
      AppendNumber(value.number, out);
      return true;
    case Form::kZigZag:
      AppendNumber(static_cast<std::int64_t>((value.number >> 1) ^ (~(value.number & 1) + 1)), out);
      return true;
    case Form::kDouble:
      AppendNumber(std::bit_cast<double>(value.number), out);
      return true;
    case Form::kFloat:
      AppendNumber(std::bit_cast<float>(static_cast<std::uint32_t>(value.number)), out);
      return true;
    case Form::kEnum:
      if (value.number < field.enumerators.size() && !field.enumerators[value.number].empty()) {
        out.append(field.enumerators[value.number]);
      } else {  // Of a later release.
        out.push_back('"');
        AppendNumber(static_cast<std::int64_t>(value.number), out);
        out.push_back('"');
      }
      return true;
    case Form::kTime: {
      std::int64_t seconds;
      std::int32_t nanos;
      ReadSeconds(value.bytes, seconds, nanos);
      out.push_back('"');
      AppendTime(seconds, nanos, out);
      out.push_back('"');
      return true;
    }
    case Form::kDuration: {
      std::int64_t seconds;
      std::int32_t nanos;
      ReadSeconds(value.bytes, seconds, nanos);
      nanos == 0 ? AppendNumber(seconds, out)
                 : AppendNumber(static_cast<double>(seconds) + static_cast<double>(nanos) / 1e9, out);
      return true;
    }
    case Form::kDate:
      AppendDate(value.bytes, out);
      return true;
    case Form::kPart:
      if (field.part == nullptr) return out.append("null"), true;
      return field.part->AppendObject(value.bytes, scratch, out);
  }
  return false;
}

bool EventPlan::AppendObject(std::string_view bytes, Scratch& scratch, std::string& out) const {
  out.push_back('{');
  if (!AppendFields(bytes, scratch, out)) return false;
  out.push_back('}');
  return true;
}

bool EventPlan::AppendJsonFields(std::string_view bytes, std::string& out) const {
  thread_local Scratch scratch;
  scratch.values.clear();
  return AppendFields(bytes, scratch, out);
}

void EventPlan::AppendCsvHeader(std::string_view prefix, std::string& out) const {
  for (const Field& field : fields_) {
    const std::string name = std::string(prefix) + field.name;
    if (field.part != nullptr && !field.repeated) {
      field.part->AppendCsvHeader(name + ".", out);
    } else {
      out.push_back(',');
      out.append(name);
    }
  }
}

void EventPlan::AppendNoCells(std::string& out) const {
  for (const Field& field : fields_) {
    if (field.part != nullptr && !field.repeated) {
      field.part->AppendNoCells(out);
    } else {
      out.push_back(',');
    }
  }
}

bool EventPlan::AppendCsvCells(std::string_view bytes, std::string& out) const {
  thread_local Scratch scratch;
  scratch.values.clear();
  return AppendCells(bytes, scratch, out);
}

bool EventPlan::AppendCells(std::string_view bytes, Scratch& scratch, std::string& out) const {
  const std::size_t begin = scratch.values.size();
  if (!Parse(bytes, scratch)) return false;
  const std::size_t end = scratch.values.size();
  std::string cell;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    std::size_t found = end;
    for (std::size_t v = begin; v < end; ++v) {
      if (scratch.values[v].field == static_cast<std::int16_t>(i)) found = v;
    }
    if (field.part != nullptr && !field.repeated) {
      const std::string_view part = found == end ? std::string_view() : scratch.values[found].bytes;
      if (found == end) field.part->AppendNoCells(out);
      if (found != end && !field.part->AppendCells(part, scratch, out)) return false;
      continue;
    }
    out.push_back(',');
    cell.clear();
    if (field.repeated) {
      if (!AppendList(field, i, begin, scratch, cell)) return false;
    } else if (found == end) {
      AppendMissing(field, cell);
    } else if (field.form == Form::kString) {
      AppendCsvCell(scratch.values[found].bytes, out);
      continue;
    } else if (const Value value = scratch.values[found]; !AppendValue(field, value, scratch, cell)) {
      return false;
    }
    if (cell == "null") continue;
    const bool quoted = !field.repeated && cell.starts_with('"');  // JSON's quotes are not CSV's.
    AppendCsvCell(quoted ? std::string_view(cell).substr(1, cell.size() - 2) : std::string_view(cell), out);
  }
  scratch.values.resize(begin);
  return true;
}

std::vector<EventPlan::Column> EventPlan::Columns() const {
  std::vector<Column> columns;
  for (const Field& field : fields_) {
    std::string type = DuckType(*field.descriptor, field.form);
    if (field.form == Form::kPart) {
      std::string inner;
      if (field.part != nullptr) {
        for (const Column& column : field.part->Columns()) {
          inner += (inner.empty() ? "\"" : ", \"") + column.name + "\" " + column.type;
        }
      }
      type = inner.empty() ? "JSON" : "STRUCT(" + inner + ")";
    }
    columns.push_back({field.name, field.repeated ? type + "[]" : type});
  }
  return columns;
}

}  // namespace souk::ctl
