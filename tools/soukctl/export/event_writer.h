// The files that events are exported to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/export/event_rows.h"

namespace souk::ctl {

// Sizes of files by name, relative to the folder they are in.
using FileSizes = std::map<std::string, std::uint64_t>;

enum class ExportFormat { kJsonLines, kCsv, kParquet };
// "jsonl", "csv" or "parquet"; anything else is INVALID_ARGUMENT.
StatusOr<ExportFormat> ParseExportFormat(const std::string& name);

// Rows of events as a writer takes them, by table. Those of JSON Lines are in one file for
// all tables: null.
using EventRows = std::map<const EventTable*, std::string>;
// False, with nothing appended, when the event's payload is not what its type says.
bool AppendRow(ExportFormat format, const EventTable& table, std::string_view service,
               const event::v1::EventRecord& event, EventRows& rows);

class EventWriter {
 public:
  virtual ~EventWriter() = default;
  virtual Status Write(const EventRows& rows) = 0;
  // Puts all events so far on the disk; returns the files that have them, and how large
  // they are with nothing else in them.
  virtual StatusOr<FileSizes> Sync() = 0;
  // Whether Sync is worth while before the end.
  virtual bool ReadyToSync() const { return true; }
};

// `out` is a file, or "-", for JSON Lines, and otherwise a folder, with a file or a folder
// for each kind of event. Goes on after the `files` of an earlier export, and removes what
// else is in the folder and was made by one.
StatusOr<std::unique_ptr<EventWriter>> OpenEventWriter(ExportFormat format, const std::string& out,
                                                       const FileSizes& files);

}  // namespace souk::ctl
