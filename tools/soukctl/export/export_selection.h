// What an export has of the logs, as its options say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/soukctl/export/event_writer.h"
#include "tools/soukctl/schema/event_schema.h"

namespace souk::ctl {

struct ExportOptions;

struct Selection {
  ExportFormat format = ExportFormat::kJsonLines;
  std::vector<std::string> types;  // As records of events name them; empty: all.
  absl::Time since = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();  // Excluded.
  absl::Time as_of = absl::InfiniteFuture();  // Included.
  std::uint64_t to = UINT64_MAX;              // Included.
  // All of it but the ends, which may be later when an export goes on.
  std::string words;
};

// INVALID_ARGUMENT or NOT_FOUND, with what to say instead, when an option means nothing.
StatusOr<Selection> ParseSelection(const ExportOptions& options, const EventSchema& schema);

}  // namespace souk::ctl
