// Writes events as JSON and CSV straight from their bytes, many times faster than protobuf's
// own printer: the message's descriptor is compiled into a plan once, and no message object
// is ever made.
//
// Unlike protobuf's JSON, every column is always there, so that each event of a kind has the
// same shape: fields that are not set have their default value, parts and times that are
// missing are null, and 64-bit integers are numbers. Times are RFC 3339 in UTC,
// google.type.Date is "2017-02-28", enumerators are their names, bytes are base64, and
// durations are seconds.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::ctl {

class EventPlan {
 public:
  explicit EventPlan(const google::protobuf::Descriptor& message);
  ~EventPlan();
  EventPlan(const EventPlan&) = delete;
  EventPlan& operator=(const EventPlan&) = delete;

  // Appends `"name":value,...` without braces: nothing for a message without fields. False
  // when the bytes are no such message; `out` has half of it then.
  bool AppendJsonFields(std::string_view bytes, std::string& out) const;

  // Columns of a CSV file: a part's are named "part.column", what is repeated is one column
  // that holds JSON. Both append `,cell` for each.
  void AppendCsvHeader(std::string_view prefix, std::string& out) const;
  bool AppendCsvCells(std::string_view bytes, std::string& out) const;

  struct Column {
    std::string name;
    std::string type;  // Of DuckDB, such as STRUCT(currency_code VARCHAR, minor_units BIGINT).
  };
  std::vector<Column> Columns() const;

  const std::string& name() const { return name_; }

 private:
  struct Field;
  struct Value;
  struct Scratch;

  bool AppendObject(std::string_view bytes, Scratch& scratch, std::string& out) const;
  bool AppendFields(std::string_view bytes, Scratch& scratch, std::string& out) const;
  bool AppendValue(const Field& field, const Value& value, Scratch& scratch, std::string& out) const;
  bool AppendPacked(const Field& field, std::string_view packed, Scratch& scratch, std::string& out) const;
  bool AppendList(const Field& field, std::size_t index, std::size_t begin, Scratch& scratch,
                  std::string& out) const;
  void AppendMissing(const Field& field, std::string& out) const;
  bool AppendCells(std::string_view bytes, Scratch& scratch, std::string& out) const;
  void AppendNoCells(std::string& out) const;
  bool Parse(std::string_view bytes, Scratch& scratch) const;

  const std::string name_;
  std::vector<Field> fields_;
  std::vector<std::int16_t> by_number_;  // Index into fields_; -1: not known.
};

// Appends `text` as JSON, with quotes.
void AppendJsonString(std::string_view text, std::string& out);
// Appends a cell of a CSV file, quoted when it must be (RFC 4180).
void AppendCsvCell(std::string_view text, std::string& out);
// Appends a time as RFC 3339 in UTC, without quotes.
void AppendTime(std::int64_t seconds, std::int32_t nanos, std::string& out);

}  // namespace souk::ctl
