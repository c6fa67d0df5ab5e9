// Rows of some events that follow each other in a log. They are made apart from all others,
// by any thread, so that several batches can be made at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tools/soukctl/export/event_rows.h"
#include "tools/soukctl/export/event_writer.h"
#include "tools/soukctl/export/export_selection.h"

namespace souk::ctl {

class EventBatch {
 public:
  // `selection`, `tables` and `service` must outlive the batch.
  EventBatch(const Selection& selection, EventTables& tables, const std::string& service)
      : selection_(selection), tables_(tables), service_(service) {}

  // The next event. False when none that comes later is wanted.
  bool Add(const event::v1::EventRecord& event);

  const EventRows& rows() const { return rows_; }
  std::uint64_t events() const { return events_; }
  // How many events were left out because the schema does not know them, by type.
  const std::map<std::string, std::uint64_t>& unknown() const { return unknown_; }
  // The position of the first event that is too late to be wanted.
  std::optional<std::uint64_t> end() const { return end_; }
  // DATA_LOSS when an event's payload is not what its type says.
  const Status& status() const { return status_; }

 private:
  const Selection& selection_;
  EventTables& tables_;
  const std::string& service_;
  std::map<std::string, const EventTable*, std::less<>> table_of_;  // By type; null: not known.
  EventRows rows_;
  std::uint64_t events_ = 0;
  std::map<std::string, std::uint64_t> unknown_;
  std::optional<std::uint64_t> end_;
  Status status_;
};

}  // namespace souk::ctl
