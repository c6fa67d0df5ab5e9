#include "tools/soukctl/export/export_selection.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "tools/soukctl/export/export_command.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {

StatusOr<Selection> ParseSelection(const ExportOptions& options, const EventSchema& schema) {
  Selection selection;
  ASSIGN_OR_RETURN(selection.format, ParseExportFormat(options.format));
  if (!options.since.empty()) {
    ASSIGN_OR_RETURN(selection.since, ParseTimeText(options.since));
  }
  if (!options.until.empty()) {
    ASSIGN_OR_RETURN(selection.until, ParseTimeText(options.until));
  }
  selection.to = options.to;
  if (!options.as_of.empty()) {
    ASSIGN_OR_RETURN(const Moment moment, ParseMoment(options.as_of));
    selection.as_of = moment.time;
    selection.to = std::min(selection.to, moment.position);
  }
  for (const std::string& type : options.types) {
    ASSIGN_OR_RETURN(selection.types.emplace_back(), schema.TypeOrSuggest(type, options.stored));
  }
  std::sort(selection.types.begin(), selection.types.end());
  selection.words = absl::StrFormat(
      "%s of %s, %s, after position %d%s, as %s", options.stored ? "stored events" : "public events",
      options.services.empty() ? "all services" : absl::StrJoin(options.services, ", "),
      selection.types.empty() ? "all types" : absl::StrJoin(selection.types, ", "), options.after,
      options.since.empty() ? "" : ", since " + options.since, options.format);
  return selection;
}

}  // namespace souk::ctl
