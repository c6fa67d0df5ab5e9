// What an export holds, as it is written beside its files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "tools/soukctl/export/event_rows.h"
#include "tools/soukctl/export/event_writer.h"

namespace souk::ctl {

struct ExportRecord {
  std::string selection;                             // What was chosen, in words.
  std::map<std::string, std::uint64_t> checkpoints;  // By log, such as "order/0": all up to there is in.
  FileSizes files;
  std::uint64_t events = 0;
  std::vector<std::string> tables;  // Names of those that a file may be of.

  // Where it lies for an export to `out`.
  static std::string PathOf(ExportFormat format, const std::string& out);
  // NOT_FOUND when there is none.
  static StatusOr<ExportRecord> Read(const std::string& path);
  // `columns`: of which tables readers are told the columns.
  Status Write(const std::string& path, const std::vector<const EventTable*>& columns) const;

  // DATA_LOSS when a file beside the record at `path` has less than it should.
  Status CheckFiles(const std::string& path) const;
  // Removes the files of the export whose record lies at `path`.
  void RemoveFiles(const std::string& path) const;
};

// FAILED_PRECONDITION when at `out` is something of which no record says that it is an
// export. A single file may be overwritten by `force`.
Status RefuseOthers(ExportFormat format, const std::string& out, bool force);

}  // namespace souk::ctl
