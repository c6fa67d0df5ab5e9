// What an export holds, as it is written beside its files.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/event_rows.h"
#include "tools/soukctl/event_writer.h"

namespace souk::ctl {

struct ExportRecord {
  std::string selection;                             // What was chosen, in words.
  std::map<std::string, std::uint64_t> checkpoints;  // By log, such as "order/0": all up to there is in.
  FileSizes files;
  std::uint64_t events = 0;

  // Where it lies for an export to `out`.
  static std::string PathOf(ExportFormat format, const std::string& out);
  // NOT_FOUND when there is none.
  static StatusOr<ExportRecord> Read(const std::string& path);
  // `tables`: what the columns are, for readers.
  Status Write(const std::string& path, const std::vector<const EventTable*>& tables) const;
};

}  // namespace souk::ctl
