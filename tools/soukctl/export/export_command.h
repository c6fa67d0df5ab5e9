// soukctl events export: events as files for analysts.
//
// Beside the files lies a record of what they hold: FILE.export.json, or export.json in the
// folder. With it an export that was cut short goes on, and one that is complete goes on
// with what happened since.
#pragma once

#include <string>
#include <vector>

#include "tools/soukctl/export/event_source.h"

namespace souk::ctl {

struct ExportOptions {
  std::string format = "jsonl";
  std::string out = "-";
  std::vector<std::string> types;
  std::vector<std::string> services;
  std::string since, until, as_of;  // As typed; empty: no bound.
  std::uint64_t after = 0;
  std::uint64_t to = UINT64_MAX;
  bool stored = false;
  bool resume = false;
  bool force = false;
  bool tell = true;    // At the end, on stderr, how much it was.
  std::string schema;  // A FileDescriptorSet instead of the one of this release.
};

Status ExportEvents(EventSource& source, const ExportOptions& options);

}  // namespace souk::ctl
