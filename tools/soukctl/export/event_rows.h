// Events as rows of tables: what is known of an event comes as one column `event`, beside
// it stand the fields of its message.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/mutex.h"
#include "souk/event/v1/event_record.pb.h"
#include "tools/soukctl/schema/event_plan.h"
#include "tools/soukctl/schema/event_schema.h"

namespace souk::ctl {

struct EventTable {
  std::string name;  // order_placed
  EventPlan plan;

  // A line of a file of JSON Lines. False when the payload is no such message: `out` is
  // as it was then.
  bool AppendJsonRow(std::string_view service, const event::v1::EventRecord& event, std::string& out) const;
  // A line of a CSV file, as RFC 4180 has it.
  bool AppendCsvRow(std::string_view service, const event::v1::EventRecord& event, std::string& out) const;
  std::string CsvHeaderRow() const;
  // With the column `event`.
  std::vector<EventPlan::Column> Columns() const;
};

// Thread-safe.
class EventTables {
 public:
  // `schema` must outlive this. `stored`: of events as stored, instead of public ones.
  EventTables(const EventSchema& schema, bool stored) : schema_(schema), stored_(stored) {}

  // Null when the schema does not know the event.
  const EventTable* Find(const std::string& service, const event::v1::EventRecord& event);
  // Null when there is no such event.
  const EventTable* FindPublic(const std::string& type);

 private:
  const EventTable* Make(const google::protobuf::Descriptor* message);

  const EventSchema& schema_;
  const bool stored_;
  Mutex mutex_;
  std::map<const google::protobuf::Descriptor*, std::unique_ptr<EventTable>> tables_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace souk::ctl
