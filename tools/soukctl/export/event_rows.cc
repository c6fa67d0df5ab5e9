#include "tools/soukctl/export/event_rows.h"

#include <charconv>

namespace souk::ctl {

using event::v1::EventRecord;

namespace {

void AppendNumber(std::uint64_t number, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// Calls `text`, `number` or `time` for each column of what is known of an event, in order.
template <typename Text, typename Number, typename Time>
void EachColumn(std::string_view service, const EventRecord& event, Text text, Number number, Time time) {
  text("service", service);
  number("partition", event.partition());
  number("position", event.position());
  text("event_id", event.event_id());
  text("type", event.type());
  text("aggregate", event.aggregate());
  text("aggregate_id", event.aggregate_id());
  number("revision", event.revision());
  time("occur_time", event.has_occur_time(), event.occur_time());
  time("record_time", event.has_record_time(), event.record_time());
  text("correlation_id", event.correlation_id());
  text("causation_id", event.causation_id());
  text("actor", event.actor());
}

}  // namespace

bool EventTable::AppendJsonRow(std::string_view service, const EventRecord& event, std::string& out) const {
  const std::size_t start = out.size();
  char separator = '{';
  const auto key = [&](std::string_view name) {
    out.push_back(separator);
    out.push_back('"');
    out.append(name);
    out.append("\":");
    separator = ',';
  };
  out.append("{\"event\":");
  EachColumn(
      service, event,
      [&](std::string_view column, std::string_view text) {
        key(column);
        AppendJsonString(text, out);
      },
      [&](std::string_view column, std::uint64_t number) {
        key(column);
        AppendNumber(number, out);
      },
      [&](std::string_view column, bool has, const google::protobuf::Timestamp& time) {
        key(column);
        out.append(has ? "\"" : "null");
        if (!has) return;
        AppendTime(time.seconds(), time.nanos(), out);
        out.push_back('"');
      });
  out.append("},");
  const std::size_t fields = out.size();
  if (!plan.AppendJsonFields(event.payload(), out)) {
    out.resize(start);
    return false;
  }
  if (out.size() == fields) out.pop_back();  // The comma: there are none.
  out.append("}\n");
  return true;
}

bool EventTable::AppendCsvRow(std::string_view service, const EventRecord& event, std::string& out) const {
  const std::size_t start = out.size();
  const auto separate = [&] {
    if (out.size() > start) out.push_back(',');
  };
  EachColumn(
      service, event,
      [&](std::string_view, std::string_view text) {
        separate();
        AppendCsvCell(text, out);
      },
      [&](std::string_view, std::uint64_t number) {
        separate();
        AppendNumber(number, out);
      },
      [&](std::string_view, bool has, const google::protobuf::Timestamp& time) {
        separate();
        if (has) AppendTime(time.seconds(), time.nanos(), out);
      });
  if (!plan.AppendCsvCells(event.payload(), out)) {
    out.resize(start);
    return false;
  }
  out.append("\r\n");
  return true;
}

std::string EventTable::CsvHeaderRow() const {
  std::string out;
  const auto append = [&](std::string_view column, const auto&...) {
    if (!out.empty()) out.push_back(',');
    out.append("event.");
    out.append(column);
  };
  EachColumn("", EventRecord(), append, append, append);
  plan.AppendCsvHeader("", out);
  return out + "\r\n";
}

std::vector<EventPlan::Column> EventTable::Columns() const {
  std::string type;
  const auto of_type = [&](const char* duck_type) {
    return [&type, duck_type](std::string_view column, const auto&...) {
      type += (type.empty() ? "STRUCT(\"" : ", \"") + std::string(column) + "\" " + duck_type;
    };
  };
  EachColumn("", EventRecord(), of_type("VARCHAR"), of_type("UBIGINT"), of_type("TIMESTAMPTZ"));
  std::vector<EventPlan::Column> columns = {{"event", type + ")"}};
  for (EventPlan::Column& column : plan.Columns()) columns.push_back(std::move(column));
  return columns;
}

const EventTable* EventTables::Find(const std::string& service, const EventRecord& event) {
  return stored_ ? Make(schema_.FindStored(service, event.aggregate(), event.type()))
                 : FindPublic(event.type());
}

const EventTable* EventTables::FindPublic(const std::string& type) { return Make(schema_.FindPublic(type)); }

const EventTable* EventTables::Make(const google::protobuf::Descriptor* message) {
  if (message == nullptr) return nullptr;
  const MutexLock lock(mutex_);
  std::unique_ptr<EventTable>& table = tables_[message];
  if (table == nullptr) table.reset(new EventTable{TableName(*message), EventPlan(*message)});
  return table.get();
}

}  // namespace souk::ctl
